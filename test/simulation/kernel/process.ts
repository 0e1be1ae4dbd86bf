/**
 * A process of the simulated mesh: whatever runs in it runs only while it lives and is not stopped. To kill it is to
 * never run anything of it again – no finalizer, nothing flushed – as `kill -9` does. Its fibers are resumed by
 * nothing but the kernel, on its behalf.
 */
import type * as Clock from "effect/Clock";
import * as ClockTag from "effect/Clock";
import * as Context from "effect/Context";
import * as Duration from "effect/Duration";
import * as Effect from "effect/Effect";
import type * as Exit from "effect/Exit";
import * as Scheduler from "effect/Scheduler";
import type { Due } from "./event-queue.ts";
import { EPOCH_US, type Kernel } from "./kernel.ts";

/** Clocks of one machine: how far its wall clock is off, and since when its monotonic clock counts. */
export interface Machine {
  readonly wallOffsetUs: number;
  readonly bootedUs: number;
}

const OPERATIONS_BEFORE_YIELD = 2048;

export class Process {
  readonly kernel: Kernel;
  readonly name: string;
  readonly machine: Machine;
  readonly context: Context.Context<never>;
  #isAlive = true;
  #isStopped = false;
  #backlog: (() => void)[] = [];
  /** Called when it is killed: whoever is at the other end of its pipes and connections. */
  readonly #onDeath: (() => void)[] = [];

  constructor(kernel: Kernel, name: string, machine: Machine) {
    this.kernel = kernel;
    this.name = name;
    this.machine = machine;
    this.context = Context.make(ClockTag.Clock, this.#clock()).pipe(
      Context.add(Scheduler.Scheduler, this.#scheduler()),
    );
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  note(what: string): void {
    this.kernel.note(this.name, what);
  }

  /** Carries something out in this process, soon. */
  post(act: () => void): void {
    if (!this.#isAlive) return;
    if (this.#isStopped) this.#backlog.push(act);
    else this.kernel.soon(() => this.#act(act));
  }

  #act(act: () => void): void {
    if (!this.#isAlive) return;
    if (this.#isStopped) this.#backlog.push(act);
    else act();
  }

  /** Carries something out in this process after a while of its own time. */
  after(delayUs: number, act: () => void): Due {
    const due = this.kernel.after(delayUs, () =>
      this.#act(() => {
        // It may have been taken back while the process was stopped.
        if (due.act !== undefined) act();
      }),
    );
    return due;
  }

  /** Runs a program in it; `onEnd` hears how it ended, if it ever does. */
  run<A, E>(program: Effect.Effect<A, E>, onEnd?: (exit: Exit.Exit<A, E>) => void): void {
    this.post(() => {
      const fiber = Effect.runForkWith(this.context)(program);
      if (onEnd !== undefined) fiber.addObserver(onEnd);
    });
  }

  onDeath(heard: () => void): void {
    this.#onDeath.push(heard);
  }

  kill(): void {
    if (!this.#isAlive) return;
    this.#isAlive = false;
    this.#backlog = [];
    for (const heard of this.#onDeath.splice(0)) heard();
  }

  /** Nothing of it runs until `resume`; what should have happened meanwhile happens then, late. */
  stop(): void {
    this.#isStopped = true;
  }

  resume(): void {
    this.#isStopped = false;
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const act of backlog) this.post(act);
  }

  /** µs on the machine's monotonic clock. */
  get monotonicUs(): number {
    return this.kernel.nowUs - this.machine.bootedUs;
  }

  #scheduler(): Scheduler.Scheduler {
    return {
      executionMode: "async",
      shouldYield: ({ currentOpCount }) => currentOpCount >= OPERATIONS_BEFORE_YIELD,
      makeDispatcher: () => ({ scheduleTask: (task) => this.post(task), flush: () => {} }),
    };
  }

  #clock(): Clock.Clock {
    const wallUs = () => EPOCH_US + this.kernel.nowUs + this.machine.wallOffsetUs;
    const millis = () => Math.floor(wallUs() / 1000);
    const wallNs = () => BigInt(wallUs()) * 1000n;
    const monotonicNs = () => BigInt(this.monotonicUs) * 1000n;
    return {
      currentTimeMillisUnsafe: millis,
      currentTimeMillis: Effect.sync(millis),
      currentTimeNanosUnsafe: wallNs,
      currentTimeNanos: Effect.sync(wallNs),
      monotonicTimeNanosUnsafe: monotonicNs,
      monotonicTimeNanos: Effect.sync(monotonicNs),
      sleep: (duration) => this.#sleep(Duration.toMillis(duration)),
    };
  }

  #sleep(millis: number): Effect.Effect<void> {
    if (millis <= 0) return Effect.yieldNow;
    if (!Number.isFinite(millis)) return Effect.never;
    return Effect.callback((resume) => {
      const due = this.after(millis * 1000, () => resume(Effect.void));
      return Effect.sync(() => {
        due.act = undefined;
      });
    });
  }
}
