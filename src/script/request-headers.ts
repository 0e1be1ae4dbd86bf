/** The headers of one request, by k6's rules: what the script gave, then what it left to the client. */
import type { Target } from "./targets.ts";

/** What decides a request's headers beside its target. */
export interface HeaderParts {
  /** The script's own. */
  readonly own: Record<string, string> | undefined;
  /** Still the host that the script named: secrets stay there when a redirect leads away. */
  readonly isSameHost: boolean;
  /** Headers that speak of a body are left out. */
  readonly isBodyGone: boolean;
  readonly cookie: string | undefined;
}

/** Names and values in turn; `plain` are those that every request has unless the script gives them itself. */
export function requestHeaders(
  plain: readonly string[],
  target: Target,
  parts: HeaderParts,
): readonly string[] {
  const { cookie, isBodyGone, isSameHost, own } = parts;
  const headers: string[] = [];
  const given = new Set<string>();
  for (const name in own) {
    const lower = name.toLowerCase();
    if (!isSameHost && (lower === "authorization" || lower === "cookie")) continue;
    if (isBodyGone && (lower === "content-type" || lower === "content-encoding")) continue;
    given.add(lower);
    headers.push(name, String(own[name]));
  }
  for (let index = 0; index + 1 < plain.length; index += 2) {
    const name = plain[index] as string;
    if (!given.has(name.toLowerCase())) headers.push(name, plain[index + 1] as string);
  }
  if (target.authorization !== undefined && !given.has("authorization"))
    headers.push("Authorization", target.authorization);
  if (cookie !== undefined) headers.push("Cookie", cookie);
  return headers;
}
