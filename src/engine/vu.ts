/**
 * One virtual user: an instance of the script with its own connections, running one function at a time. It knows
 * how to cut what it runs; when and how often it runs is the scenario's affair.
 */
import { HttpClient, type Connections } from "../script/http-client.ts";
import type { KnownMetrics } from "../script/custom-metrics.ts";
import { openOf } from "../script/data.ts";
import { mathOf } from "../script/random.ts";
import { RunAborted } from "../script/flow.ts";
import type { TagScope } from "../script/tag-scope.ts";
import { type Phase, type VuIdentity, VuState, type WorkerSettings } from "../script/vu-state.ts";
import { makeWorld } from "../script/world.ts";
import type { Program } from "./program.ts";
import type { ScriptLog } from "./script-log.ts";
import type { SourcePlaces } from "./source-places.ts";

/** What every VU of a worker is made from. */
export interface VuWorkshop {
  readonly program: Program;
  readonly places: SourcePlaces;
  readonly settings: WorkerSettings;
  readonly connections: Connections;
  readonly known: KnownMetrics;
  readonly log: ScriptLog;
}

export interface VuPlan {
  readonly identity: VuIdentity;
  readonly scope: TagScope;
  readonly env: Readonly<Record<string, string>>;
}

type ScriptFunction = (data: unknown) => unknown;
/** How a function of the script ended; `cut` = by `interrupt` or `abort()`. */
export type Ending =
  | { readonly kind: "returned"; readonly value: unknown }
  | { readonly kind: "threw"; readonly error: unknown }
  | { readonly kind: "cut" };

const CUT: Ending = { kind: "cut" };

export class Vu {
  readonly state: VuState;
  readonly #workshop: VuWorkshop;
  readonly #client: HttpClient;
  readonly #exports: Record<string, unknown>;
  #finish: ((ending: Ending) => void) | undefined;

  /** Runs module scope. @throws what module scope throws */
  constructor(workshop: VuWorkshop, plan: VuPlan) {
    const state = new VuState(workshop.settings, plan.identity, plan.scope);
    this.state = state;
    this.#workshop = workshop;
    this.#client = new HttpClient(state, workshop.connections);
    const numbers = {
      vu: plan.identity.idInTest,
      get iteration() {
        return state.iteration;
      },
    };
    const loadmesh = makeWorld(state, this.#client, workshop.known);
    this.#exports = workshop.program.instantiate({
      loadmesh,
      numbers,
      env: plan.env,
      open: openOf(state),
      math: mathOf(state.random),
    });
    state.phase = "idle";
  }

  /** True when the script exports such a function. */
  has(name: string): boolean {
    return typeof this.#exports[name] === "function";
  }

  /** Runs an exported function to its end, with everything it forgot to await. */
  run(name: string, data: unknown, phase: Phase): Promise<Ending> {
    return new Promise((resolve) => this.begin(name, data, phase, resolve));
  }

  /** The same without a promise: it is called for every iteration of a load test. */
  begin(name: string, data: unknown, phase: Phase, ended: (ending: Ending) => void): void {
    const { state } = this;
    const fn = this.#exports[name] as ScriptFunction;
    state.phase = phase;
    if (phase === "iteration") state.random.atIteration(state.iterationInTest);
    else state.random.atStage(name);
    const { http } = this.#workshop.settings;
    if (!http.noCookiesReset) state.cookies.clear();
    if (http.noVuConnectionReuse) this.#client.closeIdle();
    state.inFlight.reset();
    state.scope = state.rootScope;
    state.runsOn();
    this.#finish = ended;
    this.#execute(fn, data, state.epoch);
  }

  /** Cuts what runs, if anything does: nothing of it is recorded or answered any more. All connections close. */
  interrupt(): void {
    this.state.epoch++;
    this.#client.close(new Error("interrupted"));
    this.#end(CUT, "cut");
  }

  #end(ending: Ending, phase: Phase = "idle"): void {
    const finish = this.#finish;
    this.#finish = undefined;
    this.state.phase = phase;
    finish?.(ending);
  }

  #execute(fn: ScriptFunction, data: unknown, epoch: number): void {
    let result: unknown;
    try {
      result = fn(data);
    } catch (error) {
      result = Promise.reject(error);
    }
    // Also what ends at once ends in a turn of its own: a script without an await must not grow the stack.
    Promise.resolve(result).then(
      (value) => this.#ended({ kind: "returned", value }, epoch),
      (error: unknown) => this.#ended(error instanceof RunAborted ? CUT : { kind: "threw", error }, epoch),
    );
  }

  #ended(ending: Ending, epoch: number): void {
    const { state } = this;
    if (state.epoch !== epoch) return;
    if (state.inFlight.count === 0) this.#end(ending);
    else void this.#settle(ending, epoch);
  }

  /** Waits for calls that the function did not await, and tells the author once where one was made. */
  async #settle(ending: Ending, epoch: number): Promise<void> {
    const { inFlight, settings } = this.state;
    const { forgotten } = settings;
    const place = this.#workshop.places.firstIn(inFlight.place ?? "");
    if (!forgotten.warned && place) {
      forgotten.warned = true;
      settings.warn(
        `${place.file}:${place.line}:${place.column}: a call is still under way when its function ends: ` +
          "an await is missing here. It is waited for and counted.",
      );
    }
    forgotten.seen = true;
    await inFlight.whenIdle();
    if (this.state.epoch === epoch) this.#end(ending);
  }
}
