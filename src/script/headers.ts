/**
 * Response headers as k6 shows them: canonical names, repeated values joined. Lower-case names work too but are
 * not enumerated, so that printing and comparing show each header once.
 */
/** A head as it came: its lines as one text (our client), or names and values in turn (undici). */
export type RawHead = string | readonly (Uint8Array | string)[];

/** `content-type` → `Content-Type`. */
export const canonicalName = (name: string): string =>
  name.toLowerCase().replace(/(?:^|-)[a-z]/g, (part) => part.toUpperCase());

const textOf = (value: Uint8Array | string | undefined): string =>
  typeof value === "string" ? value : Buffer.from(value ?? []).toString("latin1");

/** Pairs of a raw head, in order of arrival, names in lower case. */
export function pairsOf(raw: RawHead): [name: string, value: string][] {
  if (typeof raw === "string") return raw === "" ? [] : raw.trimEnd().split("\r\n").map(pairOf);
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    pairs.push([textOf(raw[index]).toLowerCase(), textOf(raw[index + 1])]);
  }
  return pairs;
}

function pairOf(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

/** The value of one header; undefined when it is absent. */
export function headerOf(raw: RawHead, name: string): string | undefined {
  return pairsOf(raw).find(([key]) => key === name)?.[1];
}

/** All headers, by canonical name. */
export function headersOf(raw: RawHead): Record<string, string> {
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
export function hasSetCookie(raw: RawHead): boolean {
  if (typeof raw === "string") return pairsOf(raw).some(([name]) => name === SET_COOKIE);
  for (let index = 0; index < raw.length; index += 2) {
    const name = raw[index];
    if (name?.length === SET_COOKIE.length && textOf(name).toLowerCase() === SET_COOKIE) return true;
  }
  return false;
}
