/**
 * Digest authentication (RFC 7616): what a client answers to a `WWW-Authenticate: Digest` challenge. MD5, SHA-256 and
 * SHA-512-256, with `auth` or no quality of protection; it remembers no nonce, as k6's does not.
 */
import { createHash, randomBytes } from "node:crypto";

const HASHES: Readonly<Record<string, string>> = {
  MD5: "md5",
  "SHA-256": "sha256",
  "SHA-512-256": "sha512-256",
};

interface Login {
  readonly method: string;
  /** Path with query. */
  readonly uri: string;
  readonly username: string;
  readonly password: string;
}

/** The parameters of a challenge, names in lower case; undefined when it is no digest challenge. */
function challengeOf(header: string): ReadonlyMap<string, string> | undefined {
  const [, list] = /(?:^|,\s*)digest\s+(.*)$/is.exec(header) ?? [];
  if (list === undefined) return undefined;
  const pairs = list.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]+))/g);
  return new Map(
    [...pairs].map(([, name = "", text, token]) => [
      name.toLowerCase(),
      text?.replace(/\\(.)/g, "$1") ?? token ?? "",
    ]),
  );
}

/**
 * The `Authorization` header that answers a challenge; undefined when it asks for what is not supported.
 * @param cnonce the client's own nonce; chance, but for tests
 */
export function digestAnswer(
  challenge: string,
  login: Login,
  cnonce = randomBytes(16).toString("hex"),
): string | undefined {
  const asked = challengeOf(challenge);
  const algorithm = asked?.get("algorithm") ?? "MD5";
  const isSession = /-sess$/i.test(algorithm);
  const name = HASHES[algorithm.replace(/-sess$/i, "").toUpperCase()];
  const qops = asked
    ?.get("qop")
    ?.split(",")
    .map((each) => each.trim());
  if (!asked || name === undefined || (qops && !qops.includes("auth"))) return undefined;
  const hash = (text: string) => createHash(name).update(text).digest("hex");
  const { method, password, uri, username } = login;
  const [realm = "", nonce = "", opaque] = ["realm", "nonce", "opaque"].map((key) => asked.get(key));
  const own = hash(`${username}:${realm}:${password}`);
  const secret = isSession ? hash(`${own}:${nonce}:${cnonce}`) : own;
  const counted = qops ? `00000001:${cnonce}:auth:` : "";
  const response = hash(`${secret}:${nonce}:${counted}${hash(`${method}:${uri}`)}`);
  const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`;
  return [
    `Digest username=${quoted(username)}, realm=${quoted(realm)}, nonce=${quoted(nonce)}, uri=${quoted(uri)}`,
    `response="${response}", algorithm=${algorithm}`,
    ...(qops ? [`qop=auth, nc=00000001, cnonce="${cnonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
  ].join(", ");
}
