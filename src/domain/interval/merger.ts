/**
 * One inner node of the tree: takes the intervals of its direct children and makes its own. The same code is an agent
 * over its workers, a zone over its agents, and root over its zones. Relies on nothing but what it is given: the
 * caller says what time it is, who its children are, and stores what `close` returns before it acts on it.
 *
 * What makes it right: an offered (source, number) is folded at most once; what is folded into a window leaves with the
 * next interval of that window and is named in its `adds`; `through` is the union of all `adds` so far.
 */
import { ByteReader, MalformedFrame } from "../metric/byte-reader.ts";
import type { SeriesDefinition, Tags } from "../metric/definition.ts";
import { Announcer } from "./announcer.ts";
import { Child } from "./child.ts";
import { decodeHead } from "./codec.ts";
import { Coverage } from "./coverage.ts";
import type { IntervalHead } from "./frame.ts";
import { type FrameHead, readCoverage, readFrameHead } from "./head.ts";
import { type HealthSample, inZone, worstHealth } from "./health.ts";
import { nodeOf } from "./owner.ts";
import type { SourceRanges } from "./ranges.ts";
import { Windows } from "./windows.ts";

export interface MergerOptions {
  /** This node's own source. */
  readonly source: string;
  readonly windowMs: number;
  /** How long a window waits for live children after its end. */
  readonly latenessMs: number;
  /** Sources of the direct children that take part from window 0. */
  readonly children: readonly string[];
  /** Of a zone, its name: its agents are known by it from here on, whatever they call themselves. */
  readonly zone?: string;
  /** Whether a zone below, known by its source, may speak of an agent (`eu/a-1`); absent: of any. */
  readonly mayName?: (source: string, placed: string) => boolean;
  /** Windows that begin later than this from now are nobody's: clocks do not differ so much. Absent: any may come. */
  readonly aheadMs?: number;
  /** Series of all metrics and zones: beyond it whoever is below makes them up. */
  readonly seriesMax?: number;
  /** Tags of the plan: they are on every series. */
  readonly tags?: Tags;
  /** Definitions known from elsewhere, for example from the log of an earlier incarnation. */
  readonly definitionsKnown?: readonly SeriesDefinition[];
}

export type Offered = "added" | "duplicate" | "quarantined";

/** A frame that was not merged, and why. Each makes the run invalid. */
export interface Quarantined {
  readonly reason: string;
  readonly source: string | undefined;
  readonly number: number | undefined;
  readonly atMs: number;
}

/** In the node of a zone below: see `childNode`. */
const BELOW = "/";

/** How many quarantined frames are kept to be shown; all are counted. */
const QUARANTINE_KEPT = 100;

export class IntervalMerger {
  /** The first quarantined frames, and how many there were in all. */
  readonly quarantined: Quarantined[] = [];
  quarantinedCount = 0;
  readonly #options: MergerOptions;
  readonly #children = new Map<string, Child>();
  readonly #received: Coverage = new Coverage();
  readonly #closed: Coverage = new Coverage();
  readonly #aside: Coverage = new Coverage();
  readonly #announcer: Announcer;
  readonly #windows: Windows;
  #number = 0;
  #nextWindow = 0;
  #finalSent = false;

  constructor(options: MergerOptions) {
    this.#options = options;
    this.#announcer = new Announcer(options.definitionsKnown ?? []);
    this.#windows = new Windows(this.#announcer.known, options.tags ?? {}, options.seriesMax);
    for (const source of options.children) this.childJoined(source, 0);
  }

  /** Expects a further source (a new incarnation, a late agent) from a window on. */
  childJoined(source: string, fromWindow: number): void {
    if (!this.#children.has(source)) this.#children.set(source, new Child(source, fromWindow));
  }

  /**
   * Notes that a child publishes no more; `intervals` is how many it says it did, undefined when it is lost. One that
   * was given up may come back and say it after all; with `mayGrow` the child itself still waits for something.
   */
  childEnded(source: string, intervals: number | undefined, mayGrow = false): void {
    this.#children.get(source)?.ended(intervals, mayGrow);
  }

  /** Takes one frame of a child. Anything that contradicts is put aside with a reason and never summed. */
  offer(bytes: Uint8Array, nowMs: number): Offered {
    try {
      const reader = new ByteReader(bytes);
      const head = readFrameHead(reader);
      return this.#take({ ...head, ...readCoverage(reader.section()) }, bytes, nowMs);
    } catch (error) {
      if (!(error instanceof MalformedFrame)) throw error;
      return this.#quarantine(undefined, `The frame cannot be read: ${error.message}`, nowMs);
    }
  }

  #take(head: IntervalHead, bytes: Uint8Array, nowMs: number): Offered {
    const child = this.#children.get(head.source);
    if (child === undefined) return this.#quarantine(head, `"${head.source}" is not a child`, nowMs);
    if (this.#received.covers(head.source, head.number)) {
      this.#windows.learn(bytes);
      // After a restart copies are all that tells what an earlier incarnation of this node knew of the child.
      learnOf(child, head);
      return "duplicate";
    }
    if (child.hasNo(head.number)) {
      return this.#quarantine(head, `The source said it published ${child.intervals} intervals`, nowMs);
    }
    const twice = child.addedTwice(head.adds);
    if (twice !== undefined) return this.#quarantine(head, twice, nowMs);
    const problem =
      this.#tooEarly(head, nowMs) ?? this.#windows.add({ ...head, health: this.#placed(head) }, bytes);
    if (problem !== undefined) return this.#quarantine(head, `The frame cannot be merged: ${problem}`, nowMs);
    this.#received.add(head.source, [head.number, head.number]);
    learnOf(child, head);
    return "added";
  }

  /** Each window that is under way has memory of its own. */
  #tooEarly({ window }: FrameHead, nowMs: number): string | undefined {
    const { aheadMs, windowMs } = this.#options;
    if (aheadMs === undefined || window * windowMs <= nowMs + aheadMs) return undefined;
    return `window ${window} has not begun`;
  }

  /** Health under names that its sender may speak of: nobody's machine is blamed by another one. */
  #placed({ health, source }: FrameHead): readonly HealthSample[] {
    const { mayName, zone } = this.#options;
    const node = nodeOf(source);
    const isOfAgent = zone !== undefined && !node.includes(BELOW);
    if (isOfAgent) return inZone(zone, health);
    if (mayName === undefined) return health;
    return inZone(node.slice(node.lastIndexOf(BELOW) + 1), health, (placed) => mayName(source, placed));
  }

  /** One that is sent again, because nothing covers it, is put aside again and counted once. */
  #quarantine(head: FrameHead | undefined, reason: string, atMs: number): Offered {
    const isCopy =
      head !== undefined && this.#aside.add(head.source, [head.number, head.number]) === "duplicate";
    if (isCopy) return "quarantined";
    this.quarantinedCount += 1;
    if (this.quarantined.length < QUARANTINE_KEPT) {
      this.quarantined.push({ reason, source: head?.source, number: head?.number, atMs });
    }
    return "quarantined";
  }

  /**
   * Windows that may be closed at this time of the run, in the order to close them: first closed ones with data that
   * came later, then each next one that all expected children are in or whose lateness is over.
   */
  due(elapsedMs: number): number[] {
    const due = this.#windows.pending().filter((window) => window < this.#nextWindow);
    let window: number | undefined = this.#nextWindow;
    while (window !== undefined) {
      if (!this.#windows.hasData(window) && !this.#isLive(window)) {
        // Nobody has load here and nothing came: the window does not exist. Teardown's data may lie further on.
        const from: number = window;
        window = this.#windows.pending().find((later) => later > from);
        continue;
      }
      if (!this.#mayClose(window, elapsedMs)) break;
      due.push(window);
      window += 1;
    }
    return due;
  }

  #isLive(window: number): boolean {
    return this.#children.values().some((child) => child.isLive(window));
  }

  #mayClose(window: number, elapsedMs: number): boolean {
    const { latenessMs, windowMs } = this.#options;
    if (elapsedMs >= (window + 1) * windowMs + latenessMs) return true;
    return this.#expectedIn(window).every((child) => this.#windows.has(window, child.source));
  }

  #expectedIn(window: number): Child[] {
    return this.#children
      .values()
      .filter((child) => child.isExpected(window, this.#received))
      .toArray();
  }

  /** Makes this node's next interval: all that came for `window` since its last one. */
  close(window: number): Uint8Array {
    // A window that was closed before (perhaps by an earlier incarnation) had its expectation stated then.
    const expected = window < this.#nextWindow ? [] : this.#expectedIn(window);
    const { accumulator, adds, health, presence } = this.#windows.close(window, expected);
    for (const { ranges, source } of adds) {
      for (const range of ranges) this.#closed.add(source, range);
    }
    const { source } = this.#options;
    const head = {
      source,
      number: this.#number++,
      window,
      final: this.#isFinal(),
      ...presence,
      adds,
      through: this.#closed.through,
      health: worstHealth(health),
    };
    const bytes = accumulator.encode(head, this.#announcer.announce(accumulator.series));
    this.#windows.release(accumulator);
    this.#nextWindow = Math.max(this.#nextWindow, window + 1);
    return bytes;
  }

  /** Whether the interval that is being closed is the last of regular load; true at most once. */
  #isFinal(): boolean {
    if (this.#finalSent || this.#children.size === 0) return false;
    this.#finalSent = this.#children.values().every((child) => child.isLoadCovered(this.#closed));
    return this.#finalSent;
  }

  /** Every child has ended, and all it published is inside what was closed. */
  get complete(): boolean {
    if (this.#windows.pending().length > 0) return false;
    return this.#children.values().every((child) => child.isCovered(this.#closed));
  }

  /** Whether a direct child has ended, and all it published is inside what was closed. */
  covers(source: string): boolean {
    return this.#children.get(source)?.isCovered(this.#closed) ?? false;
  }

  /** What this node's log covers of a direct child. */
  through(source: string): SourceRanges {
    return { source, ranges: this.#closed.rangesOf(source) };
  }

  /** How many intervals of a direct child are inside what was closed. */
  merged(source: string): number {
    return this.#closed.count(source);
  }

  /** How many intervals of a source were put aside. */
  aside(source: string): number {
    return this.#aside.count(source);
  }

  /** How many intervals this source has made: what it tells its parent when it ends. */
  get intervals(): number {
    return this.#number;
  }

  /**
   * Continues after a restart from this node's own intervals, in order: what they cover is not taken again, their
   * windows are closed, their definitions known. The caller then offers all that is not covered.
   */
  restore(ownFrames: Iterable<Uint8Array>): void {
    for (const bytes of ownFrames) {
      const head = decodeHead(bytes);
      const isOwnLog = head.source === this.#options.source;
      this.#announcer.learn(bytes, isOwnLog);
      this.#windows.learnKinds(bytes);
      if (isOwnLog) this.#number = Math.max(this.#number, head.number + 1);
      this.#nextWindow = Math.max(this.#nextWindow, head.window + 1);
      this.#finalSent ||= head.final;
      for (const { ranges, source } of head.through) this.#cover(source, ranges);
    }
  }

  #cover(source: string, ranges: readonly (readonly [number, number])[]): void {
    for (const [from, to] of ranges) {
      for (const coverage of [this.#received, this.#closed]) coverage.cover(source, [from, to]);
    }
  }
}

/** What a frame that is merged tells of its child beside its samples. */
function learnOf(child: Child, { adds, expected, final, number, window }: IntervalHead): void {
  child.takes(adds);
  child.workers = Math.max(1, expected);
  if (final) child.sentFinal(window, number);
}
