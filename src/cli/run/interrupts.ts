/**
 * Ctrl-C during a run: the first asks root to stop it – drained, torn down, summarised, exit 105 – and the second ends
 * everything at once with 130. A terminal and a parent may both pass on one key press. A terminal that goes away is such a
 * first one under a mesh of our own; a run on another mesh goes on, and the door leaves (129).
 */
import { randomBytes } from "node:crypto";
import * as Effect from "effect/Effect";
import type { Server } from "../../ports/server.ts";
import { requestStop } from "../../roles/door/ask.ts";
import { exitCode } from "../exit-codes.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const SAME_PRESS_MS = 250;
/** What writing to a terminal says when nobody holds its other end. */
const GONE: ReadonlySet<string | undefined> = new Set(["EIO", "EPIPE", "ENXIO"]);

export class Interrupts {
  readonly #note: (line: string) => void;
  readonly #kill: (() => void) | undefined;
  #since: number | undefined;
  #stop: ((signal: string) => void) | undefined;
  #leave: (() => void) | undefined;

  /** `kill` ends the mesh of this command; there is none where the run is on a mesh of its own. */
  constructor(note: (line: string) => void, kill: (() => void) | undefined) {
    this.#note = note;
    this.#kill = kill;
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    if (process.stderr.isTTY) process.stderr.on("error", this.#onLost);
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
    // A press that stopped the run is answered by its end: the next one is a first one again.
    this.#since = undefined;
  }

  close(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    process.stderr.off("error", this.#onLost);
  }

  readonly #onLost = ({ code }: NodeJS.ErrnoException): void => {
    if (GONE.has(code)) this.#onSignal("SIGHUP");
  };

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (signal === "SIGHUP" && this.#kill === undefined) process.exit(exitCode.hungUp);
    const now = performance.now();
    // A terminal goes away once, however often that is told.
    if (signal === "SIGHUP" && this.#since !== undefined) return;
    if (this.#since !== undefined && now - this.#since < SAME_PRESS_MS) return;
    if (this.#since !== undefined || this.#stop === undefined) {
      this.#kill?.();
      if (this.#stop !== undefined)
        this.#note("stopped without draining: the next mesh command closes the run");
      process.exit(exitCode.interrupted);
    }
    this.#since = now;
    if (this.#leave !== undefined) return this.#leave();
    this.#note(`${signal}: stopping the run; iterations end, teardown runs (again to force)`);
    this.#stop(signal);
  };
}
