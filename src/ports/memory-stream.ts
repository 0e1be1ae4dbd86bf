/**
 * One stream of the memory server: messages in order, with the rules of a JetStream stream that ours rely on – the
 * expected last sequence, the duplicate check, the chain of ids, the first or the last message per subject, expiry.
 * The order of the checks is the server's (`processJetStreamMsg` of nats-server 2.15). Sizes are not limited.
 */
import type { AssetConfig } from "../../streams/asset.ts";
import type { Outgoing } from "../domain/log/codec.ts";
import type { Expectation, Stored } from "./server.ts";
import { isSame } from "./same-message.ts";
import { Signal } from "./signal.ts";
import { matches } from "./subject-match.ts";

/** Why a stream did not take a message. */
export interface StreamRefusal {
  readonly reason: "conflict" | "refused";
  readonly detail: string;
}

const microseconds = (nanoseconds: number | undefined): number => (nanoseconds ?? 0) / 1000;

export class MemoryStream {
  readonly changes = new Signal();
  readonly #config: AssetConfig;
  /** In the order of their sequences. */
  #messages: Stored[] = [];
  #sequence = 0;
  #lastId = "";
  readonly #ids = new Map<string, { readonly sequence: number; readonly at: number }>();

  constructor(config: AssetConfig) {
    this.#config = config;
  }

  /** The sequence of the last message ever stored. */
  get head(): number {
    return this.#sequence;
  }

  /** Stores a message and returns its sequence, or that of the copy that is there already. */
  append(subject: string, message: Outgoing, at: number, expect: Expectation = {}): number | StreamRefusal {
    this.expire(at);
    const { id } = message.envelope;
    const { last, afterId } = expect;
    if (last !== undefined) {
      const head = this.last(last.subjects);
      if ((head?.sequence ?? 0) !== last.sequence) {
        return head !== undefined && isSame(head, message)
          ? head.sequence
          : wrongSequence(head, last.sequence);
      }
    }
    const copy = this.#ids.get(id);
    if (copy !== undefined) return copy.sequence;
    if (afterId !== undefined && afterId !== this.#lastId) {
      const detail = `the last message has the id ${JSON.stringify(this.#lastId)}, not ${JSON.stringify(afterId)}`;
      return { reason: "conflict", detail };
    }
    return this.#makeRoom(subject) ?? this.#store(subject, message, at);
  }

  /** The last message on a subject or pattern. */
  last(subjects: string): Stored | undefined {
    return this.#messages.findLast(({ subject }) => matches(subjects, subject));
  }

  /** The first message at or after a sequence on any of these subjects. */
  next(from: number, subjects: readonly string[]): Stored | undefined {
    for (let index = this.#indexOf(from); index < this.#messages.length; index += 1) {
      const message = this.#messages[index] as Stored;
      if (subjects.some((pattern) => matches(pattern, message.subject))) return message;
    }
    return undefined;
  }

  /** The message with this sequence, while it is there. */
  at(sequence: number): Stored | undefined {
    const message = this.#messages[this.#indexOf(sequence)];
    return message?.sequence === sequence ? message : undefined;
  }

  /** Everything on these subjects from a sequence on. */
  from(sequence: number, subjects: readonly string[]): readonly Stored[] {
    return this.#messages
      .slice(this.#indexOf(sequence))
      .filter(({ subject }) => subjects.some((pattern) => matches(pattern, subject)));
  }

  /** Distinct subjects that hold a message. */
  subjects(pattern: string): readonly string[] {
    return [...new Set(this.from(1, [pattern]).map(({ subject }) => subject))];
  }

  purge(pattern: string): void {
    this.#messages = this.#messages.filter(({ subject }) => !matches(pattern, subject));
  }

  /** Drops what is too old now, and ids that are outside the window of the duplicate check. */
  expire(now: number): void {
    const { max_age: maxAge, duplicate_window: window } = this.#config;
    const oldest = now - microseconds(maxAge);
    if (maxAge !== undefined && maxAge > 0 && (this.#messages[0]?.at ?? now) <= oldest) {
      this.#messages = this.#messages.filter(({ at }) => at > oldest);
    }
    for (const [id, { at }] of this.#ids) {
      if (at > now - microseconds(window)) break;
      this.#ids.delete(id);
    }
  }

  /** A stream in memory begins anew when its server does; one in a file is what it was. */
  restart(): void {
    if (this.#config.storage !== "memory") return;
    this.#messages = [];
    this.#sequence = 0;
    this.#lastId = "";
    this.#ids.clear();
  }

  #makeRoom(subject: string): StreamRefusal | undefined {
    const { max_msgs_per_subject: limit, discard_new_per_subject: keepsFirst } = this.#config;
    if (limit !== 1 || this.last(subject) === undefined) return undefined;
    if (keepsFirst) return { reason: "refused", detail: "maximum messages per subject exceeded" };
    this.purge(subject);
    return undefined;
  }

  #store(subject: string, { envelope, data }: Outgoing, at: number): number {
    this.#sequence += 1;
    this.#messages.push({ subject, sequence: this.#sequence, at, envelope, data });
    this.#lastId = envelope.id;
    if (envelope.id !== "") this.#ids.set(envelope.id, { sequence: this.#sequence, at });
    this.changes.bump();
    return this.#sequence;
  }

  /** Index of the first message whose sequence is not lower. */
  #indexOf(sequence: number): number {
    let [low, high] = [0, this.#messages.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#messages[middle] as Stored).sequence < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const wrongSequence = (head: Stored | undefined, expected: number): StreamRefusal => ({
  reason: "conflict",
  detail: `wrong last sequence: ${head?.sequence ?? 0}, not ${expected}`,
});
