/**
 * Ctrl-C during a run: the first asks root to stop it – drained, torn down, summarised, exit 105 – and the second ends
 * everything at once with 130, as soon as nothing of the run's secrets is left. A terminal and a parent may both pass on one key press. A terminal that goes away is such a
 * first one under a mesh of our own; a run on another mesh goes on, and the door leaves (129).
 */
import { randomBytes } from "node:crypto";
import * as Effect from "effect/Effect";
import type { Server } from "../../ports/server.ts";
import { requestStop } from "../../roles/door/ask.ts";
import { exitCode } from "../exit-codes.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const SAME_PRESS_MS = 250;
const KILLED_WITHIN_MS = 5000;
/** What writing to a terminal says when nobody holds its other end. */
const GONE: ReadonlySet<string | undefined> = new Set(["EIO", "EPIPE", "ENXIO"]);

export class Interrupts {
  readonly #note: (line: string) => void;
  readonly #kill: (() => Promise<void>) | undefined;
  #isForced = false;
  #since: number | undefined;
  #stop: ((signal: string) => void) | undefined;
  #leave: (() => void) | undefined;

  /** `kill` ends the mesh of this command, and never rejects; there is none where the run is on a mesh of its own. */
  constructor(note: (line: string) => void, kill: (() => Promise<void>) | undefined) {
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

  /** Killing takes a moment, and whoever presses again does not even wait for that. */
  async #force(): Promise<void> {
    const isAgain = this.#isForced;
    this.#isForced = true;
    if (this.#stop !== undefined && !isAgain)
      this.#note("stopped without draining: the next mesh command closes the run");
    const bound = new Promise((resolve) => void setTimeout(resolve, KILLED_WITHIN_MS));
    if (this.#kill !== undefined && !isAgain) await Promise.race([this.#kill(), bound]);
    process.exit(exitCode.interrupted);
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
    const isForced = this.#since !== undefined || this.#stop === undefined;
    this.#since = now;
    if (isForced) return void this.#force();
    if (this.#leave !== undefined) return this.#leave();
    this.#note(`${signal}: stopping the run; iterations end, teardown runs (again to force)`);
    this.#stop?.(signal);
  };
}
