/**
 * What a nats-server's log says of links, each change once: the server tries every second, and calls a connection created
 * before the other side has taken it. Where the other side says nothing, it is for somebody else to look at it.
 */
import { tlsWords } from "./link-tls-words.ts";

/** At the beginning alone: behind it there may be names, which whoever connects has chosen. */
const OF_LINK = /^\[\d+\] \S+ \S+ \[[A-Z]{3}\] (\S+:\d+) - lid[^:\s]*:(\d+) - (.*)$/s;
const CREATED = /^Leafnode connection created(?: (for account:.*))?\s*$/;
/** Both sides say it once each has taken the other. */
const TAKEN = /^JetStream using domains: local "[^"]*", remote "([^"]*)"/;
const REFUSED = /^Leafnode Error '([^']*)'/;
const INSECURE = /^TLS leafnode handshake error: (.*)$/;
const CLOSED = /^Leafnode connection closed: /;
const UNREACHED =
  /^\[\d+\] \S+ \S+ \[ERR\] Error trying to connect as leafnode to remote server "([^"]*)" \(attempt \d+\): (.*)$/;

const EXPIRED = "User Authentication Expired";
const VIOLATION = "Authorization Violation";

/** So often in a row the other side ends a link without a word: then it is no accident. */
const TRIES = 3;

interface Link {
  /** Where this server dialled it; undefined for one from below. */
  readonly above: string | undefined;
  /** What the other side calls itself; undefined until it has taken the link. */
  name: string | undefined;
  /** Something was told of why it will end. */
  isExplained: boolean;
}

/** The server above has taken the link, or ended it again and again without a word. */
export type AboveIs = "linked" | "silent";

export interface LinkListener {
  /** The command that makes new credentials of the link. */
  readonly renewal?: string | undefined;
  /** The server above calls credentials that have ended a violation, like others: whether this server's have. */
  readonly hasExpired?: (() => boolean) | undefined;
  readonly onAbove?: (address: string, is: AboveIs) => void;
}

export class LinkWords {
  readonly #links = new Map<number, Link>();
  /** Why there is no link to the parent; each is told once. */
  readonly #told = new Set<string>();
  readonly #listener: LinkListener;
  /** The parent has said why it ends the link; what it says of later tries is less. */
  #isRefused = false;
  #silent = 0;

  constructor(listener: LinkListener = {}) {
    this.#listener = listener;
  }

  /** True of what happens to a link that this server dialled. */
  isAbove(line: string): boolean {
    const [, , id] = OF_LINK.exec(line) ?? [];
    return id !== undefined && this.#links.get(Number(id))?.above !== undefined;
  }

  /** Undefined where the line is about something else, empty where there is nothing new to tell. */
  hear(line: string): string | undefined {
    const [, address, why] = UNREACHED.exec(line) ?? [];
    if (address !== undefined && why !== undefined) {
      const reason = why.replace(/^dial tcp \S+: (connect: )?/, "");
      return this.#once(`the parent at ${address} cannot be reached: ${reason}; it is tried again and again`);
    }
    const [, at = "", id, said = ""] = OF_LINK.exec(line) ?? [];
    return id === undefined ? undefined : this.#change(at, Number(id), said);
  }

  #change(at: string, id: number, said: string): string | undefined {
    const created = CREATED.exec(said);
    if (created !== null) {
      const above = created[1] === undefined ? undefined : at;
      this.#links.set(id, { above, name: undefined, isExplained: false });
      return "";
    }
    const link = this.#links.get(id);
    if (link === undefined) return undefined;
    const why = link.above === undefined ? brokenOff(said) : this.#refusal(link.above, said);
    if (why !== undefined) {
      link.isExplained = true;
      return why;
    }
    const name = TAKEN.exec(said)?.[1];
    if (name !== undefined && link.name === undefined) return this.#up(link, name);
    if (!CLOSED.test(said)) return undefined;
    this.#links.delete(id);
    return this.#down(link);
  }

  /** Why the link to the parent ends; empty where that was told, undefined where this is no reason. */
  #refusal(above: string, said: string): string | undefined {
    const insecure = INSECURE.exec(said)?.[1];
    if (insecure !== undefined) return this.#once(tlsWords(above, insecure));
    let error = REFUSED.exec(said)?.[1];
    if (error === VIOLATION && this.#listener.hasExpired?.() === true) error = EXPIRED;
    if (error === VIOLATION && this.#isRefused) return "";
    const words = error === undefined ? undefined : refusalWords(error, this.#listener.renewal);
    if (words === undefined) return undefined;
    this.#isRefused = true;
    return this.#once(words);
  }

  #down({ above, isExplained, name }: Link): string {
    if (name !== undefined && !isExplained)
      return above === undefined ? `the link of ${name} is down` : "the link to the parent is down";
    if (name !== undefined || above === undefined || isExplained) return "";
    this.#silent += 1;
    if (this.#silent === TRIES) this.#listener.onAbove?.(above, "silent");
    return "";
  }

  #up(link: Link, name: string): string {
    link.name = name;
    if (link.above === undefined) return `${name} is linked`;
    this.#told.clear();
    this.#isRefused = false;
    this.#silent = 0;
    this.#listener.onAbove?.(link.above, "linked");
    return "linked to the parent";
  }

  #once(words: string): string {
    if (this.#told.has(words)) return "";
    this.#told.add(words);
    return words;
  }
}

/** Somebody from below began with TLS and left: that is routine. */
const brokenOff = (said: string): string | undefined =>
  /^TLS leafnode handshake error: (?:EOF|read |write )/.test(said) ? "" : undefined;

function refusalWords(error: string, renewal = "mesh zone rotate NAME --hub DIR"): string | undefined {
  const renew = `whoever keeps the parent's folder makes new ones: ${renewal}`;
  switch (error) {
    case "User Authentication Revoked":
      return `the parent has revoked this zone's credentials; ${renew}`;
    case EXPIRED:
      return `the credentials of the link have expired; ${renew}`;
    case VIOLATION:
      return `the parent refuses the link: its credentials are revoked, expired or another hub's; ${renew}`;
    default:
      return undefined;
  }
}
