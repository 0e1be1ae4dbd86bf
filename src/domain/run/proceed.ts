/**
 * What follows from a run's state with nobody asking: the next step of its life. Root calls it after every input
 * until it returns nothing. Everything here is decided by the state and the hub's time.
 */
import type { RunEvent } from "../../../streams/events/run.ts";
import type { Cause, Failure, Stage } from "../../../streams/schema/cause.ts";
import type { AgentFinish } from "../../../streams/schema/finish.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import { agentsByZone } from "../segment/agents-by-zone.ts";
import { causeOfLosses } from "./losses.ts";
import { silenceOf } from "./silence.ts";
import { isUnderWay, setupOf, setupsOf, teardownsOf, titleOf } from "./stages.ts";
import { isSettled, liveMembers, type Member, placeOf, plannedUs, type RunState, topOf } from "./state.ts";

export interface Surroundings {
  /** Hub time, µs. */
  readonly now: number;
  /** Zones whose heartbeat is heard. */
  readonly zones: readonly string[];
  /** How far ahead the start is announced, µs. */
  readonly leadUs: number;
}

export function proceed(state: RunState, around: Surroundings): readonly RunEvent[] {
  const { plan } = state;
  if (plan === undefined || state.phase === "ended" || state.phase === "refused") return [];
  const loss = state.cause === undefined ? causeOfLosses(state) : undefined;
  if (loss !== undefined) return [{ type: "RunStopping", cause: loss }];
  if (state.cause !== undefined || state.phase === "draining") return afterLoad(state, plan);
  switch (state.phase) {
    case "planned":
      return plan.zones.every(({ zone }) => around.zones.includes(zone)) ? [assign(plan)] : [];
    case "assigned":
      return state.zones.every((part) => part.ready) ? [{ type: "RunReady" }] : [];
    case "ready":
      return startOrSetUp(state, plan, around);
    case "running":
      return loadOver(state, plan, around.now);
    default:
      return [];
  }
}

/** Zones get their share of the run by weight, and of the agents one each and the rest by weight. */
function assign(plan: Plan): RunEvent {
  const weights = plan.zones.map(({ weight }) => weight);
  const agents = agentsByZone(weights, plan.agents);
  const shares = plan.zones.map(({ zone }, index) => ({
    zone,
    share: [{ weights, index }],
    agents: agents[index] ?? 1,
  }));
  return { type: "RunAssigned", shares };
}

function startOrSetUp(state: RunState, plan: Plan, { now, leadUs }: Surroundings): readonly RunEvent[] {
  const next = setupsOf(plan).find((stage) => state.stages[stage]?.result !== "succeeded");
  if (next === undefined) return [{ type: "RunStarted", startAt: now + leadUs }];
  const setup = state.stages[next];
  if (setup === undefined) return attempt(state, next);
  return setup.result === undefined ? [] : [setupNotDone(next, setup.failure)];
}

const setupNotDone = (stage: Stage, failure: Failure | undefined): RunEvent => ({
  type: "RunStopping",
  cause: {
    kind: failure?.kind === "timeout" ? "setup-timed-out" : "setup-failed",
    message: `${titleOf(stage)} did not succeed: ${failure?.message ?? "nobody ran it"}`,
    by: "",
  },
});

/** The planned end is its time, or that everybody did all of their part before. Everybody being gone is no such end. */
function loadOver(state: RunState, plan: Plan, now: number): readonly RunEvent[] {
  if (now >= (state.startAt ?? 0) + plannedUs(plan)) return [{ type: "RunDraining" }];
  if (!state.zones.every(isSettled)) return [];
  const early = earlyEnd(state);
  return [early === undefined ? { type: "RunDraining" } : { type: "RunStopping", cause: early }];
}

function earlyEnd(state: RunState): Cause | undefined {
  if (state.zones.every(({ agents }) => agents.length === 0)) {
    return { kind: "agents-lost", message: "no agent was left before the planned end", by: "" };
  }
  return state.zones.map(({ zone, agents }) => silenceOf(state, zone, agents)).find((cause) => cause);
}

/** The load is over or will be: teardowns once everybody has settled, then the summary, then its own function. */
function afterLoad(state: RunState, plan: Plan): readonly RunEvent[] {
  if (!state.zones.every(isSettled) || isSettingUp(state)) return [];
  const next = teardownsOf(plan).find((stage) => state.stages[stage]?.result === undefined);
  if (next !== undefined) return state.stages[next] === undefined ? tearDown(state, plan, next) : [];
  if (state.summary === undefined || !plan.hasHandleSummary || state.stages.summary !== undefined) return [];
  return state.cause?.kind === "script-failed"
    ? [notRun("summary", "the script failed before it could run")]
    : attempt(state, "summary");
}

/** A run may be stopped while a setup is under way: what it makes is there to be torn down. Its timeout bounds this. */
const isSettingUp = ({ plan, stages }: RunState): boolean =>
  plan !== undefined && setupsOf(plan).some((stage) => isUnderWay(stages[stage]));

/** Setup may have allocated something: teardown runs after every setup that succeeded; where there is none, after every start. */
function tearDown(state: RunState, plan: Plan, stage: Stage): readonly RunEvent[] {
  const setup = setupOf(plan, stage);
  if (setup === undefined) {
    return state.startAt === undefined ? [notRun(stage, "the run never started")] : attempt(state, stage);
  }
  const isDone = state.stages[setup]?.result === "succeeded";
  return isDone ? attempt(state, stage) : [notRun(stage, `${titleOf(setup)} did not succeed`)];
}

function attempt(state: RunState, stage: Stage): readonly RunEvent[] {
  const member = liveMembers(state).find((each) => each.workers > lostWorkers(state, each));
  if (member === undefined) return [notRun(stage, "no agent with a worker was left to run it")];
  const { zone, via, agent, incarnation } = member;
  const above = via === undefined ? {} : { via };
  return [{ type: "StageAttempted", stage, zone, ...above, agent, incarnation }];
}

/** Workers that a member stated as lost when it finished. */
const lostWorkers = ({ zones }: RunState, member: Member): number => {
  const top = topOf(member);
  const isOf = (finish: AgentFinish): boolean =>
    placeOf(top, finish).zone === member.zone &&
    finish.agent === member.agent &&
    finish.incarnation === member.incarnation;
  return zones.find(({ zone }) => zone === top)?.agents.find(isOf)?.lostWorkers?.length ?? 0;
};

const notRun = (stage: Stage, message: string): RunEvent => ({
  type: "StageEnded",
  stage,
  result: "not-run",
  failure: { kind: "invalid", message },
});

/** True when all that is missing is the summary: the load and teardown are over. */
export function awaitsSummary(state: RunState): boolean {
  const { plan } = state;
  if (plan === undefined || state.summary !== undefined || state.phase === "ended") return false;
  const loadOver = (state.cause !== undefined || state.phase === "draining") && state.zones.every(isSettled);
  return (
    loadOver &&
    !isSettingUp(state) &&
    teardownsOf(plan).every((stage) => state.stages[stage]?.result !== undefined)
  );
}

/** True when all that is missing is the verdict. */
export const awaitsVerdict = (state: RunState): boolean =>
  state.summary !== undefined &&
  state.verdict === undefined &&
  (state.plan?.hasHandleSummary !== true || state.stages.summary?.result !== undefined);
