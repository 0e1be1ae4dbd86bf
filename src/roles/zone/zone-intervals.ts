/**
 * The zone's merge of one run: takes its agents' intervals, closes windows, publishes the zone's own interval log and
 * tells each agent what that log covers. Nothing else releases an agent's intervals.
 */
import * as Effect from "effect/Effect";
import type { Aside } from "../../../streams/schema/finish.ts";
import { subjects } from "../../../streams/subjects.ts";
import { decodeHead } from "../../domain/interval/codec.ts";
import { IntervalMerger } from "../../domain/interval/merger.ts";
import { mergeTimeMs } from "../../domain/run/state.ts";
import type { ShareState } from "../../domain/zone/state.ts";
import type { Server, ServerClock } from "../../ports/server.ts";
import { outgoing, outgoingInterval } from "../outgoing.ts";

export const agentSource = (agent: string, incarnation: number): string => `${agent}.${incarnation}`;

export interface ZoneIntervalsOptions {
  readonly zone: string;
  readonly incarnation: number;
  readonly share: ShareState;
  readonly server: Server;
  readonly clock: ServerClock;
  readonly note: (line: string) => void;
  /** Start of the run on this zone server's clock, µs. */
  readonly startAt: number;
}

export class ZoneIntervals {
  readonly #options: ZoneIntervalsOptions;
  readonly #merger: IntervalMerger;
  readonly #subject: string;
  #sequence = 0;

  constructor(options: ZoneIntervalsOptions) {
    const { zone, share } = options;
    this.#options = options;
    this.#subject = subjects.zoneInterval(zone, share.run);
    this.#merger = new IntervalMerger({
      source: `${zone}.${share.announced ?? 0}`,
      windowMs: share.plan.windowMs,
      latenessMs: share.plan.latenessMs,
      children: share.parts.map(({ agent, incarnation }) => agentSource(agent, incarnation)),
    });
  }

  /** Continues the log of an earlier coordinator of this zone. */
  restore() {
    const { zone, server } = this.#options;
    return server.log.read({ asset: "zoneIntervals", zone }, [this.#subject]).pipe(
      Effect.map((stored) => {
        this.#merger.restore(stored.map(({ data }) => data));
        this.#sequence = stored.at(-1)?.sequence ?? 0;
      }),
    );
  }

  offer(frame: Uint8Array): void {
    if (this.#merger.offer(frame, this.#elapsedMs()) !== "quarantined") return;
    this.#options.note(
      `put an interval aside: ${this.#merger.quarantined.at(-1)?.reason ?? "it does not fit"}`,
    );
  }

  lose(source: string): void {
    this.#merger.childEnded(source, undefined);
  }

  /** Intervals of an agent that are inside the zone's own log. */
  merged(source: string): number {
    return this.#merger.merged(source);
  }

  /** Length of the zone's own log. */
  get length(): number {
    return this.#merger.intervals;
  }

  /** Intervals of agents that contradicted the log, and why the first of them did. */
  get aside(): Aside | undefined {
    const [first] = this.#merger.quarantined;
    return first === undefined
      ? undefined
      : { intervals: this.#merger.quarantinedCount, reason: first.reason };
  }

  close() {
    return Effect.forEach(
      this.#merger.due(this.#elapsedMs()),
      (window) => this.#publish(this.#merger.close(window)),
      {
        discard: true,
      },
    );
  }

  #elapsedMs(): number {
    const { clock, share, startAt } = this.#options;
    return mergeTimeMs(share.plan, clock.now() - startAt);
  }

  #publish(frame: Uint8Array) {
    const { zone, share, server, clock } = this.#options;
    const head = decodeHead(frame);
    const header = {
      id: `${share.run}/${head.source}/${head.number}`,
      time: clock.now(),
      actor: zone,
      correlation: share.run,
    };
    return server.log
      .append(this.#subject, outgoingInterval(header, frame), {
        last: { subjects: this.#subject, sequence: this.#sequence },
      })
      .pipe(
        Effect.tap((sequence) => Effect.sync(() => (this.#sequence = sequence))),
        Effect.andThen(
          Effect.forEach(head.through, (covered) => this.#tellThrough(covered), { discard: true }),
        ),
      );
  }

  #tellThrough({
    source,
    ranges,
  }: {
    readonly source: string;
    readonly ranges: readonly (readonly [number, number])[];
  }) {
    const { zone, share, server, clock, incarnation } = this.#options;
    const agent = source.slice(0, source.lastIndexOf("."));
    const body = { type: "Through", run: share.run, source, ranges, incarnation };
    const header = { id: "", time: clock.now(), actor: zone, correlation: share.run };
    return server.live.tell(subjects.agentThrough(zone, agent, share.run), outgoing(header, body));
  }
}
