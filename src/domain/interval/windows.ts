/**
 * The windows of one merger: what came for each and has not left yet, and who is in it. Relies on the accumulator;
 * decides nothing about time. Memory is bounded: accumulators are reused, and old windows that are complete are
 * forgotten (their late data then state only themselves).
 */
import { ByteReader, MalformedFrame } from "../metric/byte-reader.ts";
import type { Kind, Tags } from "../metric/definition.ts";
import type { SeriesId } from "../metric/series.ts";
import { Accumulator } from "./accumulator.ts";
import { Attendance, type Presence } from "./attendance.ts";
import { Coverage } from "./coverage.ts";
import { collectDefinitions } from "./definitions.ts";
import { type FrameHead, readFrameHead } from "./head.ts";
import type { HealthSample } from "./health.ts";
import type { SourceRanges } from "./ranges.ts";
import { SeriesLimit } from "./series-limit.ts";
import { readSeries } from "./series-section.ts";

/** Spare accumulators, each with memory for every series. */
const SPARE_MAX = 4;
const SERIES_MAX = 250_000;
/** Closed windows whose attendance is remembered, complete ones and all. */
const COMPLETE_KEPT = 120;
const CLOSED_KEPT = 20_000;

interface Pending {
  readonly accumulator: Accumulator;
  readonly adds: Coverage;
  health: HealthSample[];
}

/** What leaves with an interval. */
export interface Closing {
  readonly accumulator: Accumulator;
  readonly adds: readonly SourceRanges[];
  readonly health: readonly HealthSample[];
  readonly presence: Presence;
}

export class Windows {
  readonly #definitions: Map<SeriesId, string>;
  readonly #seriesMax: number;
  readonly #limit: SeriesLimit;
  readonly #kinds = new Map<SeriesId, Kind>();
  readonly #pending = new Map<number, Pending>();
  readonly #attendance = new Map<number, Attendance>();
  readonly #spare: Accumulator[] = [];

  /** `tags` are on every series of the run. */
  constructor(definitions: Map<SeriesId, string>, tags: Tags, seriesMax: number = SERIES_MAX) {
    this.#seriesMax = seriesMax;
    this.#definitions = definitions;
    this.#limit = new SeriesLimit(definitions, tags);
  }

  /** Learns the definitions of a frame that is not folded: one that an earlier incarnation of this node had folded. */
  learn(bytes: Uint8Array): void {
    if (this.#definitions.size >= this.#seriesMax) return;
    const reader = new ByteReader(bytes);
    readFrameHead(reader);
    reader.section();
    for (const [id, canonical] of collectDefinitions(reader, this.#definitions))
      this.#limit.admit(id, canonical);
  }

  /** Learns which kinds the series of an interval of this node have. */
  learnKinds(bytes: Uint8Array): void {
    const reader = new ByteReader(bytes);
    readFrameHead(reader);
    reader.section();
    collectDefinitions(reader, this.#definitions);
    readSeries(reader, (id, kind) => void this.#kinds.set(id, kind));
  }

  /** Folds a frame into its window; what is wrong with it, if anything (nothing of it is then in). */
  add(head: FrameHead, bytes: Uint8Array): string | undefined {
    if (this.#definitions.size >= this.#seriesMax) return `there are ${this.#seriesMax} series already`;
    const known = this.#pending.get(head.window);
    const pending = known ?? { accumulator: this.#accumulator(), adds: new Coverage(), health: [] };
    try {
      pending.accumulator.add(bytes);
    } catch (error) {
      if (known === undefined) this.release(pending.accumulator);
      if (error instanceof MalformedFrame) return error.message;
      throw error;
    }
    this.#pending.set(head.window, pending);
    pending.adds.add(head.source, [head.number, head.number]);
    pending.health.push(...head.health);
    this.#attend(head.window).report(head.source, head);
    return undefined;
  }

  #accumulator(): Accumulator {
    return this.#spare.pop() ?? new Accumulator(this.#definitions, this.#limit, this.#kinds);
  }

  #attend(window: number): Attendance {
    const known = this.#attendance.get(window);
    if (known !== undefined) return known;
    const attendance = new Attendance();
    this.#attendance.set(window, attendance);
    return attendance;
  }

  /** Windows with data that have not left, ascending. */
  pending(): number[] {
    return [...this.#pending.keys()].toSorted((a, b) => a - b);
  }

  hasData(window: number): boolean {
    return this.#pending.has(window);
  }

  /** Whether data of a child are in a window. */
  has(window: number, source: string): boolean {
    return this.#attendance.get(window)?.has(source) ?? false;
  }

  /** Takes what a window has out of it; the caller gives the accumulator back with `release`. */
  close(window: number, expected: readonly { readonly source: string; readonly workers: number }[]): Closing {
    const pending = this.#pending.get(window);
    this.#pending.delete(window);
    const attendance = this.#attend(window);
    for (const { source, workers } of expected) attendance.expect(source, workers);
    attendance.settle();
    this.#forget(window);
    return {
      accumulator: pending?.accumulator ?? this.#accumulator(),
      adds: pending?.adds.through ?? [],
      health: pending?.health ?? [],
      presence: attendance.total,
    };
  }

  #forget(closed: number): void {
    const old = closed - COMPLETE_KEPT;
    if (this.#attendance.get(old)?.isComplete === true && !this.#pending.has(old))
      this.#attendance.delete(old);
    const oldest = this.#attendance.keys().next().value;
    if (this.#attendance.size > CLOSED_KEPT && oldest !== undefined) this.#attendance.delete(oldest);
  }

  release(accumulator: Accumulator): void {
    accumulator.reset();
    if (this.#spare.length < SPARE_MAX) this.#spare.push(accumulator);
  }
}
