/**
 * What a zone decides: who is a member, how a share is divided among them, and when its part of a run is ready and
 * finished. Liveness and merging happen outside and come in as inputs.
 */
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { AccessRefusal } from "../../../streams/schema/access.ts";
import type { Cause } from "../../../streams/schema/cause.ts";
import type { Report } from "../../../streams/messages/report.ts";
import type { Aside } from "../../../streams/schema/finish.ts";
import { goodbye, hello, lose, type Measured } from "../agent/membership.ts";
import type { ShareRails } from "../guard/share-rails.ts";
import { divide } from "./divide.ts";
import { idleAgents, isPartSettled, isSettled, type ShareState, type ZoneState } from "./state.ts";

export type ZoneInput =
  | { readonly type: "Start"; readonly zone: string; readonly protocol: number; readonly program: string }
  | {
      readonly type: "Command";
      readonly command: NodeCommand;
      readonly zoneStartAt: number;
      /** Of a share: what holds for it here. */
      readonly rails?: ShareRails | undefined;
    }
  | {
      readonly type: "Report";
      readonly agent: string;
      readonly report: Report;
      readonly intervals: number;
      /** Of a stage: what of its intervals could not be counted. */
      readonly aside?: Aside | undefined;
    }
  | { readonly type: "Arrived"; readonly run: string; readonly agent: string; readonly incarnation: number }
  | { readonly type: "Silent"; readonly agent: string; readonly reason: string }
  | { readonly type: "WaitedLongEnough"; readonly run: string; readonly seconds: number }
  /** Its server refused somebody something, counted already. */
  | { readonly type: "Access"; readonly refusal: AccessRefusal }
  | { readonly type: "CannotServe"; readonly run: string; readonly message: string }
  /** What the agents stated is inside the zone's own interval log, which is this long, or is aside for good. */
  | {
      readonly type: "Merged";
      readonly run: string;
      readonly intervals: number;
      readonly aside?: Aside | undefined;
    };

export function decide(state: ZoneState, input: ZoneInput, measured: Measured): readonly ZoneEvent[] {
  switch (input.type) {
    case "Start": {
      const { zone, protocol, program } = input;
      return [{ type: "ZoneStarted", zone, incarnation: state.incarnation + 1, protocol, program }];
    }
    case "Command":
      return command(state, input);
    case "Report":
      return report(state, input, measured);
    case "Arrived":
      return arrived(state, input.run, input.agent, input.incarnation);
    case "Silent":
      return lose(state, input.agent, input.reason, measured);
    case "WaitedLongEnough":
      return tooFew(state, input.run, input.seconds);
    case "CannotServe":
      return refuse(state, input.run, {
        kind: "script-failed",
        message: input.message,
        by: `zone ${state.zone}`,
      });
    case "Access":
      return [{ type: "AccessRefused", ...input.refusal }];
    case "Merged":
      return merged(state, input);
  }
}

/**
 * What follows from the state with nobody asking: dividing a share as soon as enough agents are idle, and announcing it
 * when its agents are ready – a coordinator may have ended between the last agent's arrival and that word.
 */
export function proceed(state: ZoneState): readonly ZoneEvent[] {
  for (const share of Object.values(state.shares)) {
    if (isReadyUnsaid(share)) return [shareReady(state, share)];
    const waiting = share.parts.length === 0 && share.stopping === undefined && !share.forgotten;
    const parts = waiting ? divide(state, share) : undefined;
    if (parts !== undefined) return [{ type: "ShareDivided", run: share.run, parts }];
  }
  return [];
}

function command(
  state: ZoneState,
  { command: asked, rails, zoneStartAt }: ZoneInput & { readonly type: "Command" },
): readonly ZoneEvent[] {
  switch (asked.type) {
    case "AssignShare":
      return state.shares[asked.run] === undefined ? assigned(state.zone, asked, rails) : [];
    case "StartRun": {
      const share = state.shares[asked.run];
      const may =
        share?.announced !== undefined && share.startAt === undefined && share.stopping === undefined;
      return may ? [{ type: "ShareStarted", run: asked.run, startAt: asked.startAt, zoneStartAt }] : [];
    }
    case "StopRun": {
      const share = state.shares[asked.run];
      const may = share !== undefined && share.stopping === undefined && !share.finished;
      return may ? [{ type: "ShareStopping", run: asked.run, cause: asked.cause }] : [];
    }
    case "ForgetRun": {
      const share = state.shares[asked.run];
      return share !== undefined && !share.forgotten ? [{ type: "ShareForgotten", run: asked.run }] : [];
    }
    default:
      return []; // RunStage is passed on as it is; Admit, Refuse and Rejoin are for agents
  }
}

/** A share and what holds for it; refused at once, before anybody prepares anything, where the owner does not allow it. */
function assigned(
  zone: string,
  {
    run,
    plan,
    share,
    agents,
    actor,
    controlPlane: known = [],
  }: NodeCommand & { readonly type: "AssignShare" },
  { guards = [], controlPlane = [], refusal }: ShareRails = {},
): readonly ZoneEvent[] {
  const servers = [...new Set([...known, ...controlPlane])];
  const event: ZoneEvent = {
    type: "ShareAssigned",
    run,
    plan,
    share,
    agents,
    ...(actor === undefined ? {} : { actor }),
    ...(guards.length === 0 ? {} : { guards }),
    ...(servers.length === 0 ? {} : { controlPlane: servers }),
  };
  if (refusal === undefined) return [event];
  const cause: Cause = { kind: "guard-refused", message: refusal, by: `the owner of zone ${zone}` };
  return [event, { type: "ShareRefused", run, cause }];
}

function report(
  state: ZoneState,
  input: ZoneInput & { readonly type: "Report" },
  measured: Measured,
): readonly ZoneEvent[] {
  const { agent, report: said } = input;
  if (said.type === "Hello") return hello(state, agent, said, measured);
  if (said.type === "Goodbye") return goodbye(state, agent, said.incarnation, measured);
  const share = state.shares[said.run];
  const incarnation = said.type === "PartFinished" ? said.finish.incarnation : said.incarnation;
  const part = share?.parts.find(
    (candidate) => candidate.agent === agent && candidate.incarnation === incarnation,
  );
  if (share === undefined || part === undefined || share.forgotten) return [];
  const { run } = said;
  switch (said.type) {
    case "PartFailed":
      return [{ type: "AgentFailed", run, agent, incarnation, failure: said.failure }];
    case "AbortCalled":
      return [{ type: "AbortRequested", run, agent, cause: said.cause }];
    case "PartFinished":
      return isPartSettled(share, part) ? [] : [{ type: "AgentFinished", run, finish: said.finish }];
    case "StageDone": {
      if (share.stages.includes(said.stage)) return [];
      const { stage, value, failure } = said;
      const result = {
        ...(value === undefined ? {} : { value }),
        ...(failure === undefined ? {} : { failure }),
        ...(input.aside === undefined ? {} : { aside: input.aside }),
      };
      return [
        { type: "StageReported", run, stage, agent, incarnation, ...result, intervals: input.intervals },
      ];
    }
  }
}

function arrived(state: ZoneState, run: string, agent: string, incarnation: number): readonly ZoneEvent[] {
  const share = state.shares[run];
  const part = share?.parts.find(
    (candidate) => candidate.agent === agent && candidate.incarnation === incarnation,
  );
  if (share === undefined || part === undefined || share.ready.includes(agent)) return [];
  const ready: ZoneEvent = { type: "AgentReady", run, agent, incarnation: part.incarnation };
  const everybody = share.parts.every(
    (candidate) => candidate.agent === agent || share.ready.includes(candidate.agent),
  );
  return everybody ? [ready, shareReady(state, share)] : [ready];
}

const isReadyUnsaid = ({ announced, forgotten, parts, ready, stopping }: ShareState): boolean =>
  announced === undefined &&
  stopping === undefined &&
  !forgotten &&
  parts.length > 0 &&
  parts.every(({ agent }) => ready.includes(agent));

const shareReady = (state: ZoneState, share: ShareState): ZoneEvent => ({
  type: "ShareReady",
  run: share.run,
  incarnation: state.incarnation,
  members: share.parts.map(({ agent, incarnation, workers, host }) => ({
    agent,
    incarnation,
    workers,
    host,
  })),
});

function tooFew(state: ZoneState, run: string, seconds: number): readonly ZoneEvent[] {
  const needed = state.shares[run]?.agentsNeeded ?? 0;
  const idle = idleAgents(state).length;
  const message = `zone ${state.zone} has ${idle} of the ${needed} idle agents it needs, after ${seconds} s; start more: mesh agent --zone ${state.zone}`;
  return refuse(state, run, { kind: "agents-missing", message, by: "" });
}

function refuse(state: ZoneState, run: string, cause: Cause): readonly ZoneEvent[] {
  const share = state.shares[run];
  const isOpen = share !== undefined && share.parts.length === 0 && share.stopping === undefined;
  return isOpen ? [{ type: "ShareRefused", run, cause }] : [];
}

function merged(
  state: ZoneState,
  { run, intervals, aside }: ZoneInput & { readonly type: "Merged" },
): readonly ZoneEvent[] {
  const share = state.shares[run];
  if (share === undefined || share.forgotten || !isSettled(share)) return [];
  const isLess = (aside?.intervals ?? 0) < (share.aside?.intervals ?? 0);
  if (share.finished && !isLess) return [];
  const { incarnation } = state;
  const finished = { run, incarnation, agents: share.finishes, intervals };
  return [{ type: "ShareFinished", ...finished, ...(aside === undefined ? {} : { aside }) }];
}
