/**
 * Cookies of one VU, as in k6: kept by the rules of RFC 6265 and forgotten when an iteration begins. No public
 * suffix list: a server may set a cookie for its own domain or one above it that has a dot.
 */
import type { RequestCookie } from "./http-types.ts";
import { type Cookie, type CookieAttributes, cookieOf, parseSetCookie } from "./set-cookie.ts";

/** Cookies kept per VU; the oldest go first. */
const COOKIES_MAX = 200;

const domainMatches = (host: string, domain: string): boolean =>
  host === domain || host.endsWith(`.${domain}`);

const pathMatches = (path: string, prefix: string): boolean =>
  path === prefix || (path.startsWith(prefix) && (prefix.endsWith("/") || path[prefix.length] === "/"));

const keyOf = ({ domain, path, name }: Cookie): string => `${domain};${path};${name}`;

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
    if (cookie) this.#take(cookie, nowMs);
  }

  /** Keeps what a script made. @returns false when this URL may not have it */
  set(name: string, value: string, url: URL, attributes: CookieAttributes, nowMs = Date.now()): boolean {
    const cookie = cookieOf(name, value, attributes, url, nowMs);
    if (cookie) this.#take(cookie, nowMs);
    return cookie !== undefined;
  }

  /** The cookies that a request to this URL carries, longer paths first. */
  for(url: URL, nowMs = Date.now()): Cookie[] {
    const applies = (cookie: Cookie) =>
      (cookie.hostOnly ? url.hostname === cookie.domain : domainMatches(url.hostname, cookie.domain)) &&
      pathMatches(url.pathname, cookie.path) &&
      (!cookie.secure || url.protocol === "https:") &&
      cookie.expiresMs > nowMs;
    return [...(this.#cookies?.values() ?? [])].filter(applies).sort((a, b) => b.path.length - a.path.length);
  }

  forget(cookies: readonly Cookie[]): void {
    for (const cookie of cookies) this.#cookies?.delete(keyOf(cookie));
  }

  /** The `Cookie` header for a request, its own cookies last; undefined when no cookie applies. */
  headerFor(
    url: URL,
    own: Readonly<Record<string, string | RequestCookie>> | undefined,
    nowMs = Date.now(),
  ): string | undefined {
    const mine = Object.entries(own ?? {}).filter(([, cookie]) => cookie !== null && cookie !== undefined);
    const replaced = new Set(
      mine.flatMap(([name, cookie]) => (typeof cookie === "object" && cookie.replace ? [name] : [])),
    );
    const kept = this.isEmpty ? [] : this.for(url, nowMs).filter(({ name }) => !replaced.has(name));
    const pairs = [
      ...kept.map(({ name, value }) => `${name}=${value}`),
      ...mine.map(([name, cookie]) => `${name}=${typeof cookie === "object" ? cookie.value : cookie}`),
    ];
    return pairs.length === 0 ? undefined : pairs.join("; ");
  }

  #take(cookie: Cookie, nowMs: number): void {
    const cookies = (this.#cookies ??= new Map());
    const key = keyOf(cookie);
    cookies.delete(key);
    if (cookie.expiresMs <= nowMs) return;
    cookies.set(key, cookie);
    if (cookies.size > COOKIES_MAX) cookies.delete(cookies.keys().next().value ?? "");
  }
}
