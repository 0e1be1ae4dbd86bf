/**
 * What a request's parameters and an answer mean, as in k6: its timeout, the tag `name`, where a redirect leads.
 */
import { DURATION_MAX_MS, millisecondsOf } from "../domain/plan/duration.ts";
import type { Exchange } from "./exchange.ts";
import { headerOf } from "./headers.ts";
import type { Params } from "./http-types.ts";
import { type Target, targetOf } from "./targets.ts";

/** @throws TypeError when the script gave a timeout that is no duration */
export function timeoutOf(params: Params | null | undefined, defaultMs: number): number {
  if (params?.timeout === undefined) return defaultMs;
  const timeoutMs = millisecondsOf(params.timeout);
  if (timeoutMs === undefined || timeoutMs <= 0) {
    throw new TypeError(`timeout ${JSON.stringify(params.timeout)} is not a duration such as "30s"`);
  }
  return Math.min(timeoutMs, DURATION_MAX_MS);
}

/** @throws TypeError for what is no text */
export function methodOf(method: unknown): string {
  if (typeof method === "string") return method.toUpperCase();
  throw new TypeError(`the method of a request must be a text such as "GET", but is ${String(method)}`);
}

/** Where a response sends its client; undefined when nowhere (or nowhere that HTTP can go). */
export function redirectOf(exchange: Exchange, from: Target): Target | undefined {
  if (exchange.error || exchange.status < 300 || exchange.status > 308) return undefined;
  if (![301, 302, 303, 307, 308].includes(exchange.status)) return undefined;
  const location = headerOf(exchange.head, "location");
  const url = location === undefined ? null : URL.parse(location, from.url.href);
  return url && /^https?:$/.test(url.protocol) ? targetOf(url.href) : undefined;
}
