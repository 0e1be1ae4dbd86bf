/** Sums over frames, per metric, scenario and status: the naive merge. */
import type { Definition, Frame } from "./frame.ts";
import { addBuckets, type Buckets } from "./histogram.ts";

export interface Total {
  sum: bigint;
  count: number;
  readonly buckets: Buckets;
}

/** By `metric scenario status`, with "-" for a tag that is not there. */
export type Totals = Map<string, Total>;

export const keyOf = (metric: string, scenario: string, status: string): string =>
  `${metric} ${scenario === "" ? "-" : scenario} ${status === "" ? "-" : status}`;

export function totalsOf(frames: readonly Frame[], definitions: ReadonlyMap<string, Definition>): Totals {
  const totals: Totals = new Map();
  for (const { id, sum, count, buckets } of frames.flatMap(({ series }) => series)) {
    const definition = definitions.get(id);
    const { metric = `undefined ${id}`, tags = {} } = definition ?? {};
    // Stages, also those of a scenario, are counted apart: only they are in a group here.
    const scenario = tags["group"] === undefined ? (tags["scenario"] ?? "") : "";
    const key = keyOf(metric, scenario, tags["status"] ?? "");
    const total = totals.get(key) ?? { sum: 0n, count: 0, buckets: new Map() };
    totals.set(key, total);
    total.sum += sum;
    total.count += count;
    addBuckets(total.buckets, buckets);
  }
  return totals;
}

/** In what two of them differ, in words; nothing when they are the same. */
export function differences(left: Totals, right: Totals): readonly string[] {
  const keys = [...new Set([...left.keys(), ...right.keys()])].toSorted();
  return keys.flatMap((key) => {
    const [one, other] = [textOf(left.get(key)), textOf(right.get(key))];
    return one === other ? [] : [`${key}: ${one} and ${other}`];
  });
}

const EMPTY: Total = { sum: 0n, count: 0, buckets: new Map() };

function textOf({ buckets, count, sum }: Total = EMPTY): string {
  const sorted = [...buckets].toSorted(([a], [b]) => a - b).map((pair) => pair.join("×"));
  const shown =
    sorted.length > 12 ? [...sorted.slice(0, 6), "…", hashOf(sorted), ...sorted.slice(-3)] : sorted;
  return `${sum}/${count} [${shown.join(" ")}]`;
}

/** Tells long lists apart in a short text. */
const hashOf = (items: readonly string[]): string => {
  let hash = 0;
  for (const character of items.join(" ")) hash = (Math.imul(hash, 31) + character.charCodeAt(0)) >>> 0;
  return hash.toString(16);
};
