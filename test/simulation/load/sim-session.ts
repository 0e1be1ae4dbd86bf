/** One run on one simulated worker, from the assignment to the last frame: `src/engine/worker-session.ts` in virtual time. */
import type { Stage } from "../../../streams/schema/cause.ts";
import { paceOf } from "../../../src/domain/pace/pace-of.ts";
import type { Assignment, Ended, Initialised, StageOutcome, StopMode } from "../../../src/ports/workers.ts";
import { kindOf, scenarioOf } from "../../../src/domain/run/stages.ts";
import { TagScope } from "../../../src/script/tag-scope.ts";
import { Chance } from "../kernel/chance.ts";
import type { Process } from "../kernel/process.ts";
import { Client } from "./client.ts";
import { decodeModel, type ScriptModel, type StageModel } from "./script-model.ts";
import { SimScenario } from "./sim-scenario.ts";
import { SimWindows } from "./sim-windows.ts";
import type { Target } from "./target.ts";

export interface Telling {
  readonly frame: (bytes: Uint8Array) => void;
  readonly abort: (reason: string) => void;
  readonly ended: (end: Ended) => void;
}

const error = (message: string) => ({ name: "Error", message, stack: "", place: undefined });

/** Median of a stage's requests is its service time; the tail is light. */
const STAGE_SHAPE = 20;

export class SimSession {
  readonly #assignment: Assignment;
  readonly #process: Process;
  readonly #tell: Telling;
  readonly #model: ScriptModel;
  readonly #windows: SimWindows;
  readonly #client: Client;
  readonly #scenarios: SimScenario[] = [];
  #left = 0;
  #isStopped = false;
  #isAborted = false;

  constructor(assignment: Assignment, process: Process, target: Target, tell: Telling) {
    const { agent, name, plan, runId, zone } = assignment;
    this.#assignment = assignment;
    this.#process = process;
    this.#tell = tell;
    this.#model = decodeModel(assignment.bundle);
    const { windowMs } = plan;
    const lateUs = (plan.generator?.scheduleLagMs ?? Infinity) * 1000;
    this.#windows = new SimWindows({
      process,
      source: name,
      agent,
      zone,
      windowMs,
      lateUs,
      send: tell.frame,
    });
    const chance = new Chance(this.#model.seed, `${runId} ${name}`);
    const who = { run: runId, zone, agent, source: name.slice(0, name.indexOf("/")), worker: name };
    this.#client = new Client(who, target, process, this.#windows, chance);
  }

  init(): Initialised {
    if (this.#model.failsInit) return { ok: false, error: error("module scope throws") };
    for (const name of Object.keys(this.#assignment.plan.scenarios)) this.#addScenario(name);
    return { ok: true, vus: this.#scenarios.reduce((sum, { vus }) => sum + vus, 0) };
  }

  #addScenario(name: string): void {
    const { plan, share } = this.#assignment;
    const { abort, scenarios } = this.#model;
    const [scenario, model] = [plan.scenarios[name], scenarios[name]];
    if (scenario === undefined || model === undefined) throw new Error(`no scenario is called ${name}`);
    this.#scenarios.push(
      new SimScenario({
        name,
        scenario,
        model,
        pace: paceOf(scenario, share),
        windows: this.#windows,
        process: this.#process,
        client: this.#client,
        abortsAt: abort?.scenario === name ? abort.index : undefined,
        abort: () => this.#abort("this is enough"),
        onEnd: () => this.#oneOver(),
      }),
    );
  }

  start(startAtNs: bigint): void {
    this.#windows.start(startAtNs);
    this.#client.lastRequestUs = undefined;
    this.#left = this.#scenarios.length;
    for (const scenario of this.#scenarios) scenario.run();
  }

  #oneOver(): void {
    this.#left -= 1;
    if (this.#left > 0) return;
    this.#windows.finish();
    this.#tell.ended(this.#end());
  }

  #end(): Ended {
    const { interruptedRequests, lastRequestUs } = this.#client;
    const names = Object.keys(this.#assignment.plan.scenarios);
    return {
      tallies: Object.fromEntries(this.#scenarios.map(({ tally }, index) => [names[index] ?? "", tally])),
      frames: this.#windows.frames,
      lastRequestAtNs: lastRequestUs === undefined ? undefined : this.#windows.instantOf(lastRequestUs),
      interruptedRequests,
      stopped: this.#isStopped,
    };
  }

  stop(mode: StopMode): void {
    this.#isStopped = true;
    for (const scenario of this.#scenarios) scenario.stop(mode);
  }

  #abort(reason: string): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#tell.abort(reason);
    for (const scenario of this.#scenarios) scenario.stop("drain");
  }

  flush(): void {
    this.#windows.flush();
  }

  /** Runs a stage: some requests, then its value. */
  stage(stage: Stage, done: (outcome: StageOutcome) => void): void {
    const [scenario, kind] = [scenarioOf(stage), kindOf(stage)];
    const own = scenario === undefined ? this.#model : this.#model.scenarios[scenario];
    const model = own !== undefined && kind in own ? own[kind as "setup"] : undefined;
    if (model === undefined) return done({ kind: "done", value: undefined });
    const group = `::${kind}`;
    const tags = scenario === undefined ? { group } : { group, scenario };
    const scope = new TagScope(this.#windows, tags, group);
    const service = { medianUs: model.serviceUs, shape: STAGE_SHAPE, failure: 0 };
    const next = (left: number): void => {
      if (left === 0) return done(outcomeOf(stage, model));
      const what = { scenario: "", stage, iteration: 0, isLast: left === 1, isAbort: false };
      this.#client.ask(what, service, scope, () => next(left - 1));
    };
    next(model.requests);
  }
}

function outcomeOf(stage: Stage, { throws }: StageModel): StageOutcome {
  if (throws) return { kind: "failed", error: error(`${stage} throws`) };
  return { kind: "done", value: kindOf(stage) === "setup" ? { token: "a" } : {} };
}
