/**
 * The zone's merge of one run: takes the intervals of its agents and of the zones below it, closes windows, publishes the
 * zone's own interval log and tells each of them what that log covers. Nothing else releases a child's intervals.
 */
import * as Effect from "effect/Effect";
import type { Through } from "../../../streams/messages/live.ts";
import type { Aside } from "../../../streams/schema/finish.ts";
import { parseSubject, subjects } from "../../../streams/subjects.ts";
import { splitFrames } from "../../domain/interval/batch.ts";
import { decodeHead } from "../../domain/interval/codec.ts";
import { placedName } from "../../domain/interval/health.ts";
import { IntervalMerger } from "../../domain/interval/merger.ts";
import { isOf, nodeOf } from "../../domain/interval/owner.ts";
import type { Ranges, SourceRanges } from "../../domain/interval/ranges.ts";
import { mergeTimeMs } from "../../domain/run/state.ts";
import type { ShareState } from "../../domain/zone/state.ts";
import type { Server, ServerClock, Stored } from "../../ports/server.ts";
import { outgoing, outgoingInterval } from "../outgoing.ts";
import { SentAgain } from "../sent-again.ts";
import { type Kept, Uncovered } from "../uncovered.ts";
import { AHEAD_MS } from "../merge-limits.ts";
import { KEPT_AT_RESTORE, TELL_EVERY_MS, UNCOVERED_BYTES } from "./limits.ts";

/** How many intervals a child says it has made, or had stored when it was lost. */
export interface Statement {
  readonly source: string;
  readonly intervals: number;
}

/** A zone below: an agent may have its name, but no name has a slash. */
export const childNode = (zone: string, child: string): string => `${zone}/${child}`;

export const childSource = (zone: string, child: string, incarnation: number): string =>
  `${childNode(zone, child)}.${incarnation}`;

export const agentSource = (agent: string, incarnation: number): string => `${agent}.${incarnation}`;

/** A zone below speaks of agents with which it has announced its part. */
function mayNameOf(zone: string, { children }: ShareState): (source: string, placed: string) => boolean {
  const names = new Map(
    children.map((child) => [
      childSource(zone, child.zone, child.announced ?? 0),
      new Set(child.members.map((member) => placedName(member.zone ?? child.zone, member.agent))),
    ]),
  );
  return (source, placed) => names.get(source)?.has(placed) ?? false;
}

export interface ZoneIntervalsOptions {
  readonly zone: string;
  /** The zone above; undefined where that is root. */
  readonly parent: string | undefined;
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
  readonly #source: string;
  /** Who has a part of the share. */
  readonly #nodes: ReadonlySet<string>;
  readonly #uncovered: Uncovered;
  readonly #sentAgain = new SentAgain();
  /** What the zone's log covers of its agents, what of it they were told, and when. */
  #through: readonly SourceRanges[] = [];
  readonly #told = new Map<string, Ranges>();
  #toldMs = Number.NEGATIVE_INFINITY;
  #sequence = 0;

  constructor(options: ZoneIntervalsOptions) {
    const { zone, share } = options;
    this.#options = options;
    this.#subject = subjects.zoneInterval(zone, share.run);
    const { parent } = options;
    const announced = share.announced ?? 0;
    const source = parent === undefined ? `${zone}.${announced}` : childSource(parent, zone, announced);
    this.#source = source;
    this.#uncovered = new Uncovered(source);
    const children = share.children.map((child) => childNode(zone, child.zone));
    this.#nodes = new Set([...share.parts.map(({ agent }) => agent), ...children]);
    this.#merger = new IntervalMerger({
      source,
      zone,
      windowMs: share.plan.windowMs,
      tags: share.plan.tags,
      latenessMs: share.plan.latenessMs,
      aheadMs: AHEAD_MS,
      mayName: mayNameOf(zone, share),
      children: [
        ...share.parts.map(({ agent, incarnation }) => agentSource(agent, incarnation)),
        ...share.children.map((child) => childSource(zone, child.zone, child.announced ?? 0)),
      ],
    });
  }

  /** Continues the log of an earlier coordinator of this zone. */
  restore() {
    const { zone, server, share } = this.#options;
    const where = { asset: "zoneIntervals", zone } as const;
    // Children's intervals first of all: a window that closes before they are read again would count them as absent.
    const ofAgents = server.log.scan(where, subjects.agentIntervalsOf(zone, share.run), (stored) => {
      const { agent = "" } = parseSubject(stored.subject) ?? {};
      for (const frame of splitFrames(stored.data)) this.offer(agent, frame);
    });
    const ofZone = (child: string) =>
      server.log
        .scan(
          { asset: "upIntervals", zone: child },
          subjects.zoneUpInterval(child, share.run),
          ({ data }) => {
            this.offer(childNode(zone, child), data);
          },
        )
        .pipe(Effect.ignore); // where the link is not there yet, nothing came through it
    const ofZones = Effect.forEach(share.children, (child) => ofZone(child.zone), { discard: true });
    return server.log.read(where, [this.#subject]).pipe(
      Effect.map((stored) => {
        this.#merger.restore(stored.map(({ data }) => data));
        this.#sequence = stored.at(-1)?.sequence ?? 0;
        this.#keep(stored);
      }),
      Effect.andThen(ofAgents),
      Effect.andThen(ofZones),
    );
  }

  /** The node above may lack any of them: it says so with its first word, and what it has is let go. */
  #keep(stored: readonly Stored[]): void {
    const now = this.#options.clock.elapsedMs();
    for (const { data } of stored.slice(-KEPT_AT_RESTORE)) {
      this.#uncovered.stored(this.#uncovered.add(decodeHead(data).number, data), now);
    }
  }

  /** `node`: on whose subject it came. Whoever has no part of the share has nothing to say to it. */
  offer(node: string, frame: Uint8Array): void {
    if (!this.#nodes.has(node)) return;
    if (!isOf(node, frame)) return this.#options.note(`${node} sent an interval that is not its own`);
    const offered = this.#sentAgain.note(this.#merger.offer(frame, this.#elapsedMs()), frame);
    if (offered !== "quarantined") return;
    this.#options.note(
      `put an interval aside: ${this.#merger.quarantined.at(-1)?.reason ?? "it does not fit"}`,
    );
  }

  lose(source: string): void {
    this.#merger.childEnded(source, undefined);
  }

  /** The load of a child is over, of which it made so many; what comes back to it may be more, and so may a teardown. */
  ended(source: string, intervals: number): void {
    this.#merger.childEnded(source, intervals, true);
  }

  /** Intervals of a child that are inside the zone's own log. */
  merged(source: string): number {
    return this.#merger.merged(source);
  }

  /** Intervals of a child that contradicted the log: they are not waited for. */
  putAside(source: string): number {
    return this.#merger.aside(source);
  }

  /** Length of the zone's own log. */
  get length(): number {
    return this.#merger.intervals;
  }

  /** Intervals of children that contradicted the log, and why the first of them did. */
  get aside(): Aside | undefined {
    const [first] = this.#merger.quarantined;
    return first === undefined
      ? undefined
      : { intervals: this.#merger.quarantinedCount, reason: first.reason };
  }

  /** Lets go of what the log above covers. */
  cover(through: Through): void {
    this.#uncovered.cover(through);
  }

  /** Stores again what the log above does not cover for too long: the forwarder carries the copy as any other interval. */
  resend() {
    const { elapsedMs } = this.#options.clock;
    return Effect.forEach(this.#uncovered.due(elapsedMs()), (kept) => this.#store(kept), { discard: true });
  }

  close() {
    return Effect.forEach(
      this.#merger.due(this.#elapsedMs()),
      (window) => this.#publish(this.#merger.close(window)),
      { discard: true },
    ).pipe(Effect.andThen(this.#tellCovered()));
  }

  /** What is covered that was not told yet; not with every interval, because it costs a message per child. */
  #tellCovered() {
    return Effect.suspend(() => {
      const now = this.#options.clock.elapsedMs();
      if (now - this.#toldMs < TELL_EVERY_MS) return Effect.void;
      const changed = this.#through.filter(({ ranges, source }) => this.#told.get(source) !== ranges);
      const again = this.#sentAgain.take(this.#merger);
      if (changed.length + again.length > 0) this.#toldMs = now;
      for (const { ranges, source } of changed) this.#told.set(source, ranges);
      return Effect.forEach([...changed, ...again], (covered) => this.#tellThrough(covered), {
        discard: true,
      });
    });
  }

  #elapsedMs(): number {
    const { clock, share, startAt } = this.#options;
    return mergeTimeMs(share.plan, clock.now() - startAt);
  }

  #publish(frame: Uint8Array) {
    const head = decodeHead(frame);
    const kept = this.#uncovered.add(head.number, frame);
    while (this.#uncovered.bytes > UNCOVERED_BYTES)
      this.#uncovered.release(this.#uncovered.first?.number ?? 0);
    return this.#store(kept).pipe(Effect.tap(() => Effect.sync(() => (this.#through = head.through))));
  }

  /** A further copy is a message of its own: the node above knows by (source, number) that it is the same interval. */
  #store(kept: Kept) {
    const { zone, share, server, clock } = this.#options;
    const copy = kept.copies === 0 ? "" : `#${kept.copies}`;
    const header = {
      id: `${share.run}/${this.#source}/${kept.number}${copy}`,
      time: clock.now(),
      actor: zone,
      correlation: share.run,
    };
    return server.log
      .append(this.#subject, outgoingInterval(header, kept.frame), {
        last: { subjects: this.#subject, sequence: this.#sequence },
      })
      .pipe(
        Effect.tap((sequence) =>
          Effect.sync(() => {
            this.#sequence = sequence;
            this.#uncovered.stored(kept, clock.elapsedMs());
          }),
        ),
      );
  }

  #tellThrough({ source, ranges }: SourceRanges) {
    const { zone, share, server, clock, incarnation } = this.#options;
    const child = nodeOf(source);
    const below = child.split("/")[1];
    const subject =
      below === undefined
        ? subjects.agentThrough(zone, child, share.run)
        : subjects.zoneThrough(below, share.run);
    const body = { type: "Through", run: share.run, source, ranges, incarnation };
    const header = { id: "", time: clock.now(), actor: zone, correlation: share.run };
    return server.live.tell(subject, outgoing(header, body));
  }
}
