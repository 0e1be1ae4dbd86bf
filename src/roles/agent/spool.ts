/**
 * The spool: the agent's own interval log, kept here until the zone's log covers it. It is published in order by one
 * writer with the expected last sequence; an acknowledgement releases nothing, only the zone's word does.
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import * as Schedule from "effect/Schedule";
import type { Through } from "../../../streams/messages/live.ts";
import { subjects } from "../../../streams/subjects.ts";
import type { Server, ServerClock, ServerError } from "../../ports/server.ts";
import { outgoingInterval } from "../outgoing.ts";
import { type Kept, Uncovered } from "../uncovered.ts";

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

  /** Publishes in order, for ever; ends with "conflict" when another incarnation of this agent writes. */
  readonly publish: Effect.Effect<never, ServerError> = Effect.suspend(() =>
    Queue.take(this.#toSend).pipe(
      Effect.flatMap((kept) =>
        this.#store(kept).pipe(
          Effect.retry({
            schedule: Schedule.spaced("200 millis"),
            while: ({ reason }) => reason === "unavailable",
          }),
        ),
      ),
      Effect.forever,
    ),
  );

  #store = Effect.fnUntraced(function* (this: Spool, kept: Kept) {
    if (!this.#uncovered.has(kept.number)) return;
    const { server, clock, agent, run, source, zone } = this.#options;
    if (this.#sequence === undefined) {
      const last = yield* server.log.last({ asset: "zoneIntervals", zone }, this.#subject);
      this.#sequence = last?.sequence ?? 0;
    }
    // A further copy is a message of its own: the zone knows by (source, number) that it is the same interval.
    const id = `${run}/${source}/${kept.number}${kept.copies === 0 ? "" : `#${kept.copies}`}`;
    const message = outgoingInterval({ id, time: clock.now(), actor: agent, correlation: run }, kept.frame);
    const expect = { last: { subjects: this.#subject, sequence: this.#sequence } };
    this.#sequence = yield* server.log.append(this.#subject, message, expect);
    this.#uncovered.stored(kept, clock.elapsedMs());
  }).bind(this);
}
