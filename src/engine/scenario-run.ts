/**
 * One scenario on one worker: its VUs, its counters and its end. The two loops (closed, open) decide when
 * iterations start; this file runs one iteration and counts it. started = completed + interrupted, always.
 */
import type { Scenario } from "../../streams/schema/plan.ts";
import type { Tally } from "../../streams/schema/ledger.ts";
import { builtin } from "../domain/metric/builtin.ts";
import type { Pace } from "../domain/pace/pace.ts";
import type { TagScope } from "../script/tag-scope.ts";
import type { HealthMeter } from "./health-meter.ts";
import { type Ending, Vu, type VuWorkshop } from "./vu.ts";
import { type Turn, Wake } from "./wake.ts";

export interface ScenarioSettings {
  readonly name: string;
  readonly scenario: Scenario;
  readonly pace: Pace;
  readonly workshop: VuWorkshop;
  readonly scope: TagScope;
  readonly env: Readonly<Record<string, string>>;
  readonly health: HealthMeter;
  readonly turn: Turn;
  /** `minIterationDuration`. */
  readonly minIterationMs?: number | undefined;
  /** 1-based number in the whole run of this scenario's nth VU here. */
  readonly vuNumber: (local: number) => number;
  /** 1-based number in this worker of the next VU. */
  readonly nextInstance: () => number;
}

const LATE = { reason: "late" };

interface Handles {
  readonly started: number;
  readonly interrupted: number;
  readonly iterations: number;
  readonly failed: number;
  readonly duration: number;
  readonly intended: number | undefined;
  readonly dropped: number;
}

export class ScenarioRun {
  readonly settings: ScenarioSettings;
  readonly vus: Vu[] = [];
  readonly wake = new Wake();
  setupData: unknown;
  started = 0;
  completed = 0;
  interrupted = 0;
  dropped = 0;
  /** How long the completed iterations took, together. */
  busyUs = 0;
  #resting = 0;
  /** Of VUs whose iteration was short. */
  readonly #pause = new Wake();
  #active = false;
  #startMs = 0;
  #handles: Handles | undefined;

  constructor(settings: ScenarioSettings) {
    this.settings = settings;
  }

  get pace(): Pace {
    return this.settings.pace;
  }

  /** VUs that are at work now; 0 before the scenario's start and after its end. */
  get activeVus(): number {
    return this.#active ? this.vus.length - this.#resting : 0;
  }

  /** So many VUs more, or fewer, are not wanted for now. */
  rests(change: number): void {
    this.#resting += change;
  }

  get tally(): Tally {
    const { started, completed, interrupted, dropped } = this;
    return { planned: this.pace.planned ?? started, started, completed, interrupted, dropped };
  }

  /** When what still runs is cut, of the scenario's time. */
  get latestUs(): number {
    return this.pace.durationUs + this.settings.scenario.gracefulStopMs * 1000;
  }

  /** µs since this scenario's own start. */
  elapsedUs(): number {
    return this.settings.workshop.settings.sink.nowUs() - this.settings.scenario.startTimeMs * 1000;
  }

  /** Initialises one more VU. @throws what module scope throws */
  addVu(): Vu {
    const { name, scenario, workshop, scope, env, vuNumber, nextInstance } = this.settings;
    const identity = {
      idInTest: vuNumber(this.vus.length),
      idInInstance: nextInstance(),
      scenario: name,
      executor: scenario.executor,
      scenarioStartMs: this.#startMs,
    };
    const vu = new Vu(workshop, { identity, scope, env });
    this.vus.push(vu);
    return vu;
  }

  /** Runs the scenario from its start time to the end of its last iteration. @param loop the pace's model */
  async run(setupData: unknown, loop: (run: ScenarioRun) => Promise<void>): Promise<void> {
    const { pace } = this.settings;
    this.setupData = setupData;
    if (pace.vusMax === 0) return;
    this.#declare();
    await this.wake.until(() => -this.elapsedUs());
    this.#startMs = Date.now() - this.elapsedUs() / 1000;
    for (const vu of this.vus) vu.state.identity.scenarioStartMs = this.#startMs;
    this.#active = true;
    const end = new Wake();
    void end.until(() => this.latestUs - this.elapsedUs()).then(() => this.stop("now"));
    if (!this.wake.isCut) await loop(this);
    end.cut();
    this.#active = false;
    // Other scenarios may go on for long.
    for (const vu of this.vus) vu.interrupt();
    this.#dropRest();
  }

  /** Ends the scenario: nothing starts any more, and what runs is cut: `now`, or after `gracefulStop` (`drain`). */
  stop(mode: "now" | "drain"): void {
    this.wake.cut();
    this.#pause.cut();
    if (mode === "now") this.#interruptAll();
    else if (this.#active)
      setTimeout(() => this.#interruptAll(), this.settings.scenario.gracefulStopMs).unref();
  }

  /** One iteration by one VU, and what is left of `minIterationDuration` after it. */
  iterate(vu: Vu, n: number, dueUs: number | undefined): Promise<void> {
    const leastUs = (this.settings.minIterationMs ?? 0) * 1000;
    if (leastUs === 0) return this.#iterateOnce(vu, n, dueUs);
    const endUs = this.elapsedUs() + leastUs;
    return this.#iterateOnce(vu, n, dueUs).then(() => this.#pause.until(() => endUs - this.elapsedUs()));
  }

  /** Counted. @param dueUs of the scenario's time, when the open model meant it to start */
  #iterateOnce(vu: Vu, n: number, dueUs: number | undefined): Promise<void> {
    const { sink } = this.settings.workshop.settings;
    vu.state.iteration++;
    vu.state.iterationInTest = this.pace.indexOf(n);
    vu.state.iterationInInstance = this.started++;
    const startUs = sink.nowUs();
    sink.add((this.#handles as Handles).started, 1);
    return new Promise((resolve) => {
      vu.begin(this.settings.scenario.exec, this.setupData, "iteration", (ending) => {
        this.#count(ending, startUs, dueUs);
        resolve();
      });
    });
  }

  #count(ending: Ending, startUs: number, dueUs: number | undefined): void {
    const { sink } = this.settings.workshop.settings;
    const handles = this.#handles as Handles;
    const endUs = sink.nowUs();
    if (ending.kind === "cut") {
      this.interrupted++;
      sink.add(handles.interrupted, 1);
      return;
    }
    this.completed++;
    sink.add(handles.iterations, 1);
    sink.add(handles.duration, endUs - startUs);
    this.busyUs += endUs - startUs;
    if (dueUs !== undefined && handles.intended !== undefined) {
      sink.add(handles.intended, this.elapsedUs() - dueUs);
    }
    if (ending.kind !== "threw") return;
    sink.add(handles.failed, 1);
    this.settings.workshop.log.failed("iteration failed", ending.error);
  }

  drop(count: number): void {
    this.#drop((this.#handles as Handles).dropped, count);
  }

  /** Drops an iteration that is overdue by too much: among the dropped ones, with the reason as a tag. */
  dropLate(): void {
    this.#drop(this.settings.scope.with(LATE).metric(builtin("dropped_iterations")), 1);
  }

  #drop(handle: number, count: number): void {
    this.dropped += count;
    this.settings.health.dropped(count);
    this.settings.workshop.settings.sink.add(handle, count);
  }

  /** What the plan gave this worker and was never started is dropped, so that the ledger balances. */
  #dropRest(): void {
    const rest = (this.pace.planned ?? 0) - this.started - this.dropped;
    this.settings.workshop.settings.sink.nowUs();
    if (rest > 0) this.drop(rest);
  }

  #interruptAll(): void {
    this.#pause.cut();
    for (const vu of this.vus) vu.interrupt();
  }

  #declare(): void {
    const { scope, pace } = this.settings;
    this.#handles = {
      started: scope.metric(builtin("iterations_started")),
      interrupted: scope.metric(builtin("iterations_interrupted")),
      iterations: scope.metric(builtin("iterations")),
      failed: scope.metric(builtin("iterations_failed")),
      duration: scope.metric(builtin("iteration_duration")),
      intended: pace.model === "open" ? scope.metric(builtin("iteration_duration_intended")) : undefined,
      dropped: scope.metric(builtin("dropped_iterations")),
    };
  }
}
