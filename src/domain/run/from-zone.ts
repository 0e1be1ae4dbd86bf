/**
 * Facts that zones reported, as far as a run decision uses them: they are copied into the run log with their
 * origin, and what follows at once (a stop, a lost stage) is decided beside them.
 */
import type { RunEvent } from "../../../streams/events/run.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Cause, Origin, WorkerDeath } from "../../../streams/schema/cause.ts";
import { causeOfDeaths, causeOfLosses } from "./losses.ts";
import { silenceOf } from "./silence.ts";
import { stageLost } from "./stage-lost.ts";
import { kindOf, titleOf, underWay } from "./stages.ts";
import { type InZone, placeIn, type RunState, topOf, type ZonePart } from "./state.ts";

type Asked = InZone & { readonly agent: string; readonly incarnation: number };
type Fact<T extends ZoneEvent["type"]> = ZoneEvent & { readonly type: T };

export function fromZone(
  state: RunState,
  zone: string,
  event: ZoneEvent,
  origin: Origin,
): readonly RunEvent[] {
  const part = state.zones.find((candidate) => candidate.zone === zone);
  if (part === undefined) return [];
  switch (event.type) {
    case "ShareReady":
      return part.ready
        ? []
        : [{ type: "ZoneReady", zone, incarnation: event.incarnation, members: event.members, origin }];
    case "ShareRefused":
      return stop(state, event.cause);
    case "AgentFailed":
      return event.failure.death === undefined
        ? agentFailed(state, zone, event)
        : workerLost(state, zone, event, event.failure.death, origin);
    case "StageReported":
      return stageReported(state, zone, event, origin);
    case "AbortRequested":
      return stop(state, event.cause);
    case "AgentLost":
      return agentLost(state, placeIn(state, zone, event.loss), event, origin);
    case "ShareFinished":
      return finished(state, part, event, origin);
    default:
      return [];
  }
}

const stop = (state: RunState, cause: Cause): readonly RunEvent[] =>
  state.cause === undefined ? [{ type: "RunStopping", cause }] : [];

/** A worker is gone, its agent goes on with the others: its part is nobody's, and counts as lost as far as nobody ran it. */
function workerLost(
  state: RunState,
  top: string,
  event: Fact<"AgentFailed">,
  death: WorkerDeath,
  origin: Origin,
): readonly RunEvent[] {
  const place = placeIn(state, top, event);
  const { agent, incarnation } = event;
  const isKnown = state.deaths.some(
    (known) => known.zone === place.zone && known.death.worker === death.worker,
  );
  if (isKnown) return [];
  const lost = { ...place, agent, incarnation, death };
  const cause = causeOfDeaths({ ...state, deaths: [...state.deaths, lost] });
  return [{ type: "WorkerLost", ...lost, origin }, ...(cause === undefined ? [] : stop(state, cause))];
}

function agentFailed(state: RunState, top: string, event: Fact<"AgentFailed">): readonly RunEvent[] {
  const { agent, failure } = event;
  const { zone } = placeIn(state, top, event);
  const where = failure.file === undefined ? "" : ` at ${failure.file}:${failure.line}:${failure.column}`;
  const kind = failure.kind === "lost" ? "agents-lost" : "script-failed";
  return stop(state, { kind, message: failure.message + where, by: `agent ${agent} in zone ${zone}` });
}

function stageReported(
  state: RunState,
  zone: string,
  event: Fact<"StageReported">,
  origin: Origin,
): readonly RunEvent[] {
  const current = state.stages[event.stage];
  if (current?.by === undefined || current.result !== undefined) return [];
  const { agent, incarnation } = event;
  const said = { ...placeIn(state, zone, event), agent, incarnation };
  if (!isSame(current.by, said)) return [];
  const ended: RunEvent = {
    type: "StageEnded",
    stage: event.stage,
    result: event.failure === undefined ? "succeeded" : "failed",
    ...(event.value === undefined ? {} : { value: event.value }),
    ...(event.failure === undefined ? {} : { failure: event.failure }),
    intervals: event.intervals,
    ...(event.aside === undefined ? {} : { aside: event.aside }),
    origin,
  };
  return kindOf(event.stage) === "setup" && event.failure !== undefined
    ? [ended, ...stop(state, setupCause(event))]
    : [ended];
}

/** Only the agent that was asked has done it. */
const isSame = (asked: Asked, said: Asked): boolean =>
  asked.zone === said.zone &&
  topOf(asked) === topOf(said) &&
  asked.agent === said.agent &&
  asked.incarnation === said.incarnation;

function setupCause({ agent, failure, stage }: Fact<"StageReported">): Cause {
  const timedOut = failure?.kind === "timeout";
  const where = failure?.file === undefined ? "" : ` at ${failure.file}:${failure.line}:${failure.column}`;
  return {
    kind: timedOut ? "setup-timed-out" : "setup-failed",
    message: `${titleOf(stage)} ${timedOut ? "timed out" : "threw"}: ${failure?.message ?? ""}${where}`,
    by: `agent ${agent}`,
  };
}

function agentLost(
  state: RunState,
  place: InZone,
  { loss }: Fact<"AgentLost">,
  origin: Origin,
): readonly RunEvent[] {
  const { zone } = place;
  const known = state.losses.some(
    (l) => l.zone === zone && l.agent === loss.agent && l.incarnation === loss.incarnation,
  );
  if (known) return [];
  const events: RunEvent[] = [{ type: "AgentLost", ...place, loss, origin }];
  for (const stage of underWay(state)) {
    const { by } = state.stages[stage] ?? {};
    const inAttempt = by?.zone === zone && by.agent === loss.agent;
    if (inAttempt) events.push(stageLost(stage, `agent ${loss.agent} was lost`));
  }
  const cause = causeOfLosses({ ...state, losses: [...state.losses, { ...loss, ...place }] });
  return cause === undefined ? events : [...events, ...stop(state, cause)];
}

/** Agents that stopped with nobody having told them to end the run: what they did is not all that was planned. */
function finished(
  state: RunState,
  part: ZonePart,
  event: Fact<"ShareFinished">,
  origin: Origin,
): readonly RunEvent[] {
  const isReturn = part.awaits.some((zone) => event.awaits?.includes(zone) !== true);
  if (part.finished && event.intervals <= part.intervals && !isReturn) return [];
  const { zone } = part;
  const { incarnation, agents, intervals } = event;
  const rest = {
    ...(event.aside === undefined ? {} : { aside: event.aside }),
    ...(event.awaits === undefined ? {} : { awaits: event.awaits }),
  };
  const silence = silenceOf(state, zone, agents);
  return [
    { type: "ZoneFinished", zone, incarnation, agents, intervals, ...rest, origin },
    ...(silence === undefined ? [] : stop(state, silence)),
  ];
}
