/** One cookie: read from a `Set-Cookie` value or made by a script, by the rules of RFC 6265. It is kept elsewhere. */
import type { ResponseCookie } from "./http-types.ts";

export interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly domain: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
  /** ms since the epoch; Infinity for the session. */
  readonly expiresMs: number;
}

/** As they stand behind the value, names in lower case. */
export type CookieAttributes = ReadonlyMap<string, string>;

interface Parsed {
  readonly name: string;
  readonly value: string;
  readonly attributes: CookieAttributes;
}

function parse(header: string): Parsed | undefined {
  const [pair = "", ...rest] = header.split(";");
  const equals = pair.indexOf("=");
  if (equals < 1) return undefined;
  const attributes = new Map(
    rest.map((part) => {
      const [name = "", value = ""] = part.split(/=(.*)/s);
      return [name.trim().toLowerCase(), value.trim()] as const;
    }),
  );
  return { name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1).trim(), attributes };
}

const maxAgeOf = (attributes: CookieAttributes): number | undefined => {
  const maxAge = attributes.get("max-age");
  return maxAge !== undefined && /^-?\d+$/.test(maxAge) ? Number(maxAge) : undefined;
};

function expiryOf(attributes: CookieAttributes, nowMs: number): number {
  const maxAge = maxAgeOf(attributes);
  if (maxAge !== undefined) return nowMs + maxAge * 1000;
  const expires = Date.parse(attributes.get("expires") ?? "");
  return Number.isNaN(expires) ? Infinity : expires;
}

const domainOf = (attributes: CookieAttributes): string =>
  (attributes.get("domain") ?? "").replace(/^\./, "").toLowerCase();

function isAllowed(domain: string, host: string): boolean {
  return domain === "" || domain === host || (host.endsWith(`.${domain}`) && domain.includes("."));
}

/** A cookie with these attributes; undefined when this host may not set it. */
export function cookieOf(
  name: string,
  value: string,
  attributes: CookieAttributes,
  url: URL,
  nowMs: number,
): Cookie | undefined {
  const domain = domainOf(attributes);
  if (!isAllowed(domain, url.hostname)) return undefined;
  const path = attributes.get("path") ?? "";
  return {
    name,
    value,
    domain: domain === "" ? url.hostname : domain,
    hostOnly: domain === "",
    path: path.startsWith("/") ? path : url.pathname.slice(0, Math.max(1, url.pathname.lastIndexOf("/"))),
    secure: attributes.has("secure"),
    expiresMs: expiryOf(attributes, nowMs),
  };
}

/** Reads one `Set-Cookie` value; undefined when this host may not set it. */
export function parseSetCookie(header: string, url: URL, nowMs: number): Cookie | undefined {
  const parsed = parse(header);
  return parsed && cookieOf(parsed.name, parsed.value, parsed.attributes, url, nowMs);
}

/** What `Set-Cookie` headers say, by name, as `res.cookies` shows it. */
export function responseCookies(headers: readonly string[]): Record<string, ResponseCookie[]> {
  const cookies: Record<string, ResponseCookie[]> = {};
  for (const parsed of headers.map(parse)) {
    if (!parsed) continue;
    const { name, value, attributes } = parsed;
    const expires = Date.parse(attributes.get("expires") ?? "");
    (cookies[name] ??= []).push({
      name,
      value,
      domain: domainOf(attributes),
      path: attributes.get("path") ?? "",
      http_only: attributes.has("httponly"),
      secure: attributes.has("secure"),
      max_age: maxAgeOf(attributes) ?? 0,
      expires: Number.isNaN(expires) ? 0 : expires,
    });
  }
  return cookies;
}
