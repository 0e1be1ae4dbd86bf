/**
 * One scenario on one simulated worker: VUs that run iterations when the real pace says so, in virtual time. Counts and
 * cuts as `src/engine/scenario-run.ts` does; an iteration is some requests with pauses between them.
 */
import type { Tally } from "../../../streams/schema/ledger.ts";
import type { Scenario } from "../../../streams/schema/plan.ts";
import { builtin } from "../../../src/domain/metric/builtin.ts";
import { judgeSlot, noRound } from "../../../src/domain/pace/overdue.ts";
import type { Pace, Ramp } from "../../../src/domain/pace/pace.ts";
import { cutUsOf } from "../../../src/domain/pace/vu-line.ts";
import { TagScope } from "../../../src/script/tag-scope.ts";
import type { Due } from "../kernel/event-queue.ts";
import type { Process } from "../kernel/process.ts";
import type { Client } from "./client.ts";
import type { ScenarioModel } from "./script-model.ts";
import type { SimWindows } from "./sim-windows.ts";

export interface SimScenarioOptions {
  readonly name: string;
  readonly scenario: Scenario;
  readonly pace: Pace;
  readonly model: ScenarioModel;
  readonly windows: SimWindows;
  readonly process: Process;
  readonly client: Client;
  /** Global index of the iteration that calls `abort()`. */
  readonly abortsAt: number | undefined;
  readonly abort: () => void;
  readonly onEnd: () => void;
}

interface Vu {
  readonly local: number;
  byVu: number;
  /** When a ramp cuts what it is at. */
  cut: Due | undefined;
  /** What it waits for while it runs an iteration. */
  timer: Due | undefined;
  isRunning: boolean;
}

export class SimScenario {
  readonly #options: SimScenarioOptions;
  readonly #scope: TagScope;
  readonly #vus: Vu[] = [];
  readonly #free: Vu[] = [];
  #started = 0;
  #completed = 0;
  #interrupted = 0;
  #dropped = 0;
  /** Nothing starts any more. */
  #isCut = false;
  #isActive = false;
  #isOver = false;
  /** Starts and drops so far, of the open model. */
  #slot = 0;
  readonly #round = noRound();
  #wait: Due | undefined;

  constructor(options: SimScenarioOptions) {
    this.#options = options;
    this.#scope = new TagScope(options.windows, { ...options.scenario.tags, scenario: options.name });
    for (let vu = 0; vu < options.pace.vus; vu += 1) this.#addVu();
  }

  get vus(): number {
    return this.#vus.length;
  }

  get tally(): Tally {
    const [started, completed, interrupted, dropped] = [
      this.#started,
      this.#completed,
      this.#interrupted,
      this.#dropped,
    ];
    const planned = this.#options.pace.planned ?? started;
    return { planned, started, completed, interrupted, dropped };
  }

  #addVu(): void {
    const vu: Vu = {
      local: this.#vus.length,
      byVu: 0,
      cut: undefined,
      timer: undefined,
      isRunning: false,
    };
    for (const list of [this.#vus, this.#free]) list.push(vu);
  }

  #elapsedUs(): number {
    return this.#options.windows.nowUs() - this.#options.scenario.startTimeMs * 1000;
  }

  get #latestUs(): number {
    const { pace, scenario } = this.#options;
    return pace.durationUs + scenario.gracefulStopMs * 1000;
  }

  run(): void {
    const { pace, process } = this.#options;
    if (pace.vusMax === 0) return this.#end();
    for (const name of ["iterations_started", "iterations", "dropped_iterations"]) this.#count(name, 0);
    this.#wait = process.after(-this.#elapsedUs(), () => this.#begin());
  }

  #begin(): void {
    const { pace, process } = this.#options;
    this.#wait = undefined;
    this.#isActive = true;
    process.after(this.#latestUs - this.#elapsedUs(), () => this.stop("now"));
    if (this.#isCut) return this.#end();
    if (pace.model === "open") return this.#runOpen();
    for (const vu of this.#vus) this.#nextOf(vu);
    this.#endIfIdle();
  }

  /** Closed model: the next iteration of a VU when its last has ended. */
  #nextOf(vu: Vu): void {
    const waitUs = this.#isCut ? "stop" : this.#options.pace.next(this.#elapsedUs(), this.#started, vu.byVu);
    if (waitUs === "stop") return;
    const { ramp } = this.#options.pace;
    if (ramp !== undefined && !this.#isWanted(vu, ramp)) return;
    vu.byVu += 1;
    this.#iterate(vu, this.#started);
  }

  /** Whether a VU of a ramp may start now; if not, it comes back when it is wanted. */
  #isWanted(vu: Vu, ramp: Ramp): boolean {
    const { process } = this.#options;
    const elapsedUs = this.#elapsedUs();
    const shift = ramp.shiftOf(vu.local, elapsedUs);
    if (shift === undefined) return false;
    if (shift.fromUs > elapsedUs) {
      process.after(shift.fromUs - elapsedUs, () => this.#nextOf(vu));
      return false;
    }
    const cutUs = cutUsOf(shift, ramp.gracefulUs, (us) => ramp.shiftOf(vu.local, us));
    if (cutUs < Number.POSITIVE_INFINITY)
      vu.cut = process.after(cutUs - elapsedUs, () => this.#interrupt(vu));
    return true;
  }

  /** Open model: everything that is due now, then a wait for the next. */
  #runOpen(): void {
    const { pace, process, windows } = this.#options;
    while (!this.#isCut) {
      const elapsedUs = this.#elapsedUs();
      const waitUs = pace.next(elapsedUs, this.#slot, 0);
      if (waitUs === "stop" || elapsedUs >= this.#latestUs) break;
      if (waitUs > 0) {
        this.#wait = process.after(waitUs, () => this.#runOpen());
        return;
      }
      const slot = this.#slot;
      this.#slot += 1;
      const fate = judgeSlot(this.#round, elapsedUs + waitUs, elapsedUs, this.#free.length);
      windows.lag(-waitUs);
      if (fate === "start") this.#iterate(this.#free.pop() as Vu, slot);
      else this.#dropOne(fate);
    }
    this.#wait = undefined;
    this.#endIfIdle();
  }

  #dropOne(fate: "drop" | "late"): void {
    this.#drop(1, fate === "late" ? { reason: "late" } : undefined);
    const { pace } = this.#options;
    const mayGrow = fate === "drop" && !this.#round.isStandstill;
    if (mayGrow && this.#vus.length < pace.vusMax) this.#addVu();
  }

  #drop(count: number, tags?: Readonly<Record<string, string>>): void {
    this.#dropped += count;
    this.#options.windows.add(this.#scope.with(tags).metric(builtin("dropped_iterations")), count);
  }

  #count(metric: string, value: number): void {
    this.#options.windows.add(this.#scope.metric(builtin(metric)), value);
  }

  #iterate(vu: Vu, n: number): void {
    const { abortsAt, model, pace, windows } = this.#options;
    const startUs = windows.nowUs();
    const iteration = this.#started;
    this.#started += 1;
    vu.isRunning = true;
    this.#count("iterations_started", 1);
    const isAbort = abortsAt !== undefined && pace.indexOf(n) === abortsAt;
    this.#ask(vu, { iteration, startUs, left: model.requests, isAbort });
  }

  #ask(vu: Vu, at: At): void {
    const { client, model, name, process } = this.#options;
    const isLast = at.left === 1;
    vu.timer = client.ask(
      { scenario: name, stage: "", iteration: at.iteration, isLast, isAbort: isLast && at.isAbort },
      model,
      this.#scope,
      () => {
        if (isLast) return this.#finish(vu, at);
        vu.timer = process.after(model.thinkUs, () => this.#ask(vu, { ...at, left: at.left - 1 }));
      },
    );
  }

  #finish(vu: Vu, { isAbort, startUs }: At): void {
    const { abort, windows } = this.#options;
    vu.isRunning = false;
    vu.timer = undefined;
    if (isAbort) {
      this.#cut(vu);
      abort();
    } else {
      this.#completed += 1;
      this.#count("iterations", 1);
      this.#count("iteration_duration", windows.nowUs() - startUs);
    }
    this.#after(vu);
  }

  #after(vu: Vu): void {
    if (vu.cut !== undefined) vu.cut.act = undefined;
    vu.cut = undefined;
    this.#free.push(vu);
    if (this.#options.pace.model === "closed") this.#nextOf(vu);
    this.#endIfIdle();
  }

  #cut(vu: Vu): void {
    vu.isRunning = false;
    this.#interrupted += 1;
    this.#options.windows.nowUs();
    this.#count("iterations_interrupted", 1);
  }

  #interruptAll(): void {
    for (const vu of this.#vus) this.#interrupt(vu);
  }

  #interrupt(vu: Vu): void {
    if (!vu.isRunning || vu.timer === undefined) return;
    this.#options.client.cut(vu.timer);
    vu.timer = undefined;
    this.#cut(vu);
    this.#after(vu);
  }

  /** Nothing starts any more, and what runs is cut: `now`, or after `gracefulStop`. */
  stop(mode: "now" | "drain"): void {
    this.#isCut = true;
    if (this.#wait !== undefined) {
      this.#wait.act = undefined;
      this.#wait = undefined;
      if (!this.#isActive) return this.#end();
    }
    if (mode === "now") this.#interruptAll();
    else if (this.#isActive) {
      this.#options.process.after(this.#options.scenario.gracefulStopMs * 1000, () => this.#interruptAll());
    }
    this.#endIfIdle();
  }

  #endIfIdle(): void {
    const isIdle =
      this.#isActive && this.#wait === undefined && this.#vus.every(({ isRunning }) => !isRunning);
    if (isIdle && (this.#isCut || this.#isExhausted())) this.#end();
  }

  #isExhausted(): boolean {
    const { pace } = this.#options;
    const elapsedUs = this.#elapsedUs();
    if (pace.model === "open")
      return elapsedUs >= this.#latestUs || pace.next(elapsedUs, this.#slot, 0) === "stop";
    const { ramp } = pace;
    if (ramp !== undefined)
      return this.#vus.every(({ local }) => ramp.shiftOf(local, elapsedUs) === undefined);
    return this.#vus.every(({ byVu }) => pace.next(elapsedUs, this.#started, byVu) === "stop");
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isActive = false;
    const rest = (this.#options.pace.planned ?? 0) - this.#started - this.#dropped;
    this.#options.windows.nowUs();
    if (rest > 0) this.#drop(rest);
    this.#options.onEnd();
  }
}

/** Where an iteration is. */
interface At {
  readonly iteration: number;
  readonly startUs: number;
  readonly left: number;
  readonly isAbort: boolean;
}
