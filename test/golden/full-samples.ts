/** A second sample of messages that have gained optional fields since their first bytes were frozen: with all of them. */
import { samples } from "./samples.ts";

const { RunPlanned, RunStopping, StageAttempted, WorkerLost } = samples["run event"];
const { PlanRun } = samples["door command"];
const zone = samples["zone event"];
const { AgentFailed, ShareAssigned } = zone;
const { Beat, Pulse } = { ...samples["beat"], ...samples["pulse"] };
const { ChildReady: { members, origin } } = zone;
/** Of an agent of a zone below. */
const below = { zone: "fra-lab", origin };
const lossBelow = { ...zone.AgentLost.loss, zone: "fra-lab" };
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
    // Of agents of a zone below.
    ZoneReady: { ...samples["run event"].ZoneReady, members },
    AgentLost: { ...samples["run event"].AgentLost, zone: "fra-lab", via: "fra", loss: lossBelow },
    WorkerLost: { ...WorkerLost, zone: "fra-lab", via: "fra" },
    ZoneFinished: { ...samples["run event"].ZoneFinished, awaits: ["fra-lab"] },
  },
  "zone event": {
    AgentFailed: { ...AgentFailed, failure: ofDeath },
    ZoneStarted: { ...zone.ZoneStarted, parent: "eu" },
    ShareDivided: { ...zone.ShareDivided, zones: [{ zone: "fra-lab", share: ShareAssigned.share, agents: 2 }] },
    ShareRefused: { ...zone.ShareRefused, ...below },
    ShareReady: { ...zone.ShareReady, members },
    ShareStarted: { ...zone.ShareStarted, parentStartAt: zone.ShareStarted.startAt + 1200 },
    StageReported: { ...zone.StageReported, ...below },
    AbortRequested: { ...zone.AbortRequested, ...below },
    AccessRefused: { ...zone.AccessRefused, ...below },
    AgentLost: { ...zone.AgentLost, loss: lossBelow, origin },
    ChildFinished: { ...zone.ChildFinished, aside: zone.ShareFinished.aside, awaits: ["fra-lab-2"] },
    ShareFinished: { ...zone.ShareFinished, awaits: ["fra-lab"] },
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
    RunStage: { ...samples["node command"].RunStage, zone: "fra-lab" },
    StartRun: { ...samples["node command"].StartRun, setups: { pay: { cart: 17 }, warm: null } },
  },
  beat: {
    Beat: {
      ...Beat,
      parent: "eu",
      agents: Beat.agents.map((agent) => ({ ...agent, busy: true })),
      below: [{ zone: "fra-lab", parent: Beat.node, incarnation: 2, protocol: 1, program: Beat.program, host: "lab-1", pid: 71, runs: Beat.runs, agents: Beat.agents, silentMs: 310 }],
    },
  },
  pulse: { Pulse: { ...Pulse, above: ["fra", "eu"] } },
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
