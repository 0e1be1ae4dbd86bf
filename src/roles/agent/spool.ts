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
import { RESEND_AFTER_MS } from "./limits.ts";

export interface SpoolOptions {
  readonly zone: string;
  readonly agent: string;
  readonly run: string;
  /** `<agent>.<incarnation>`. */
  readonly source: string;
  readonly server: Server;
  readonly clock: ServerClock;
}

interface Kept {
  readonly number: number;
  readonly frame: Uint8Array;
  /** Times it was stored, and when the last time was (monotonic ms). */
  copies: number;
  storedMs: number;
}

export class Spool {
  readonly #options: SpoolOptions;
  readonly #kept = new Map<number, Kept>();
  readonly #toSend: Queue.Queue<Kept>;
  readonly #subject: string;
  #sequence: number | undefined;
  #parent: number | undefined;
  /** Size of what is kept. */
  bytes = 0;

  constructor(options: SpoolOptions, toSend: Queue.Queue<Kept>) {
    this.#options = options;
    this.#toSend = toSend;
    this.#subject = subjects.agentInterval(options.zone, options.agent, options.run);
  }

  static readonly make = (options: SpoolOptions) =>
    Queue.unbounded<Kept>().pipe(Effect.map((toSend) => new Spool(options, toSend)));

  /** Takes the next interval of the log. */
  add(number: number, frame: Uint8Array): void {
    const kept = { number, frame, copies: 0, storedMs: 0 };
    this.#kept.set(number, kept);
    this.bytes += frame.byteLength;
    Queue.offerUnsafe(this.#toSend, kept);
  }

  /** Lets go of what the zone's log covers. A coordinator that is new gets the rest again. */
  cover({ ranges, incarnation, source }: Through): void {
    if (source !== this.#options.source) return;
    for (const [from, to] of ranges) {
      for (const { number, frame } of this.#kept.values()) {
        if (number < from || number > to) continue;
        this.#kept.delete(number);
        this.bytes -= frame.byteLength;
      }
    }
    if (this.#parent !== undefined && this.#parent !== incarnation) this.#sendAgain(() => true);
    this.#parent = incarnation;
  }

  /** Sends again what has been stored but not covered for too long. */
  resend(now: number): void {
    this.#sendAgain(({ storedMs }) => now - storedMs > RESEND_AFTER_MS);
  }

  #sendAgain(isDue: (kept: Kept) => boolean): void {
    for (const kept of this.#kept.values()) {
      if (kept.copies === 0 || kept.storedMs === 0 || !isDue(kept)) continue;
      kept.storedMs = 0;
      Queue.offerUnsafe(this.#toSend, kept);
    }
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
    if (!this.#kept.has(kept.number)) return;
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
    kept.copies += 1;
    kept.storedMs = clock.elapsedMs();
  }).bind(this);
}
