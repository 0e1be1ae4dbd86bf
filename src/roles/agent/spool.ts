/**
 * The spool: the agent's own interval log, kept here until the zone's log covers it. It is published in order by one
 * writer with the expected last sequence; an acknowledgement releases nothing, only the zone's word does.
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import * as Schedule from "effect/Schedule";
import type { Through } from "../../../streams/messages/live.ts";
import { subjects } from "../../../streams/subjects.ts";
import { joinFrames } from "../../domain/interval/batch.ts";
import type { Server, ServerClock, ServerError } from "../../ports/server.ts";
import { outgoingInterval } from "../outgoing.ts";
import { type Kept, Uncovered } from "../uncovered.ts";
import { BATCH_BYTES, BATCH_FRAMES } from "./limits.ts";

export interface SpoolOptions {
  readonly zone: string;
  readonly agent: string;
  readonly run: string;
  /** `<agent>.<incarnation>`. */
  readonly source: string;
  readonly server: Server;
  readonly clock: ServerClock;
}

export class Spool {
  readonly #options: SpoolOptions;
  readonly #uncovered: Uncovered;
  readonly #toSend: Queue.Queue<Kept>;
  readonly #subject: string;
  #sequence: number | undefined;

  constructor(options: SpoolOptions, toSend: Queue.Queue<Kept>) {
    this.#options = options;
    this.#uncovered = new Uncovered(options.source);
    this.#toSend = toSend;
    this.#subject = subjects.agentInterval(options.zone, options.agent, options.run);
  }

  static readonly make = (options: SpoolOptions) =>
    Queue.unbounded<Kept>().pipe(Effect.map((toSend) => new Spool(options, toSend)));

  /** Size of what is kept. */
  get bytes(): number {
    return this.#uncovered.bytes;
  }

  /** Takes the next interval of the log. */
  add(number: number, frame: Uint8Array): void {
    Queue.offerUnsafe(this.#toSend, this.#uncovered.add(number, frame));
  }

  /** Lets go of what the zone's log covers. */
  cover(through: Through): void {
    this.#uncovered.cover(through);
  }

  /** Sends again what has been stored but not covered for too long, and everything to a coordinator that is new. */
  resend(now: number): void {
    for (const kept of this.#uncovered.due(now)) Queue.offerUnsafe(this.#toSend, kept);
  }

  /**
   * Publishes in order, for ever; ends with "conflict" when another incarnation of this agent writes. What has come
   * together while the server was slow to answer goes in one message.
   */
  readonly publish: Effect.Effect<never, ServerError> = Effect.suspend(() =>
    Queue.takeBetween(this.#toSend, 1, BATCH_FRAMES).pipe(
      Effect.flatMap((waiting) => this.#store(waiting)),
      Effect.forever,
    ),
  );

  #store = Effect.fnUntraced(function* (this: Spool, waiting: readonly Kept[]) {
    const isUnsent = ({ number, storedMs }: Kept) => storedMs === undefined && this.#uncovered.has(number);
    for (const batch of inBatches(waiting.filter(isUnsent))) yield* this.#appendPatiently(batch);
  }).bind(this);

  /** What may have been stored without an answer is tried again just as it was, also when it is covered by now. */
  #appendPatiently(batch: readonly Kept[]): Effect.Effect<void, ServerError> {
    return this.#append(batch).pipe(
      Effect.retry({
        schedule: Schedule.spaced("200 millis"),
        while: ({ reason }) => reason === "unavailable",
      }),
    );
  }

  #append = Effect.fnUntraced(function* (this: Spool, batch: readonly Kept[]) {
    const { server, clock, agent, run, zone } = this.#options;
    if (this.#sequence === undefined) {
      const last = yield* server.log.last({ asset: "zoneIntervals", zone }, this.#subject);
      this.#sequence = last?.sequence ?? 0;
    }
    const header = { id: this.#idOf(batch), time: clock.now(), actor: agent, correlation: run };
    const message = outgoingInterval(header, joinFrames(batch.map(({ frame }) => frame)));
    const expect = { last: { subjects: this.#subject, sequence: this.#sequence } };
    this.#sequence = yield* server.log.append(this.#subject, message, expect);
    for (const kept of batch) this.#uncovered.stored(kept, clock.elapsedMs());
  }).bind(this);

  /** A further copy is a message of its own: the zone knows by (source, number) that it is the same interval. */
  #idOf(batch: readonly Kept[]): string {
    const { run, source } = this.#options;
    const names = batch.map(({ copies, number }) => `${number}${copies === 0 ? "" : `#${copies}`}`);
    return `${run}/${source}/${names.join("+")}`;
  }
}

/** As many in each as fit into a message. */
function inBatches(waiting: readonly Kept[]): readonly (readonly Kept[])[] {
  const batches: Kept[][] = [];
  let size = Infinity;
  for (const kept of waiting) {
    size += kept.frame.byteLength;
    if (size > BATCH_BYTES) {
      batches.push([]);
      size = kept.frame.byteLength;
    }
    batches.at(-1)?.push(kept);
  }
  return batches;
}
