/**
 * Root's merge of one run: takes the zones' intervals, closes windows, and publishes root's own interval log – what a
 * run measured. What an interval contains is the recorded decision to close its window; nothing else is ever read.
 */
import * as Effect from "effect/Effect";
import { subjects } from "../../../streams/subjects.ts";
import type { Evidence } from "../../../streams/schema/cause.ts";
import type { Aside } from "../../../streams/schema/finish.ts";
import { decodeHead } from "../../domain/interval/codec.ts";
import { placedName } from "../../domain/interval/health.ts";
import { IntervalMerger } from "../../domain/interval/merger.ts";
import { isOf, nodeOf } from "../../domain/interval/owner.ts";
import { mergeTimeMs, type RunState, topOf, type ZonePart } from "../../domain/run/state.ts";
import type { SourceRanges } from "../../domain/interval/ranges.ts";
import type { RunMetrics } from "../../domain/summary/run-metrics.ts";
import { metricsFor } from "../../domain/summary/summarise.ts";
import { AbortWatch } from "../../domain/threshold/abort-watch.ts";
import type { Stored } from "../../ports/server.ts";
import { AHEAD_MS } from "../merge-limits.ts";
import { outgoing, outgoingInterval } from "../outgoing.ts";
import { SentAgain } from "../sent-again.ts";
import type { Tenure } from "./tenure.ts";

export const zoneSource = (zone: string, incarnation: number): string => `${zone}.${incarnation}`;

/** Before the start there are setups' figures, nothing more. */
const EARLY_MAX_BYTES = 32 * 1024 * 1024;

/** A zone speaks of agents that it has announced. */
function mayNameOf({ members, zones }: RunState): (source: string, placed: string) => boolean {
  const sources = new Map(zones.map(({ incarnation, zone }) => [zone, zoneSource(zone, incarnation)]));
  const names = new Set(
    members.map((member) => `${sources.get(topOf(member)) ?? ""} ${placedName(member.zone, member.agent)}`),
  );
  return (source, placed) => names.has(`${source} ${placed}`);
}

/**
 * Agents of the zone stated intervals that it does not have yet, or a zone below it may come back: it says so when they
 * have come. Of a teardown it never says more than once, so what is missing of one is not waited for.
 */
const isWaiting = ({ aside, awaits }: ZonePart): boolean => awaits.length > 0 || isLacking(aside);

const isLacking = (aside: Aside | undefined): boolean => (aside?.missing ?? 0) > 0;

/** Whether there may be more of it than it has stated: what comes late is taken, whatever it is of. */
const mayGrow = (part: ZonePart): boolean => isWaiting(part) || part.asideOfStages.some(isLacking);

export class RootIntervals {
  #metrics: RunMetrics | undefined;
  #watch: AbortWatch | undefined;
  readonly #run: string;
  readonly #tenure: Tenure;
  #merger: IntervalMerger | undefined;
  readonly #sentAgain = new SentAgain();
  #sequence = 0;
  /** Frames that came before the merger was there. What is beyond the bound is sent again: nothing covers it. */
  readonly #early: Uint8Array[] = [];
  #earlyBytes = 0;

  constructor(run: string, tenure: Tenure) {
    this.#run = run;
    this.#tenure = tenure;
  }

  /** The fold of root's interval log. */
  metrics(state: RunState): RunMetrics {
    this.#metrics ??= metricsFor(state);
    return this.#metrics;
  }

  /** The first breach of a threshold that ends the run, as the log shows it. */
  get breach(): Evidence | undefined {
    return this.#watch?.breach;
  }

  #fold(state: RunState, frame: Uint8Array): void {
    const metrics = this.metrics(state);
    metrics.add(frame);
    this.#watch ??= state.plan && new AbortWatch(state.plan);
    this.#watch?.judge(metrics, decodeHead(frame));
  }

  /** Intervals published so far. */
  get length(): number {
    return this.#merger?.intervals ?? 0;
  }

  /** All that zones stated is inside root's own log, or no load was ever started. */
  get complete(): boolean {
    return this.#merger?.complete ?? true;
  }

  /** Of one of the run's zones, and of nobody else: no other zone can touch what the run measured. */
  offer(state: RunState, zone: string, frame: Uint8Array): void {
    if (!state.zones.some((part) => part.zone === zone)) return;
    if (!isOf(zone, frame)) return this.#tenure.note(`zone ${zone} sent an interval that is not its own`);
    const merger = this.#open(state);
    if (merger === undefined) this.#keepEarly(frame);
    else if (this.#sentAgain.note(merger.offer(frame, this.#elapsedMs(state)), frame) === "quarantined") {
      this.#tenure.note(`put an interval aside: ${merger.quarantined.at(-1)?.reason ?? "it does not fit"}`);
    }
  }

  #keepEarly(frame: Uint8Array): void {
    if (this.#earlyBytes + frame.length > EARLY_MAX_BYTES) return;
    this.#earlyBytes += frame.length;
    this.#early.push(frame);
  }

  /** Tells the merge how much each zone will have sent in all, once every zone has said so. */
  settle(state: RunState): void {
    this.#open(state);
    for (const part of state.zones) this.#ended(part, mayGrow(part));
  }

  /** A zone whose load is over is not waited for in any window; while teardowns may follow, it may have more. */
  #ended({ finished, incarnation, intervals, zone }: ZonePart, mayHaveMore: boolean): void {
    this.#merger?.childEnded(zoneSource(zone, incarnation), finished ? intervals : undefined, mayHaveMore);
  }

  /** Zones that were given up, or that stated intervals which are not here: what they have may still come. */
  missing(state: RunState): readonly string[] {
    const merger = this.#open(state);
    if (merger === undefined) return [];
    return state.zones
      .filter((part) => {
        const isWhole = part.finished && merger.covers(zoneSource(part.zone, part.incarnation));
        return !isWhole || isWaiting(part);
      })
      .map(({ zone }) => zone);
  }

  /** Closes and publishes every window that is due. */
  close(state: RunState) {
    return Effect.suspend(() => {
      const merger = this.#open(state);
      if (merger === undefined) return Effect.void;
      for (const part of state.zones) if (part.finished) this.#ended(part, true);
      const due = merger.due(this.#elapsedMs(state));
      return Effect.forEach(due, (window) => this.#publish(state, merger.close(window)), {
        discard: true,
      }).pipe(Effect.andThen(this.#tellAgain(merger)));
    });
  }

  #tellAgain(merger: IntervalMerger) {
    return Effect.suspend(() =>
      Effect.forEach(this.#sentAgain.take(merger), (covered) => this.#tellThrough(covered), {
        discard: true,
      }),
    );
  }

  /** Continues root's own log after another root: what it covers is not taken again. */
  restore(state: RunState) {
    const { log } = this.#tenure.server;
    const where = { asset: "runIntervals", zone: "" } as const;
    // Zones' intervals at once, too: a window that closes before they are read again would count them as absent.
    const ofZone = (zone: string) =>
      log
        .scan({ asset: "upIntervals", zone }, subjects.zoneUpInterval(zone, this.#run), ({ data }) =>
          this.offer(state, zone, data),
        )
        .pipe(Effect.ignore); // where the link is not there yet, nothing came through it
    return log
      .scan(where, subjects.runInterval(this.#run), (stored) => this.#restore(state, stored))
      .pipe(Effect.andThen(Effect.forEach(state.zones, ({ zone }) => ofZone(zone), { discard: true })));
  }

  #restore(state: RunState, { data, sequence }: Stored): void {
    this.#fold(state, data);
    this.#open(state)?.restore([data]);
    this.#sequence = sequence;
  }

  #open(state: RunState): IntervalMerger | undefined {
    const { plan, startAt } = state;
    if (this.#merger !== undefined || plan === undefined || startAt === undefined) return this.#merger;
    this.#merger = new IntervalMerger({
      source: "root.0",
      windowMs: plan.windowMs,
      tags: plan.tags,
      latenessMs: plan.latenessMs,
      aheadMs: AHEAD_MS,
      mayName: mayNameOf(state),
      children: state.zones.map(({ zone, incarnation }) => zoneSource(zone, incarnation)),
    });
    for (const frame of this.#early.splice(0)) this.#merger.offer(frame, 0);
    return this.#merger;
  }

  #elapsedMs({ plan, startAt }: RunState): number {
    if (plan === undefined || startAt === undefined) return 0;
    return mergeTimeMs(plan, this.#tenure.clock.now() - startAt);
  }

  #publish(state: RunState, frame: Uint8Array) {
    const { server, clock, epoch, name } = this.#tenure;
    const head = decodeHead(frame);
    const subject = subjects.runInterval(this.#run);
    const id = `${this.#run}/${head.source}/${head.number}/${epoch}`;
    const message = outgoingInterval(
      { id, time: clock.now(), actor: name, epoch, correlation: this.#run },
      frame,
    );
    return server.log
      .append(subject, message, { last: { subjects: subject, sequence: this.#sequence } })
      .pipe(
        Effect.tap((sequence) =>
          Effect.sync(() => {
            this.#sequence = sequence;
            this.#fold(state, frame);
          }),
        ),
        Effect.andThen(
          Effect.forEach(head.through, (covered) => this.#tellThrough(covered), { discard: true }),
        ),
      );
  }

  #tellThrough({ source, ranges }: SourceRanges) {
    const { server, clock, epoch, name } = this.#tenure;
    const zone = nodeOf(source);
    const header = { id: "", time: clock.now(), actor: name, epoch, correlation: this.#run };
    const body = { type: "Through", run: this.#run, source, ranges, incarnation: epoch };
    return server.live.tell(subjects.zoneThrough(zone, this.#run), outgoing(header, body));
  }
}
