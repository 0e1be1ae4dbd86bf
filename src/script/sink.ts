/**
 * Where samples of a VU go: a recorder behind a run clock. The engine implements it; scripts' code only adds.
 */
import type { MetricDefinition } from "../domain/metric/definition.ts";

export interface Sink {
  /** µs on the run clock. A sample belongs to the window in which it completes, so ask before adding. */
  nowUs(): number;
  /** Handle of a series; keep it, asking again costs a lookup. */
  series(metric: MetricDefinition, tags: Readonly<Record<string, string>>): number;
  /** Time trends in µs, counters and data in units, rates 0 or 1. */
  add(handle: number, value: number): void;
  /** A script gave a tag that is the mesh's own; it was left out. */
  readonly refusedTag?: (name: string) => void;
}
