/**
 * The agent's side of a worker process: starts it, speaks to it, and notices when it is gone or no longer answers.
 * A script that runs out of memory, blocks its event loop, calls `process.exit` or crashes takes down its worker
 * and nothing else, and `lost` says which.
 */
import { type ChildProcess, fork } from "node:child_process";
import { ANSWER_MS, INIT_MS, STAGE_GRACE_MS, UNRESPONSIVE_MS, YOUNG_HALF_MB } from "./limits.ts";
import type { Stage } from "../../streams/schema/cause.ts";
import { Redaction } from "../domain/redaction.ts";
import { entryFile } from "../entry-file.ts";
import type {
  Assignment,
  Ended,
  Initialised,
  StageOutcome,
  StopMode,
  WorkerLoss,
  WorkerProcess,
} from "../ports/workers.ts";
import { FootprintFile } from "./footprint.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";
import { SourcePlaces } from "./source-places.ts";
import { WorkerLines } from "./worker-lines.ts";
import { causeOfExit, cleanEnvironment, memoryMbOf } from "./worker-process.ts";
import { Patience } from "./patience.ts";

export interface WorkerOptions {
  /** Limit of the script's heap in MB; by default Node's own, from the machine's memory. */
  readonly heapMb?: number;
}

type Listener<T> = (value: T) => void;

const MAIN = entryFile("./worker-main", import.meta.url);

class Worker implements WorkerProcess {
  readonly ended: Promise<Ended>;
  readonly lost: Promise<WorkerLoss>;
  name: string;
  readonly #child: ChildProcess;
  readonly #lines = new WorkerLines();
  readonly #patience: Patience;
  readonly #frame: Listener<Uint8Array>[] = [];
  readonly #abort: Listener<string>[] = [];
  readonly #ceiling: Listener<string>[] = [];
  readonly #warning: Listener<string>[] = [];
  readonly #settleEnd: (end: Ended) => void;
  readonly #settleLoss: (loss: WorkerLoss) => void;
  readonly #exited: Promise<void>;
  #settleInit: ((result: Initialised) => void) | undefined;
  #settleStage: ((result: StageOutcome) => void) | undefined;
  #settleFlush: (() => void) | undefined;
  #places = new SourcePlaces(undefined);
  readonly #footprint = new FootprintFile();
  #scenarios: readonly string[] = [];
  #hasEnded = false;
  #killed = false;
  #deaf: string | undefined;

  constructor({ heapMb }: WorkerOptions) {
    const ended = Promise.withResolvers<Ended>();
    const lost = Promise.withResolvers<WorkerLoss>();
    this.ended = ended.promise;
    this.lost = lost.promise;
    this.#settleEnd = ended.resolve;
    this.#settleLoss = lost.resolve;
    this.#patience = new Patience((cause) => this.#giveUp(cause));
    this.#child = fork(MAIN, [], {
      serialization: "advanced",
      execArgv: [
        `--max-semi-space-size=${YOUNG_HALF_MB}`,
        ...(heapMb === undefined ? [] : [`--max-old-space-size=${heapMb}`]),
      ],
      env: cleanEnvironment(),
      stdio: ["ignore", "pipe", "pipe", "ipc", this.#footprint.fd ?? "ignore"],
    });
    this.name = `worker ${this.#child.pid ?? "?"}`;
    this.#lines.read(this.#child.stdout);
    this.#lines.read(this.#child.stderr);
    this.#child.on("message", (message) => this.#receive(message as FromWorker));
    // `close`, not `exit`: the last lines must have been read to name the cause.
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", (error) => this.#lose(`could not be started: ${error.message}`, resolve));
      this.#child.once("close", (code, signal) => {
        const { ranOutOfMemory } = this.#lines;
        // What it wrote while it died says more than that it no longer answered.
        const deaf = ranOutOfMemory ? undefined : this.#deaf;
        this.#lose(deaf ?? causeOfExit(code, signal, ranOutOfMemory), resolve);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  init(assignment: Assignment): Promise<Initialised> {
    this.name = assignment.name;
    this.#lines.redaction = new Redaction(Object.values(assignment.secrets ?? {}));
    this.#scenarios = Object.keys(assignment.plan.scenarios);
    this.#places = new SourcePlaces(assignment.sourceMap);
    this.#patience.expect("init", INIT_MS);
    return new Promise((resolve) => {
      this.#settleInit = resolve;
      this.#say({ type: "init", assignment });
    });
  }

  runStage(stage: Stage, input: unknown, timeoutMs: number): Promise<StageOutcome> {
    return new Promise((resolve) => {
      this.#settleStage = resolve;
      this.#patience.expect("stage", timeoutMs + STAGE_GRACE_MS, () => resolve({ kind: "timeout" }));
      this.#say({ type: "stage", stage, input, timeoutMs });
    });
  }

  start(startAtNs: bigint, setupData: unknown, ownData: Readonly<Record<string, unknown>> = {}): void {
    const untilMs = Math.max(0, Number(startAtNs - process.hrtime.bigint()) / 1e6);
    this.#patience.expect("frame", untilMs + UNRESPONSIVE_MS);
    this.#say({ type: "start", startAtNs, setupData, ownData });
  }

  stop(mode: StopMode = "now"): void {
    // Its end is the answer; after it, no second one comes.
    if (mode === "now" && !this.#hasEnded) this.#patience.expect("stop", ANSWER_MS);
    this.#say({ type: "stop", mode });
  }

  flush(): Promise<void> {
    this.#patience.expect("flush", ANSWER_MS);
    return new Promise((resolve) => {
      this.#settleFlush = resolve;
      this.#say({ type: "flush" });
    });
  }

  onFrame(listener: Listener<Uint8Array>): void {
    this.#frame.push(listener);
  }
  onAbort(listener: Listener<string>): void {
    this.#abort.push(listener);
  }
  onCeiling(listener: Listener<string>): void {
    this.#ceiling.push(listener);
  }
  onWarning(listener: Listener<string>): void {
    this.#warning.push(listener);
  }
  onLog(listener: Listener<string>): void {
    this.#lines.onLine((line) => listener(this.#places.mapText(line)));
  }

  async kill(): Promise<void> {
    this.#killed = true;
    this.#patience.clear();
    this.#child.kill("SIGKILL");
    await this.#exited;
  }

  #say(message: ToWorker): void {
    // A worker that is gone is reported by `lost`; what could not be said to it needs no second report.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #receive(message: FromWorker): void {
    switch (message.type) {
      case "initialised":
        this.#patience.met("init");
        return this.#settleInit?.(message.result);
      case "staged":
        this.#patience.met("stage");
        return this.#settleStage?.(message.result);
      case "frame":
        this.#patience.renew("frame", UNRESPONSIVE_MS);
        for (const listener of this.#frame) listener(message.bytes);
        return;
      case "abort":
        for (const listener of this.#abort) listener(message.reason);
        return;
      case "ceiling":
        for (const listener of this.#ceiling) listener(message.reason);
        return;
      case "warning":
        for (const listener of this.#warning) listener(message.message);
        return;
      case "log":
        return this.#lines.take(message.line);
      case "ended":
        this.#hasEnded = true;
        this.#patience.met("frame");
        this.#patience.met("stop");
        return this.#settleEnd(message.end);
      case "flushed":
        this.#patience.met("flush");
        return this.#settleFlush?.();
    }
  }

  #giveUp(cause: string): void {
    const memory = memoryMbOf(this.pid);
    this.#deaf = memory === undefined ? cause : `${cause} (it uses ${memory} MB of memory)`;
    this.#child.kill("SIGKILL");
  }

  #lose(cause: string, gone: () => void): void {
    this.#patience.clear();
    gone();
    const iteration = this.#footprint.take(this.#scenarios);
    if (this.#killed) return;
    const lastLines = this.#lines.last.map((line) => this.#places.mapText(line));
    const known = iteration === undefined ? {} : { iteration };
    this.#settleLoss({ name: this.name, cause, lastLines, ...known });
  }
}

/** Starts a worker process; it may wait, warm, until there is something to do. */
export function startWorker(options: WorkerOptions = {}): WorkerProcess {
  return new Worker(options);
}
