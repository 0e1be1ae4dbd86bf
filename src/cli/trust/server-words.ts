/**
 * What of a nats-server's log a person must see, in words that say what to do. Of links each change once: the server tries
 * every second, and calls a connection created before the other side has taken it.
 */

/** At the beginning alone: behind it there may be names, which whoever connects has chosen. */
const LEVEL = /^\[\d+\] \S+ \S+ \[(ERR|WRN|FTL)\] (.*)$/s;
const OF_CONNECTION = /^\S+:\d+ - [a-z]+id\S*:\d+ - /;
const DISK = /critical write error: .*no space left on device/;
/** Routine with foreign logins, which are told as such. */
const ACCOUNT_SOUGHT = /^Account \[A[A-Z2-7]{55}\] fetch took |^Account fetch failed: fetching jwt timed out/;

/** Of everything but links; undefined for what is routine. */
export function serverWords(line: string): string | undefined {
  const [, level, rest = ""] = LEVEL.exec(line) ?? [];
  if (level === undefined || ACCOUNT_SOUGHT.test(rest)) return undefined;
  return DISK.test(rest) && !OF_CONNECTION.test(rest)
    ? "its disk is full: nothing more is stored; make room on the disk of js, then stop and start this server"
    : rest;
}

const OF_LINK = /^\[\d+\] \S+ \S+ \[[A-Z]{3}\] \S+:\d+ - lid[^:\s]*:(\d+) - (.*)$/s;
const CREATED = /^Leafnode connection created(?: (for account:.*))?\s*$/;
/** Both sides say it once each has taken the other. */
const TAKEN = /^JetStream using domains: local "[^"]*", remote "([^"]*)"/;
const REFUSED = /^Leafnode Error '([^']*)'/;
const CLOSED = /^Leafnode connection closed: /;
const UNREACHED =
  /^\[\d+\] \S+ \S+ \[ERR\] Error trying to connect as leafnode to remote server "([^"]*)" \(attempt \d+\): (.*)$/;

const REFUSALS: Readonly<Record<string, string>> = {
  "User Authentication Revoked": "the parent has revoked this zone's credentials",
  "User Authentication Expired": "the credentials of the link have expired",
  "Authorization Violation":
    "the parent refuses the link: the credentials are revoked, expired or another hub's; new ones: mesh zone rotate NAME",
};

interface Link {
  /** This server dialled it. */
  readonly isAbove: boolean;
  /** What the other side calls itself; undefined until it has taken the link. */
  name: string | undefined;
  /** Why it will end. */
  refusal: string | undefined;
}

export class LinkWords {
  readonly #links = new Map<number, Link>();
  /** Why there is no link to the parent; each is told once. */
  readonly #told = new Set<string>();

  /** Undefined where the line is about something else, empty where there is nothing new to tell. */
  hear(line: string): string | undefined {
    const [, address, why] = UNREACHED.exec(line) ?? [];
    if (address !== undefined && why !== undefined) {
      const reason = why.replace(/^dial tcp \S+: (connect: )?/, "");
      return this.#once(`the parent at ${address} cannot be reached: ${reason}; it is tried again and again`);
    }
    const [, id, said = ""] = OF_LINK.exec(line) ?? [];
    return id === undefined ? undefined : this.#change(Number(id), said);
  }

  #change(id: number, said: string): string | undefined {
    const created = CREATED.exec(said);
    if (created !== null) {
      this.#links.set(id, { isAbove: created[1] !== undefined, name: undefined, refusal: undefined });
      return "";
    }
    const link = this.#links.get(id);
    if (link === undefined) return undefined;
    const refusal = link.isAbove ? REFUSALS[REFUSED.exec(said)?.[1] ?? ""] : undefined;
    if (refusal !== undefined) {
      link.refusal = refusal;
      return this.#once(refusal);
    }
    const name = TAKEN.exec(said)?.[1];
    if (name !== undefined && link.name === undefined) return this.#up(link, name);
    if (!CLOSED.test(said)) return undefined;
    this.#links.delete(id);
    if (link.name === undefined || link.refusal !== undefined) return "";
    return link.isAbove ? "the link to the parent is down" : `the link of ${link.name} is down`;
  }

  #up(link: Link, name: string): string {
    link.name = name;
    if (!link.isAbove) return `${name} is linked`;
    this.#told.clear();
    return "linked to the parent";
  }

  #once(words: string): string {
    if (this.#told.has(words)) return "";
    this.#told.add(words);
    return words;
  }
}
