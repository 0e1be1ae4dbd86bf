/** A zone with agents of different sizes, and the events of a share's life in it. */
import { decide } from "../../../src/domain/zone/decide.ts";
import type { ZoneInput } from "../../../src/domain/zone/input.ts";
import { evolve } from "../../../src/domain/zone/evolve.ts";
import { newZone, type ZoneState } from "../../../src/domain/zone/state.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Report } from "../../../streams/messages/report.ts";
import type { Cause } from "../../../streams/schema/cause.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { decider } from "../../support/given.ts";
import { finishOf } from "../run/fixture.ts";
import { planOf } from "../plan/request.ts";

/** What the merged intervals of every agent hold: enough to see that they are asked. */
export const measured = { tallies: {}, intervals: 5, lastWindow: 4 };

export const { given } = decider<ZoneState, ZoneInput, ZoneEvent>({
  initial: newZone,
  decide: (state, input) => decide(state, input, () => measured),
  evolve,
});

export const plan = planOf({ vus: 30, duration: "10s" });
export const share = [{ weights: [2, 1], index: 0 }];
export const started: ZoneEvent = {
  type: "ZoneStarted",
  zone: "fra",
  incarnation: 1,
  protocol: PROTOCOL,
  program: "mesh",
};
export const joined = (
  agent: string,
  cores = 2,
  incarnation = 0,
  session = `${agent}-${incarnation}`,
): ZoneEvent => ({
  type: "AgentJoined",
  agent,
  session,
  incarnation,
  cores,
  host: "h",
  labels: {},
});
export const assigned = (agents = 2, run = "r"): ZoneEvent => ({
  type: "ShareAssigned",
  run,
  plan,
  share,
  agents,
});
export const part = (agent: string, weights: number[], index: number, workers: number) => ({
  agent,
  incarnation: 0,
  share: [...share, { weights, index }],
  workers,
  host: "h",
});
export const divided: ZoneEvent = {
  type: "ShareDivided",
  run: "r",
  parts: [part("a1", [2, 6], 0, 2), part("a2", [2, 6], 1, 6)],
};
export const agentReady = (agent: string): ZoneEvent => ({
  type: "AgentReady",
  run: "r",
  agent,
  incarnation: 0,
});
export const shareReady: ZoneEvent = {
  type: "ShareReady",
  run: "r",
  incarnation: 1,
  members: [
    { agent: "a1", incarnation: 0, workers: 2, host: "h" },
    { agent: "a2", incarnation: 0, workers: 6, host: "h" },
  ],
};
export const shareStarted: ZoneEvent = { type: "ShareStarted", run: "r", startAt: 100, zoneStartAt: 90 };
export const finished = (agent: string): ZoneEvent => ({
  type: "AgentFinished",
  run: "r",
  finish: finishOf(agent),
});
export const lost = (agent: string, reason: string, incarnation = 0): ZoneEvent => ({
  type: "AgentLost",
  run: "r",
  loss: { agent, incarnation, reason, ...measured },
});
export const person: Cause = { kind: "person", message: "mesh abort", by: "ana" };

/** A share that runs, on a1 with 2 cores and a2 with 6. */
export const running = given(
  started,
  joined("a1", 2),
  joined("a2", 6),
  assigned(),
  divided,
  agentReady("a1"),
  agentReady("a2"),
  shareReady,
  shareStarted,
);

export const hello = (agent: string, session: string, protocol = PROTOCOL): ZoneInput => ({
  type: "Report",
  agent,
  intervals: 0,
  report: { type: "Hello", session, protocol, program: "mesh", cores: 2, host: "h", labels: {} },
});
export const says = (agent: string, report: Report, intervals = 0): ZoneInput => ({
  type: "Report",
  agent,
  report,
  intervals,
});
