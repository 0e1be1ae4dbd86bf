/**
 * The `Workers` port with simulated worker processes: each is a process of its own on its agent's machine, may be killed
 * or stopped alone, and speaks to its agent through a pipe. Nobody stays behind when the agent dies: the pipe closes.
 */
import type { Stage } from "../../streams/schema/cause.ts";
import type {
  Assignment,
  Ended,
  Initialised,
  StageOutcome,
  StopMode,
  WorkerLoss,
  WorkerProcess,
} from "../../src/ports/workers.ts";
import type { Chance } from "./kernel/chance.ts";
import { Process } from "./kernel/process.ts";
import { SimSession } from "./load/sim-session.ts";
import type { Target } from "./load/target.ts";

/** What a message through the pipe takes. */
const PIPE_US = 80;
/** A worker whose agent is gone notices it after this. */
const ORPHAN_US = 15_000;
/** An agent hears of a worker's end after this. */
const EXIT_US = 3000;
const INIT_US_MAX = 250_000;

type Listener<T> = (value: T) => void;

export class SimWorker implements WorkerProcess {
  readonly ended: Promise<Ended>;
  readonly lost: Promise<WorkerLoss>;
  readonly pid: number;
  name: string;
  /** The worker's own process. */
  readonly process: Process;
  readonly #agent: Process;
  readonly #target: Target;
  readonly #chance: Chance;
  readonly #frame: Listener<Uint8Array>[] = [];
  readonly #abort: Listener<string>[] = [];
  readonly #settleEnd: Listener<Ended>;
  readonly #settleLoss: Listener<WorkerLoss>;
  #session: SimSession | undefined;
  #isKilled = false;

  constructor(agent: Process, pid: number, target: Target, chance: Chance) {
    const ended = Promise.withResolvers<Ended>();
    const lost = Promise.withResolvers<WorkerLoss>();
    this.ended = ended.promise;
    this.lost = lost.promise;
    this.#settleEnd = ended.resolve;
    this.#settleLoss = lost.resolve;
    this.pid = pid;
    this.name = `worker ${pid}`;
    this.#agent = agent;
    this.#target = target;
    this.#chance = chance;
    this.process = new Process(agent.kernel, `${agent.name}/${pid}`, agent.machine);
    agent.onDeath(() => agent.kernel.after(ORPHAN_US, () => this.process.kill()));
    this.process.onDeath(() => this.#exited());
  }

  #exited(): void {
    if (this.#isKilled) return;
    const loss = { name: this.name, cause: "was killed (SIGKILL)", lastLines: [] };
    this.#agent.after(EXIT_US, () => this.#settle(() => this.#settleLoss(loss)));
  }

  init(assignment: Assignment): Promise<Initialised> {
    this.name = assignment.name;
    return this.#asked((answer: Listener<Initialised>) => {
      this.#session = new SimSession(assignment, this.process, this.#target, {
        frame: (bytes) => this.#say(() => this.#frame.forEach((listener) => listener(bytes))),
        abort: (reason) => this.#say(() => this.#abort.forEach((listener) => listener(reason))),
        ended: (end) => this.#say(() => this.#settleEnd(end)),
      });
      const initialised = this.#session.init();
      this.process.after(this.#chance.whole(1000, INIT_US_MAX), () => answer(initialised));
    });
  }

  runStage(stage: Stage, _input: unknown, timeoutMs: number): Promise<StageOutcome> {
    return this.#asked((answer: Listener<StageOutcome>) => {
      this.process.after(timeoutMs * 1000, () => answer({ kind: "timeout" }));
      this.#session?.stage(stage, answer);
    });
  }

  start(startAtNs: bigint): void {
    this.#tell(() => this.#session?.start(startAtNs));
  }

  stop(mode: StopMode = "now"): void {
    this.#tell(() => this.#session?.stop(mode));
  }

  flush(): Promise<void> {
    return this.#asked((answer: Listener<void>) => {
      this.#session?.flush();
      answer();
    });
  }

  onFrame(listener: Listener<Uint8Array>): void {
    this.#frame.push(listener);
  }

  onAbort(listener: Listener<string>): void {
    this.#abort.push(listener);
  }

  /** Simulated requests have no ceiling. */
  onCeiling(): void {}

  onLog(): void {}

  onWarning(): void {}

  kill(): Promise<void> {
    this.#isKilled = true;
    this.process.kill();
    return new Promise((resolve) => {
      this.#agent.after(EXIT_US, () => this.#settle(resolve));
    });
  }

  /** Carries something out in the worker. */
  #tell(act: () => void): void {
    this.process.after(PIPE_US, act);
  }

  /** Carries something out in the agent. */
  #say(act: () => void): void {
    this.#agent.after(PIPE_US, () => this.#settle(act));
  }

  #settle(act: () => void): void {
    this.#agent.kernel.promised();
    act();
  }

  #asked<A>(ask: (answer: Listener<A>) => void): Promise<A> {
    this.#agent.kernel.promised();
    return new Promise((resolve) => {
      this.#tell(() => ask((answer) => this.#say(() => resolve(answer))));
    });
  }
}
