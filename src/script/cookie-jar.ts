/**
 * Cookies of one VU, as in k6: kept by the rules of RFC 6265 and forgotten when an iteration begins. No public
 * suffix list: a server may set a cookie for its own domain or one above it that has a dot.
 */
interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** ms since the epoch; Infinity for the session. */
  readonly expiresMs: number;
}

/** Cookies kept per VU; the oldest go first. */
const COOKIES_MAX = 200;

const domainMatches = (host: string, domain: string): boolean =>
  host === domain || host.endsWith(`.${domain}`);

const pathMatches = (path: string, prefix: string): boolean =>
  path === prefix || (path.startsWith(prefix) && (prefix.endsWith("/") || path[prefix.length] === "/"));

function expiryOf(attributes: ReadonlyMap<string, string>, nowMs: number): number {
  const maxAge = attributes.get("max-age");
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return nowMs + Number(maxAge) * 1000;
  const expires = Date.parse(attributes.get("expires") ?? "");
  return Number.isNaN(expires) ? Infinity : expires;
}

/** Reads one `Set-Cookie` value; undefined when this host may not set it. */
export function parseSetCookie(header: string, url: URL, nowMs: number): Cookie | undefined {
  const [pair = "", ...rest] = header.split(";");
  const equals = pair.indexOf("=");
  if (equals < 1) return undefined;
  const attributes = new Map(
    rest.map((part) => {
      const [name = "", value = ""] = part.split(/=(.*)/s);
      return [name.trim().toLowerCase(), value.trim()] as const;
    }),
  );
  const domain = (attributes.get("domain") ?? "").replace(/^\./, "").toLowerCase();
  if (
    domain !== "" &&
    (!domainMatches(url.hostname, domain) || (!domain.includes(".") && domain !== url.hostname))
  ) {
    return undefined;
  }
  const path = attributes.get("path") ?? "";
  return {
    name: pair.slice(0, equals).trim(),
    value: pair.slice(equals + 1).trim(),
    domain: domain === "" ? url.hostname : domain,
    hostOnly: domain === "",
    path: path.startsWith("/") ? path : url.pathname.slice(0, Math.max(1, url.pathname.lastIndexOf("/"))),
    secure: attributes.has("secure"),
    expiresMs: expiryOf(attributes, nowMs),
  };
}

export class CookieJar {
  /** Made for the first cookie: most VUs never get one. */
  #cookies: Map<string, Cookie> | undefined;

  get isEmpty(): boolean {
    return this.#cookies === undefined || this.#cookies.size === 0;
  }

  clear(): void {
    if (!this.isEmpty) this.#cookies?.clear();
  }

  /** Keeps (or, if expired, removes) what a response set. */
  keep(header: string, url: URL, nowMs = Date.now()): void {
    const cookie = parseSetCookie(header, url, nowMs);
    if (!cookie) return;
    const key = `${cookie.domain};${cookie.path};${cookie.name}`;
    const cookies = (this.#cookies ??= new Map());
    cookies.delete(key);
    if (cookie.expiresMs <= nowMs) return;
    cookies.set(key, cookie);
    if (cookies.size > COOKIES_MAX) cookies.delete(cookies.keys().next().value ?? "");
  }

  /** The `Cookie` header for a request, longer paths first; undefined when no cookie applies. */
  headerFor(
    url: URL,
    own: Readonly<Record<string, string>> | undefined,
    nowMs = Date.now(),
  ): string | undefined {
    const applies = (cookie: Cookie) =>
      (cookie.hostOnly ? url.hostname === cookie.domain : domainMatches(url.hostname, cookie.domain)) &&
      pathMatches(url.pathname, cookie.path) &&
      (!cookie.secure || url.protocol === "https:") &&
      cookie.expiresMs > nowMs &&
      !(own && cookie.name in own);
    const kept = [...(this.#cookies?.values() ?? [])]
      .filter(applies)
      .sort((a, b) => b.path.length - a.path.length);
    const pairs = [...kept.map(({ name, value }) => [name, value]), ...Object.entries(own ?? {})];
    return pairs.length === 0 ? undefined : pairs.map(([name, value]) => `${name}=${value}`).join("; ");
  }
}
