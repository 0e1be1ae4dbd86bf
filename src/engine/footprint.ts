/**
 * Which iteration a worker's script ran last, told without asking: the worker leaves it in a file that has no name any
 * more, and its agent reads that once the worker is gone. A note costs some ten nanoseconds; it goes to the file at most
 * once a millisecond, and from a thread of its own (thread-watch.ts) while a script blocks the event loop.
 */
import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RunningIteration } from "../ports/workers.ts";

/** The worker's number of the file; the agent passes it there. */
export const FOOTPRINT_FD = 4;

/** Scenario from 1 in the order of the plan (0: nothing was running), number in the whole run, VU. */
const FIELDS = 3;
const FOOTPRINT_BYTES = FIELDS * Float64Array.BYTES_PER_ELEMENT;
const WRITE_EVERY_MS = 1;

/** The worker's side. */
export class Footprint {
  /** The thread reads it, too. */
  readonly shared = new SharedArrayBuffer(FOOTPRINT_BYTES);
  readonly #fields = new Float64Array(this.shared);
  readonly #copy = new Float64Array(FIELDS);
  readonly #bytes = new Uint8Array(this.#copy.buffer);
  readonly #scenarios = new Map<string, number>();
  #writtenMs = 0;

  /** Scenarios by the order of the plan. */
  name(scenarios: readonly string[]): void {
    for (const [index, scenario] of scenarios.entries()) this.#scenarios.set(scenario, index + 1);
  }

  /** The script runs on in this iteration; a stage has no scenario. */
  note(scenario: string, number: number, vu: number): void {
    const fields = this.#fields;
    fields[0] = this.#scenarios.get(scenario) ?? 0;
    fields[1] = number;
    fields[2] = vu;
    const nowMs = performance.now();
    if (nowMs - this.#writtenMs < WRITE_EVERY_MS) return;
    this.#writtenMs = nowMs;
    this.write();
  }

  /** What was noted last. */
  get last(): RunningIteration | undefined {
    return iterationOf(this.#fields, [...this.#scenarios.keys()]);
  }

  write(): void {
    try {
      // A copy: what is shared may change while it is written.
      this.#copy.set(this.#fields);
      writeSync(FOOTPRINT_FD, this.#bytes, 0, FOOTPRINT_BYTES, 0);
    } catch {
      // Without the file a loss names no iteration; that must not cost the run.
    }
  }
}

/** The agent's side: the file, until the worker is gone. */
export class FootprintFile {
  fd: number | undefined;

  constructor() {
    this.fd = openUnnamed();
  }

  /** What was left in it, by the plan's scenarios; it is closed then. */
  take(scenarios: readonly string[]): RunningIteration | undefined {
    if (this.fd === undefined) return undefined;
    const fields = new Float64Array(FIELDS);
    const bytes = readSync(this.fd, new Uint8Array(fields.buffer), 0, FOOTPRINT_BYTES, 0);
    closeSync(this.fd);
    this.fd = undefined;
    return bytes < FOOTPRINT_BYTES ? undefined : iterationOf(fields, scenarios);
  }
}

function iterationOf(fields: Float64Array, scenarios: readonly string[]): RunningIteration | undefined {
  const [index = 0, number = 0, vu = 0] = fields;
  const scenario = scenarios[index - 1];
  return scenario === undefined ? undefined : { scenario, number, vu };
}

let files = 0;

/** Undefined where no file can be made: then a loss is told without its iteration. */
function openUnnamed(): number | undefined {
  const path = join(tmpdir(), `mesh-footprint-${process.pid}-${files++}`);
  try {
    const fd = openSync(path, "wx+", 0o600);
    unlinkSync(path);
    return fd;
  } catch {
    return undefined;
  }
}
