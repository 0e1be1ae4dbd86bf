/**
 * A durable of the memory server: where one reader stands in a stream, what it was given and has not acknowledged
 * yet, and when that comes again.
 */
import type { Stored } from "./server.ts";
import type { MemoryStream } from "./memory-stream.ts";
import { ACK_PENDING_MAX, ACK_WAIT_SECONDS } from "./server-terms.ts";

export class MemoryDurable {
  readonly #stream: MemoryStream;
  readonly #filters: readonly string[];
  #next = 1;
  /** When each unacknowledged sequence comes again, µs, in the order of delivery. */
  readonly #pending = new Map<number, number>();

  constructor(stream: MemoryStream, filters: readonly string[]) {
    this.#stream = stream;
    this.#filters = filters;
  }

  /** Hands out one message: what is overdue first, then what is new. */
  take(now: number): Stored | undefined {
    this.#stream.expire(now);
    const message = this.#overdue(now) ?? this.#fresh();
    if (message === undefined) return undefined;
    this.#pending.delete(message.sequence);
    this.#pending.set(message.sequence, now + ACK_WAIT_SECONDS * 1_000_000);
    return message;
  }

  /** When the next unacknowledged message comes again, µs; undefined when all are acknowledged. */
  get dueAt(): number | undefined {
    return this.#pending.values().next().value;
  }

  acknowledge(sequence: number): void {
    this.#pending.delete(sequence);
  }

  #overdue(now: number): Stored | undefined {
    for (const [sequence, dueAt] of this.#pending) {
      if (dueAt > now) return undefined;
      const message = this.#stream.at(sequence);
      if (message !== undefined) return message;
      this.#pending.delete(sequence); // purged in between
    }
    return undefined;
  }

  #fresh(): Stored | undefined {
    if (this.#pending.size >= ACK_PENDING_MAX) return undefined;
    const message = this.#stream.next(this.#next, this.#filters);
    if (message !== undefined) this.#next = message.sequence + 1;
    return message;
  }
}
