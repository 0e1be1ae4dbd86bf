/**
 * What the parts of one VU's world share: where its samples go, the tags in force, what is under way. The engine
 * sets it before each iteration; scripts never see it.
 */
import type { HttpOptions } from "../../streams/schema/http-options.ts";
import type { Scenario } from "../../streams/schema/plan.ts";
import { CookieJar } from "./cookie-jar.ts";
import type { DataFiles } from "./data-files.ts";
import { DEFAULT_STATUSES, type StatusSet } from "./expected-statuses.ts";
import type { Rails } from "./guard/rails.ts";
import type { RequestCeilings } from "./guard/request-ceilings.ts";
import { type ForgottenAwaits, InFlight } from "./in-flight.ts";
import { RandomStream } from "./random-stream.ts";
import type { Sink } from "./sink.ts";
import type { TagScope } from "./tag-scope.ts";

/** Settings and counters that all VUs of a worker share. */
export interface WorkerSettings {
  readonly sink: Sink;
  readonly requestTimeoutMs: number;
  readonly discardResponseBodies: boolean;
  readonly userAgent: string;
  readonly reuseConnections: boolean;
  readonly verifyTls: boolean;
  /** Of the run: its random choices follow from it. */
  readonly seed: number;
  /** Options that differ from k6's defaults. */
  readonly http: HttpOptions;
  readonly files: DataFiles;
  /** By name; absent: none. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Names of all scenarios of the run, in its order; none while options are learned. */
  readonly scenarios: readonly string[];
  readonly forgotten: ForgottenAwaits;
  /** Ends the run everywhere. */
  readonly abort: (reason: string) => void;
  readonly warn: (message: string) => void;
  /** Warns of a mistake of the script, with the place that the trace tells; once for each `topic`. */
  readonly mistake: (topic: string, message: string, trace: Error) => void;
  readonly traffic: Traffic;
  /** Undefined: requests go out as the script makes them. */
  readonly ceilings?: RequestCeilings | undefined;
  readonly rails?: Rails;
  /** The script runs on in this iteration of a scenario: should it end the process, that is where. */
  readonly running?: (scenario: string, iterationInTest: number, vu: number) => void;
}

/** Counted apart from the samples, for the ledger. */
export interface Traffic {
  /** Requests handed to a connection but cut before they were recorded. */
  interruptedRequests: number;
  /** µs on the run clock at which the last request was handed to a connection; undefined before the first. */
  lastRequestUs: number | undefined;
}

/** Who and where a VU is. */
export interface VuIdentity {
  readonly idInTest: number;
  readonly idInInstance: number;
  readonly scenario: string;
  readonly executor: Scenario["executor"] | "";
  /** ms since the epoch. */
  scenarioStartMs: number;
}

/**
 * `module`: module scope is running; `stage` and `iteration`: a function of the script is; `idle`: none is; `cut`: none is
 * wanted any more, but the last may go on where nobody can stop it.
 */
export type Phase = "module" | "stage" | "iteration" | "idle" | "cut";

export class VuState {
  readonly settings: WorkerSettings;
  readonly sink: Sink;
  readonly identity: VuIdentity;
  readonly inFlight: InFlight;
  readonly cookies = new CookieJar();
  readonly random: RandomStream;
  /** Statuses that are no failure, unless a request says otherwise; null: failures are not measured. */
  expected: StatusSet | null = DEFAULT_STATUSES;
  /** Tags outside every group. */
  readonly rootScope: TagScope;
  scope: TagScope;
  phase: Phase = "module";
  /** Rises when an iteration is cut: what began before it records nothing and never answers. */
  epoch = 0;
  /** 0-based count of this VU's iterations. */
  iteration = -1;
  iterationInTest = 0;
  iterationInInstance = 0;

  constructor(settings: WorkerSettings, identity: VuIdentity, rootScope: TagScope) {
    this.settings = settings;
    this.sink = settings.sink;
    this.identity = identity;
    this.inFlight = new InFlight(settings.forgotten, () => this.runsOn());
    this.random = new RandomStream(settings.seed, identity.scenario);
    this.random.atModule(identity.idInTest);
    this.rootScope = rootScope;
    this.scope = rootScope;
  }

  /** Where the script is now, for the case that nobody can be asked any more. */
  runsOn(): void {
    const { idInTest, scenario } = this.identity;
    this.settings.running?.(scenario, this.iterationInTest, idInTest);
  }

  /** @throws Error naming `what` when module scope is running: there is no run yet to measure it in */
  needRun(what: string): void {
    if (this.phase === "module") {
      throw new Error(`${what} cannot be called in module scope; call it in setup() or in an iteration`);
    }
  }
}
