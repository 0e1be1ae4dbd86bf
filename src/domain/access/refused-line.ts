/**
 * What a line of a nats-server's log tells of a connection: that it was refused something, or that a link of a zone came
 * or went. Pure. Everything else in a log is undefined here.
 */

export interface RefusedLine {
  /** The server's own number of the connection. */
  readonly connection: number;
  /** Without the port: the same one comes from many. */
  readonly address: string;
  /** The name that it gave itself, which proves nothing; undefined where the line has none. */
  readonly calls: string | undefined;
  /** Public key that it came with, where the line has it. */
  readonly userKey: string | undefined;
  readonly operation: "publish" | "subscribe" | "connect" | "leaf";
  readonly subject: string;
  readonly detail: string;
}

export interface LinkLine {
  readonly connection: number;
  /** `dialled`: by this server, to the one above. */
  readonly is: "open" | "dialled" | "closed";
}

/** `[7] 2026/11/29 19:09:31.651721 [ERR] 127.0.0.1:52516 - cid:42 - `; a name behind it may have anything in it. */
const HEAD = /^\[\d+\] \S+ \S+ \[[A-Z]{3}\] (\S+):\d+ - ([clwm]id)[^:\s]*:(\d+) - (.*)$/s;
/** What a client calls itself, quoted; its account and user, quoted; and what happened. */
const PARTS = /^(?:("(?:[^"\\]|\\.)*") - )?(?:("(?:[^"\\]|\\.)*") - )?(.*)$/s;
const VIOLATION = /^(Publish|Subscription) Violation(?: - (?:Subject|Reply)| on) ("(?:[^"\\]|\\.)*")/;
/** A client's version, language and name. */
const CALLS = /^"v[^:"]*:[^:"]*:(.*)"$/;
const KEY = /(?:\/nkey:|Nkey ")(U[A-Z2-7]{55})"$/;
const LOGIN =
  /^(authentication error|authorization timeout|Authentication Timeout|TLS handshake error.*|TLS leafnode handshake error: (?!EOF|read |write ).*)/i;
const CREATED = /^Leafnode connection created(?: (for account:).*)?\s*$/;
const REVOKED = /^Leafnode connection closed: (Credentials Revoked|Authentication Expired)/;
const LONGEST = 200;

export function refusedLine(line: string): RefusedLine | undefined {
  const [, address = "", kind, id, said = ""] = HEAD.exec(line) ?? [];
  if (id === undefined) return undefined;
  const isLink = kind === "lid";
  const [, client = "", user = "", event = ""] = PARTS.exec(said) ?? [];
  const userKey = (KEY.exec(user) ?? KEY.exec(event))?.[1];
  const who = { connection: Number(id), address, calls: CALLS.exec(client)?.[1]?.slice(0, LONGEST), userKey };
  const [, verb, subject] = VIOLATION.exec(event) ?? [];
  if (verb !== undefined && subject !== undefined) {
    const operation = verb === "Publish" ? "publish" : "subscribe";
    return { ...who, operation, subject: unquoted(subject), detail: "" };
  }
  const why = LOGIN.exec(event)?.[1] ?? REVOKED.exec(event)?.[1];
  if (why === undefined) return undefined;
  return { ...who, operation: isLink ? "leaf" : "connect", subject: "", detail: why.slice(0, LONGEST) };
}

/** A server's own link to its parent says for which account it is. */
export function linkLine(line: string): LinkLine | undefined {
  const [, , kind, id, said = ""] = HEAD.exec(line) ?? [];
  if (kind !== "lid" || id === undefined) return undefined;
  const created = CREATED.exec(said);
  if (created !== null) return { connection: Number(id), is: created[1] === undefined ? "open" : "dialled" };
  return said.startsWith("Leafnode connection closed") ? { connection: Number(id), is: "closed" } : undefined;
}

/**
 * A link that is gone and had a name. The server writes that name as it is: one with line ends in it makes lines of the log
 * that look like any other.
 */
export function namedLink(line: string): number | undefined {
  const [, , kind, id, said = ""] = HEAD.exec(line) ?? [];
  const isNamed = kind === "lid" && /^Leafnode connection closed: .* - Remote: /s.test(said);
  return isNamed ? Number(id) : undefined;
}

/** As Go quotes it; an attacker chooses what is inside, so what cannot be printed stays quoted. */
const unquoted = (quoted: string): string =>
  quoted
    .slice(1, -1)
    .replaceAll(/\\(["\\])/g, "$1")
    .slice(0, LONGEST);
