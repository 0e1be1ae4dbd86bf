/**
 * Many agents in one process, for `zone.ts`: the real agent role, each with a connection of its own; only their workers
 * are synthetic: ten trends with some samples in each window, made by the real recorder, and no load. Arguments: URL of
 * the server, the zone, the number of the first one, how many, and the folder of their credentials where the server wants
 * some. Ends when its stdin closes.
 */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import * as Semaphore from "effect/Semaphore";
import { builtin } from "../../src/domain/metric/builtin.ts";
import { Recorder } from "../../src/engine/recorder.ts";
import { natsServer } from "../../src/nats/nats-server.ts";
import { Own } from "../../src/ports/server.ts";
import { type Assignment, type Ended, type WorkerProcess, Workers } from "../../src/ports/workers.ts";
import { agent } from "../../src/roles/agent/agent.ts";

const [url = "", zone = "", first = "0", count = "1", creds] = process.argv.slice(2);
const SERIES = 10;
const SAMPLES_PER_WINDOW = 20;
/** Logins under way at once: each signs in this one process, and a server waits for the answer only so long. */
const LOGINS_MAX = 4;
const never = new Promise<never>(() => {});

/** Sends one frame per window, as soon as the window is over, until the plan's duration is. */
class SyntheticWorker implements WorkerProcess {
  readonly pid = process.pid;
  name = "";
  readonly lost = never;
  readonly ended: Promise<Ended>;
  #end: (end: Ended) => void = () => {};
  #frame: (frame: Uint8Array) => void = () => {};
  #plan: Assignment["plan"] | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor() {
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  init({ name, plan }: Assignment) {
    this.name = name;
    this.#plan = plan;
    return Promise.resolve({ ok: true, vus: 1 } as const);
  }

  start(startAtNs: bigint): void {
    const { scenarios, windowMs = 1000 } = this.#plan ?? {};
    const [scenario] = Object.values(scenarios ?? {});
    const windows = scenario?.executor === "constant-vus" ? scenario.durationMs / windowMs : 1;
    const recorder = new Recorder(this.name, {});
    const handles = Array.from({ length: SERIES }, (_, n) =>
      recorder.series(builtin("http_req_duration"), { name: `endpoint ${n}` }),
    );
    const next = (window: number): void => {
      const leftMs = Number(startAtNs - process.hrtime.bigint()) / 1e6 + (window + 1) * windowMs;
      this.#timer = setTimeout(() => {
        for (const handle of handles) {
          for (let n = 0; n < SAMPLES_PER_WINDOW; n += 1) {
            recorder.add(handle, Math.round(5000 * Math.exp(Math.random() * 2 - 1)));
          }
        }
        const final = window + 1 >= windows;
        this.#frame(recorder.close(window, { final, health: [] }));
        if (final) this.#over(windows, false);
        else next(window + 1);
      }, leftMs);
    };
    next(0);
  }

  #over(frames: number, stopped: boolean): void {
    this.#end({ tallies: {}, frames, lastRequestAtNs: undefined, interruptedRequests: 0, stopped });
  }

  stop(): void {}
  runStage = () => Promise.resolve({ kind: "done", value: undefined } as const);
  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#frame = listener;
  }
  onCeiling(): void {}
  onAbort(): void {}
  onLog(): void {}
  onWarning(): void {}
  flush = () => Promise.resolve();
  kill(): Promise<void> {
    clearTimeout(this.#timer);
    return Promise.resolve();
  }
}

const logins = Semaphore.makeUnsafe(LOGINS_MAX);

const one = (n: number) => {
  const name = `${zone}-${n}`;
  const note = (line: string) => void process.stdout.write(`[${name}] ${line}\n`);
  const options = {
    zone,
    agent: name,
    program: "bench",
    host: hostname(),
    pid: process.pid,
    cores: 1,
    labels: {},
    newSession: () => randomBytes(4).toString("hex"),
    note,
  };
  const credsFile = creds === undefined ? undefined : join(creds, `${name}.creds`);
  const layers = Layer.merge(
    Layer.effect(Own, logins.withPermit(natsServer({ url, credsFile, name: `agent-${name}`, note }))),
    Layer.succeed(Workers, { start: () => new SyntheticWorker() }),
  );
  return agent(options).pipe(Effect.provide(layers));
};

process.stdin.resume().once("close", () => process.exit(0));
await Effect.runPromise(
  Effect.forEach(
    Array.from({ length: Number(count) }, (_, n) => Number(first) + n),
    one,
    { concurrency: "unbounded", discard: true },
  ),
);
