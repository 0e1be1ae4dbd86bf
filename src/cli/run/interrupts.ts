/**
 * Ctrl-C during a run: the first asks root to stop it – drained, torn down, summarised, exit 105 – and the second ends
 * everything at once with 130. A terminal and a parent may both pass on one key press.
 */
import { randomBytes } from "node:crypto";
import * as Effect from "effect/Effect";
import type { Server } from "../../ports/server.ts";
import { requestStop } from "../../roles/door/ask.ts";
import { exitCode } from "../exit-codes.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const SAME_PRESS_MS = 250;

export class Interrupts {
  readonly #note: (line: string) => void;
  readonly #kill: () => void;
  #since: number | undefined;
  #stop: ((signal: string) => void) | undefined;
  #leave: (() => void) | undefined;

  constructor(note: (line: string) => void, kill: () => void) {
    this.#note = note;
    this.#kill = kill;
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
  }

  /** From now on there is a run that can be stopped in order. */
  watch(server: Server, run: string, actor: string): void {
    this.#stop = (signal) => {
      const cause = { kind: "signal", message: `stopped by ${signal}`, by: actor } as const;
      const id = `${run}-stop-${randomBytes(3).toString("hex")}`;
      Effect.runPromise(requestStop(server, run, actor, cause, id)).catch((error: Error) =>
        this.#note(error.message),
      );
    };
  }

  /** The run is over, and nothing is left that a person must wait for: the first Ctrl-C ends what is still waited for. */
  leaveWith(leave: () => void): void {
    this.#leave = leave;
  }

  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (this.#since !== undefined && now - this.#since < SAME_PRESS_MS) return;
    if (this.#since !== undefined || this.#stop === undefined) {
      this.#kill();
      process.exit(exitCode.interrupted);
    }
    this.#since = now;
    if (this.#leave !== undefined) return this.#leave();
    this.#note(`${signal}: stopping the run; iterations end, teardown runs (again to force)`);
    this.#stop(signal);
  };
}
