/** Bodies of events as far as the laws look at them. Read from JSON as it lies there; a field that is missing shows. */

export interface ScenarioBody {
  readonly executor: string;
  readonly vus?: number;
  readonly iterations?: number;
  readonly rate?: number;
  readonly timeUnitMs?: number;
  readonly durationMs?: number;
  readonly maxDurationMs?: number;
  readonly stages?: readonly { readonly durationMs: number; readonly target: number }[];
  readonly startTimeMs: number;
  readonly gracefulStopMs: number;
  readonly setup?: string;
  readonly teardown?: string;
}

export interface ThresholdBody {
  readonly threshold: string;
  readonly abortOnFail: boolean;
  readonly delayAbortEvalMs: number;
}

export interface PlanBody {
  readonly scenarios: Readonly<Record<string, ScenarioBody>>;
  readonly thresholds: Readonly<Record<string, readonly ThresholdBody[]>>;
  readonly zones: readonly { readonly zone: string }[];
  readonly agents: number;
  readonly onSilence: { readonly do: string; readonly afterMs?: number };
  readonly onAgentLoss: { readonly do: string; readonly percent?: number };
  readonly windowMs: number;
  readonly generator?: { readonly onBreach: string; readonly scheduleLagMs?: number };
  readonly hasSetup: boolean;
  readonly hasTeardown: boolean;
}

export interface TallyBody {
  readonly planned: number;
  readonly started: number;
  readonly completed: number;
  readonly interrupted: number;
  readonly dropped: number;
}

export interface FinishBody {
  readonly agent: string;
  /** Of an agent of a zone below the one that says it. */
  readonly zone?: string;
  readonly incarnation: number;
  readonly tallies: Readonly<Record<string, TallyBody>>;
  readonly intervals: number;
  readonly lastRequestAt: number;
  readonly endedAt: number;
  readonly clockErrorUs: number;
  readonly lostWorkers?: readonly unknown[];
  readonly interruptedRequests?: number;
  readonly aside?: unknown;
}

export interface LossBody {
  readonly agent: string;
  readonly zone?: string;
  readonly incarnation: number;
  readonly tallies: Readonly<Record<string, TallyBody>>;
}

export interface LineBody {
  readonly planned: number;
  readonly completed: number;
  readonly interrupted: number;
  readonly dropped: number;
  readonly lost: number;
}

export interface SummaryBody {
  readonly outcome: string;
  readonly exitCode: number;
  readonly ledger: {
    readonly total: LineBody;
    readonly scenarios: Readonly<Record<string, LineBody>>;
    readonly agents: Readonly<Record<string, LineBody>>;
  };
  readonly metrics: Readonly<Record<string, { readonly values: Readonly<Record<string, number>> }>>;
  readonly thresholds?: readonly {
    readonly metric: string;
    readonly threshold: string;
    readonly judgement: string;
    readonly observed?: number;
    readonly frame?: { readonly windows: readonly number[] };
  }[];
  readonly generator: { readonly breaches?: readonly { readonly message: string }[] };
  readonly completeness: {
    readonly mismatches: readonly string[];
    readonly interruptedRequests?: number;
    readonly agents: { readonly lost: readonly string[] };
  };
}

export interface EvidenceBody {
  readonly interval: number;
  readonly metric: string;
  readonly threshold: string;
  readonly observed: number;
  readonly windows?: readonly number[];
}

/** Every field that any event of interest has. */
export interface EventBody {
  readonly id: string;
  readonly type: string;
  readonly run?: string;
  readonly plan: PlanBody;
  readonly zone: string;
  readonly incarnation: number;
  readonly agent: string;
  readonly agents: readonly FinishBody[];
  readonly members: readonly {
    readonly agent: string;
    readonly incarnation: number;
    readonly workers: number;
    readonly zone?: string;
  }[];
  readonly finish: FinishBody;
  readonly loss: LossBody;
  readonly stage: string;
  readonly result: string;
  readonly cause: { readonly kind: string; readonly message: string };
  readonly evidence?: EvidenceBody;
  readonly startAt: number;
  readonly zoneStartAt: number;
  readonly intervals: number;
  readonly aside?: unknown;
  readonly summary: SummaryBody;
  readonly revision: number;
  readonly outcome: string;
  readonly exitCode: number;
  readonly message: string;
  readonly reason: string;
  readonly origin?: { readonly id: string };
  readonly failure?: { readonly kind: string; readonly message: string };
}
