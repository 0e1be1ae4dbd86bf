/** A run in two zones with three agents, and the events of its life, to begin tests in the middle of it. */
import { decide } from "../../../src/domain/run/decide.ts";
import type { RunInput } from "../../../src/domain/run/input.ts";
import { evolve } from "../../../src/domain/run/evolve.ts";
import { newRun, type RunState } from "../../../src/domain/run/state.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Cause, Stage } from "../../../streams/schema/cause.ts";
import type { AgentFinish, AgentLoss } from "../../../streams/schema/finish.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import { decider } from "../../support/given.ts";
import { planOf } from "../plan/request.ts";

export const { given } = decider<RunState, RunInput, RunEvent>({ initial: newRun, decide, evolve });

const exportsOf = (...more: readonly string[]) => ({ exports: ["default", "options", ...more] });
const zones = [
  { zone: "fra", weight: 2 },
  { zone: "iad", weight: 1 },
];

/** 30 VUs for 10 s, `gracefulStop` 1 s. */
export const plan: Plan = planOf(
  { scenarios: { s: { executor: "constant-vus", vus: 30, duration: "10s", gracefulStop: "1s" } } },
  { zones, agents: 3 },
);
export const stagedPlan: Plan = planOf(
  { scenarios: { s: { executor: "constant-vus", vus: 30, duration: "10s" } } },
  { zones, agents: 3, ...exportsOf("setup", "teardown", "handleSummary") },
);

export const START = 1_795_305_600_000_000;
export const origin = (n: number) => ({ stream: "MESH_UP_fra_EVENTS", sequence: n, id: `zone-fra.${n}.1` });

export const planned = (of: Plan = plan): RunEvent => ({ type: "RunPlanned", plan: of, actor: "ana@laptop" });
export const assigned: RunEvent = {
  type: "RunAssigned",
  shares: [
    { zone: "fra", share: [{ weights: [2, 1], index: 0 }], agents: 2 },
    { zone: "iad", share: [{ weights: [2, 1], index: 1 }], agents: 1 },
  ],
};

const member = (agent: string) => ({ agent, incarnation: 0, workers: 2, host: "h" });
const membersOf = { fra: [member("f1"), member("f2")], iad: [member("i1")] };
export type Zone = keyof typeof membersOf;

export const shareReady = (zone: Zone): ZoneEvent => ({
  type: "ShareReady",
  run: "r",
  incarnation: 1,
  members: membersOf[zone],
});
export const zoneReady = (zone: Zone): RunEvent => ({
  type: "ZoneReady",
  zone,
  incarnation: 1,
  members: membersOf[zone],
  origin: origin(1),
});
export const attempted = (stage: Stage): RunEvent => ({
  type: "StageAttempted",
  stage,
  zone: "fra",
  agent: "f1",
  incarnation: 0,
});
export const started: RunEvent = { type: "RunStarted", startAt: START };

export const finishOf = (agent: string): AgentFinish => ({
  agent,
  incarnation: 0,
  tallies: {},
  intervals: 11,
  lastRequestAt: START,
  endedAt: START,
  startLateUs: 0,
  clockOffsetUs: 0,
  clockErrorUs: 0,
  whole: true,
});
export const shareFinished = (zone: Zone): ZoneEvent => ({
  type: "ShareFinished",
  run: "r",
  incarnation: 1,
  agents: membersOf[zone].map(({ agent }) => finishOf(agent)),
  intervals: 11,
});
export const zoneFinished = (zone: Zone): RunEvent => ({
  type: "ZoneFinished",
  zone,
  incarnation: 1,
  agents: membersOf[zone].map(({ agent }) => finishOf(agent)),
  intervals: 11,
  origin: origin(1),
});

export const lossOf = (agent: string, reason = "not heard for 2.2 s"): AgentLoss => ({
  agent,
  incarnation: 0,
  reason,
  tallies: {},
  intervals: 3,
  lastWindow: 2,
});
export const stopping = (cause: Cause): RunEvent => ({ type: "RunStopping", cause });
export const person: Cause = { kind: "person", message: "mesh abort", by: "ana@laptop" };
export const ready: readonly RunEvent[] = [zoneReady("fra"), zoneReady("iad"), { type: "RunReady" }];

/** Everything up to and with the start. */
export const running = (of: Plan = plan): readonly RunEvent[] => [planned(of), assigned, ...ready, started];

/** A fact of a zone, as root hears it. */
export const fact = (zone: Zone, event: ZoneEvent): RunInput => ({
  type: "ZoneFact",
  zone,
  event,
  origin: origin(1),
});

/** What the zones of a run say while it goes on. */
export const around = (now = START, heard: readonly string[] = ["fra", "iad"]) => ({
  now,
  zones: heard,
  leadUs: 500_000,
});
