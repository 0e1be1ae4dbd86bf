/**
 * Response headers as k6 shows them: canonical names, repeated values joined. Lower-case names work too but are
 * not enumerated, so that printing and comparing show each header once.
 */
import type { Dispatcher } from "undici";

type Raw = Dispatcher.DispatchController["rawHeaders"];

/** `content-type` → `Content-Type`. */
export const canonicalName = (name: string): string =>
  name.toLowerCase().replace(/(?:^|-)[a-z]/g, (part) => part.toUpperCase());

/** Pairs of a raw header list, in order of arrival, names in lower case. */
export function pairsOf(raw: Raw): [name: string, value: string][] {
  const pairs: [string, string][] = [];
  if (!Array.isArray(raw)) return pairs;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const value = raw[index + 1];
    pairs.push([
      String(raw[index]).toLowerCase(),
      typeof value === "string" ? value : (value?.toString("latin1") ?? ""),
    ]);
  }
  return pairs;
}

/** The value of one header; undefined when it is absent. */
export function headerOf(raw: Raw, name: string): string | undefined {
  return pairsOf(raw).find(([key]) => key === name)?.[1];
}

/** All headers, by canonical name. */
export function headersOf(raw: Raw): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of pairsOf(raw)) {
    const key = canonicalName(name);
    headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
  }
  for (const key of Object.keys(headers)) {
    const lower = key.toLowerCase();
    if (lower !== key) Object.defineProperty(headers, lower, { value: headers[key] });
  }
  return headers;
}

const SET_COOKIE = "set-cookie";

/** Looks at lengths first: most responses set no cookie, and this runs for each of them. */
export function hasSetCookie(raw: Raw): boolean {
  if (!Array.isArray(raw)) return false;
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index];
    if (name?.length === SET_COOKIE.length && String(name).toLowerCase() === SET_COOKIE) return true;
  }
  return false;
}
