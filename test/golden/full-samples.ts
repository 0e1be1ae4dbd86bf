/** A second sample of messages that have gained optional fields since their first bytes were frozen: with all of them. */
import { samples } from "./samples.ts";

const { RunPlanned, RunStopping, StageAttempted, WorkerLost } = samples["run event"];
const { PlanRun } = samples["door command"];
const { AgentFailed, ShareAssigned } = samples["zone event"];
const { AssignShare } = samples["node command"];
const { plan } = RunPlanned;
const labels = { git_commit: "2a08ba5", ticket: "SHOP-7" };

const ofDeath = { ...AgentFailed.failure, death: WorkerLost.death };

const full = {
  "run event": {
    RunPlanned: { ...RunPlanned, plan: { ...RunPlanned.plan, history: false, labels } },
    // What a threshold with a timeframe saw.
    RunStopping: {
      ...RunStopping,
      evidence: {
        interval: 53,
        window: 51,
        metric: "http_req_duration{zone:fra}",
        threshold: "p(99)<300 for 10s",
        observed: 412.5,
        windows: [42, 51],
      },
    },
    // A scenario's own stage, and the plan's word for it.
    StageAttempted: { ...StageAttempted, stage: "setup/pay" },
  },
  "zone event": {
    AgentFailed: { ...AgentFailed, failure: ofDeath },
    ShareAssigned: {
      ...ShareAssigned,
      plan: {
        ...plan,
        scenarios: {
          ...plan.scenarios,
          pay: { ...plan.scenarios["pay"], setup: "fillCart", teardown: "emptyCart" },
        },
      },
    },
  },
  "node command": {
    AssignShare: {
      ...AssignShare,
      plan: {
        ...plan,
        generator: {
          onBreach: "warn",
          scheduleLagMs: 500,
          eventLoopDelayMs: 1000,
          gcPercent: 20,
          cpuPercent: 95,
          memoryMb: 2000,
        },
      },
    },
    StartRun: { ...samples["node command"].StartRun, setups: { pay: { cart: 17 }, warm: null } },
  },
  "door command": {
    PlanRun: {
      ...PlanRun,
      request: {
        ...PlanRun.request,
        metrics: [{ name: "basket_value", kind: "trend" }],
        history: false,
        labels,
      },
    },
  },
};

type Bodies = Readonly<Record<string, { readonly type: string } | undefined>>;

/** By family and key; most messages have none. */
export const fullSamples: Readonly<Record<string, Bodies | undefined>> = full;
