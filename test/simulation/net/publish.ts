/**
 * Publishing with the patience of `src/nats/publisher.ts`: tried again under the same id until it is stored, refused, or
 * the time is up, and a late answer to an earlier try counts. Last words are said once and never again.
 */
import * as Effect from "effect/Effect";
import type { Outgoing } from "../../../src/domain/log/codec.ts";
import { APPEND_WITHIN_MS } from "../../../src/ports/server-terms.ts";
import { type Asked, type Expectation, ServerError } from "../../../src/ports/server.ts";
import type { Due } from "../kernel/event-queue.ts";
import type { Connection } from "./connection.ts";

const TRY_US = 2_000_000;
const PAUSE_US = 50_000;

export const publish = (
  connection: Connection,
  subject: string,
  message: Outgoing,
  expect: Expectation | undefined,
): Asked<number> =>
  Effect.callback((resume) => {
    const publication = new Publication(connection, subject, message, expect, resume);
    publication.send();
    return Effect.sync(() => publication.settle());
  });

class Publication {
  readonly #connection: Connection;
  readonly #subject: string;
  readonly #message: Outgoing;
  readonly #expect: Expectation | undefined;
  readonly #resume: (answer: Asked<number>) => void;
  readonly #deadlineUs: number;
  #isSettled = false;
  #timer: Due | undefined;
  #forgetReset = () => {};

  constructor(
    connection: Connection,
    subject: string,
    message: Outgoing,
    expect: Expectation | undefined,
    resume: (answer: Asked<number>) => void,
  ) {
    this.#connection = connection;
    this.#subject = subject;
    this.#message = message;
    this.#expect = expect;
    this.#resume = resume;
    this.#deadlineUs = connection.client.kernel.nowUs + APPEND_WITHIN_MS * 1000;
  }

  /** One try. */
  send(): void {
    const { client, host, isUp, weather } = this.#connection;
    if (!isUp) return this.#fail("not connected");
    this.#forgetReset();
    this.#forgetReset = this.#connection.onReset(() => this.#fail("the connection was lost"));
    this.#wait(TRY_US, () => this.#fail("no acknowledgement"));
    if (weather.losesRequest) return;
    this.#connection.up(() =>
      host.store(client, this.#subject, this.#message, this.#expect, (exit) => {
        if (!weather.losesAnswer) this.#connection.down(() => this.#hear(exit));
      }),
    );
  }

  #hear(exit: Asked<number> & { readonly _tag: "Success" | "Failure" }): void {
    if (this.#isSettled) return;
    if (exit._tag === "Success") return this.#answer(exit);
    const hear = Effect.catchTag(exit, "ServerError", (error) =>
      error.reason === "unavailable"
        ? Effect.sync(() => this.#fail(error.detail))
        : Effect.sync(() => this.#answer(exit)),
    );
    Effect.runSyncWith(this.#connection.client.context)(hear);
  }

  #fail(detail: string): void {
    if (this.#isSettled) return;
    if (this.#connection.client.kernel.nowUs > this.#deadlineUs) {
      const failure = {
        operation: "append to",
        address: this.#subject,
        reason: "unavailable",
        detail,
      } as const;
      return this.#answer(Effect.fail(new ServerError(failure)));
    }
    this.#wait(PAUSE_US, () => this.send());
  }

  #answer(answer: Asked<number>): void {
    this.settle();
    this.#resume(answer);
  }

  /** Nobody waits any more: no further try. */
  settle(): void {
    this.#isSettled = true;
    this.#forgetReset();
    this.#cancel();
  }

  #wait(delayUs: number, act: () => void): void {
    this.#cancel();
    this.#timer = this.#connection.client.after(delayUs, act);
  }

  #cancel(): void {
    if (this.#timer !== undefined) this.#timer.act = undefined;
  }
}

/** Says something to whoever listens now; whether anybody has it is not known. */
export function tell(connection: Connection, subject: string, message: Outgoing): void {
  const { client, host } = connection;
  connection.up(() => host.store(client, subject, message, undefined, () => {}));
}
