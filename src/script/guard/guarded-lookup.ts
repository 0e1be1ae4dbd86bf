/** A look-up of names whose answers are judged: what is connected to is what was judged, whatever the name says later. */
import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";

/** The machine's own, as it was before any script ran: what a script puts in its place later says nothing here. */
export const systemLookup = lookup;

/**
 * @param judged says what forbids an address, if anything does; when all are forbidden, the first reason is the failure
 * @param refused is told of that failure
 */
export function guardedLookup<E extends Error>(
  lookup: LookupFunction,
  judged: (address: string) => E | undefined,
  refused: (problem: E) => void = () => undefined,
): LookupFunction {
  return (hostname, options, callback) =>
    lookup(hostname, options, (error, found, family) => {
      if (error) return callback(error, found, family);
      const addresses = [found].flat().map((each) => (typeof each === "string" ? each : each.address));
      const problems = addresses.map(judged);
      const [first] = problems;
      if (first !== undefined && problems.every((problem) => problem !== undefined)) {
        refused(first);
        return callback(first, Array.isArray(found) ? [] : "");
      }
      const kept = Array.isArray(found) ? found.filter((_, index) => problems[index] === undefined) : found;
      callback(null, kept, family);
    });
}
