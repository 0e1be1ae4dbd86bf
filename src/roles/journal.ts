/**
 * One aggregate's log and the state folded from it. Appends one event at a time with the expected last sequence and
 * the hash of the event before: a second writer, or a writer of the past, gets a conflict and nothing else.
 */
import * as Effect from "effect/Effect";
import type { Family } from "../../streams/index.ts";
import { link } from "../domain/log/chain.ts";
import { decodeBody, type Outgoing } from "../domain/log/codec.ts";
import { type AssetRef, type Asked, type Server, ServerError, type Stored } from "../ports/server.ts";
import { outgoing } from "./outgoing.ts";

interface Typed {
  readonly type: string;
}

export interface JournalOptions<S, E extends Typed> {
  readonly server: Server;
  readonly where: AssetRef;
  readonly family: Family;
  /** Name of the log in event ids: the run, or `zone.<name>`. */
  readonly name: string;
  /** All subjects of this log. */
  readonly subjects: string;
  readonly subjectOf: (type: string) => string;
  readonly initial: S;
  readonly evolve: (state: S, event: E) => S;
  readonly actor: string;
}

/** An event with where it stands. */
export interface Recorded<E> {
  readonly event: E;
  readonly id: string;
  readonly sequence: number;
  /** Hub or zone time of writing, µs. */
  readonly time: number;
}

interface Next<S, E> {
  readonly event: E;
  readonly state: S;
}

export class Journal<S, E extends Typed> {
  readonly #options: JournalOptions<S, E>;
  #state: S;
  #count = 0;
  #sequence = 0;
  #hash = "";
  #epoch = 0;

  constructor(options: JournalOptions<S, E>) {
    this.#options = options;
    this.#state = options.initial;
  }

  get state(): S {
    return this.#state;
  }

  /** Highest epoch under which an event of this log was decided. */
  get epoch(): number {
    return this.#epoch;
  }

  /** Events so far. */
  get length(): number {
    return this.#count;
  }

  /** Folds what is in the log now and was not folded before, and returns it. */
  load(): Asked<readonly Recorded<E>[]> {
    const { server, where, subjects } = this.#options;
    return server.log
      .read(where, [subjects], this.#sequence + 1)
      .pipe(Effect.map((messages) => messages.map((message) => this.#fold(message))));
  }

  /**
   * Appends one event under an epoch; `time` is the server's clock, `causation` the id of what caused it. A lease alone
   * does not fence: who holds an epoch of the past, and has not heard of it yet, gets a conflict here. An event that
   * nobody could read or fold again is a defect, and is not stored: it would be the end of the log for good.
   */
  append(
    event: E,
    meta: { readonly epoch: number; readonly time: number; readonly causation: string },
  ): Asked<Recorded<E>> {
    if (meta.epoch < this.#epoch) return Effect.fail(this.#replaced(meta.epoch));
    const { server, name, subjects, subjectOf, actor } = this.#options;
    const id = `${name}.${this.#count}.${meta.epoch}`;
    const plain = outgoing({ id, actor, correlation: name, ...meta }, event);
    const message = { ...plain, envelope: link(plain.envelope, plain.data, this.#hash) };
    return Effect.suspend(() => {
      const next = this.#read(message);
      return server.log
        .append(subjectOf(event.type), message, { last: { subjects, sequence: this.#sequence } })
        .pipe(Effect.map((sequence) => this.#take(next, { ...message, sequence })));
    });
  }

  #replaced(epoch: number): ServerError {
    const detail = `epoch ${this.#epoch} has written to it, this is epoch ${epoch}`;
    return new ServerError({
      operation: "append to",
      address: this.#options.name,
      reason: "conflict",
      detail,
    });
  }

  #fold(message: Stored): Recorded<E> {
    return this.#take(this.#read(message), message);
  }

  /** An event and the state after it; a defect where it cannot be read, or has no place there. */
  #read({ data, envelope }: Outgoing): Next<S, E> {
    const { family, evolve } = this.#options;
    const event = decodeBody(family, envelope, data) as unknown as E;
    return { event, state: evolve(this.#state, event) };
  }

  #take({ event, state }: Next<S, E>, { envelope, sequence }: Outgoing & { sequence: number }): Recorded<E> {
    this.#state = state;
    this.#count += 1;
    this.#sequence = sequence;
    this.#hash = envelope.hash ?? "";
    this.#epoch = Math.max(this.#epoch, envelope.epoch);
    return { event, id: envelope.id, sequence, time: envelope.time };
  }
}
