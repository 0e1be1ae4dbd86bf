/**
 * Facts of zones below, as far as the node above needs them: each is copied into the zone's own log once, with its origin.
 * What its agents stated and how long its interval log is become part of what this zone states itself.
 */
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Origin } from "../../../streams/schema/cause.ts";
import type { AgentFinish, Aside } from "../../../streams/schema/finish.ts";
import {
  type ChildPart,
  isChildSettled,
  type ShareMember,
  type ShareState,
  type ZoneState,
} from "./state.ts";

export interface ChildFact {
  readonly child: string;
  readonly event: ZoneEvent;
  readonly origin: Origin;
  /** Of a stage that measured: length of the zone's own interval log after it, and what of it could not be counted. */
  readonly intervals?: number;
  readonly aside?: Aside | undefined;
}

type Fact<T extends ZoneEvent["type"]> = ZoneEvent & { readonly type: T };

export function fromChild(state: ZoneState, fact: ChildFact): readonly ZoneEvent[] {
  const { child: zone, event, origin } = fact;
  if (event.type === "AccessRefused") return accessRefused(state, zone, event, origin);
  const share = "run" in event && event.run !== undefined ? state.shares[event.run] : undefined;
  const part = share?.children.find((each) => each.zone === zone);
  if (share === undefined || part === undefined || share.forgotten || share.copied.includes(origin.id))
    return [];
  switch (event.type) {
    case "ShareReady":
      return part.announced === undefined ? [ready(part, event, origin)] : [];
    case "ShareRefused":
    case "AgentFailed":
    case "AbortRequested":
      return [{ ...event, zone: event.zone ?? zone, origin }];
    case "StageReported":
      return stageReported(share, fact, event);
    case "AgentLost":
      return agentLost(share, zone, event, origin);
    case "ShareFinished":
      return finished(part, event, origin);
    default:
      return [];
  }
}

/** It belongs to no run, and goes up to the mesh log: a copy for each sequence. */
const accessRefused = (
  { copied }: ZoneState,
  zone: string,
  event: Fact<"AccessRefused">,
  origin: Origin,
): readonly ZoneEvent[] =>
  origin.sequence <= (copied[origin.stream] ?? 0) ? [] : [{ ...inZone(zone, event), origin }];

/** Whose it is, where that was not said: it is the zone's that says it. */
const inZone = <A extends { readonly zone?: string }>(
  zone: string,
  about: A,
): A & { readonly zone: string } => ({
  ...about,
  zone: about.zone ?? zone,
});

const ready = (
  { zone }: ChildPart,
  { incarnation, members, run }: Fact<"ShareReady">,
  origin: Origin,
): ZoneEvent => ({
  type: "ChildReady",
  run,
  zone,
  incarnation,
  members: members.map((member) => inZone(zone, member)),
  origin,
});

function stageReported(
  { stages }: ShareState,
  { child, origin, intervals = 0, aside: ofIntervals }: ChildFact,
  event: Fact<"StageReported">,
): readonly ZoneEvent[] {
  if (stages.includes(event.stage)) return [];
  const { aside: ofChild, ...said } = event;
  const aside = sumOfAsides([ofIntervals, ofChild]);
  return [{ ...inZone(child, said), intervals, ...(aside === undefined ? {} : { aside }), origin }];
}

function agentLost(
  share: ShareState,
  zone: string,
  event: Fact<"AgentLost">,
  origin: Origin,
): readonly ZoneEvent[] {
  const loss = inZone(zone, event.loss);
  return isKnownLost(share, loss) ? [] : [{ ...event, loss, origin }];
}

const isKnownLost = (
  { lossesBelow }: ShareState,
  { agent, incarnation, zone }: Pick<ShareMember, "agent" | "incarnation" | "zone">,
): boolean =>
  lossesBelow.some((loss) => loss.zone === zone && loss.agent === agent && loss.incarnation === incarnation);

/** A second word of it is news when more is in by now. */
function finished(part: ChildPart, event: Fact<"ShareFinished">, origin: Origin): readonly ZoneEvent[] {
  const { agents, aside, awaits, intervals, run } = event;
  if (part.finished && !isNews(part, event)) return [];
  const said = {
    agents: agents.map((finish): AgentFinish => inZone(part.zone, finish)),
    intervals,
    ...(aside === undefined ? {} : { aside }),
    ...(awaits === undefined ? {} : { awaits }),
  };
  return [{ type: "ChildFinished", run, zone: part.zone, ...said, origin }];
}

/** Whether a statement says that more is in than one before it. */
export const isNews = (
  before: {
    readonly intervals: number;
    readonly aside: Aside | undefined;
    readonly awaits: readonly string[];
  },
  now: {
    readonly intervals: number;
    readonly aside?: Aside | undefined;
    readonly awaits?: readonly string[];
  },
): boolean =>
  now.intervals > before.intervals ||
  (now.aside?.intervals ?? 0) < (before.aside?.intervals ?? 0) ||
  before.awaits.some((zone) => now.awaits?.includes(zone) !== true);

/** A zone below is given up: with it go all of its agents that have not stated their end, and those of zones below it. */
export function loseChild(
  state: ZoneState,
  { run, zone, reason }: { readonly run: string; readonly zone: string; readonly reason: string },
): readonly ZoneEvent[] {
  const share = state.shares[run];
  const part = share?.children.find((each) => each.zone === zone);
  if (share === undefined || part === undefined || share.forgotten || isChildSettled(part)) return [];
  const losses = part.members
    .filter((member) => !isKnownLost(share, member))
    .map((member): ZoneEvent => {
      const { agent, incarnation, zone: of = zone } = member;
      const nothing = { tallies: {}, intervals: 0, lastWindow: -1 };
      return { type: "AgentLost", run, loss: { agent, zone: of, incarnation, reason, ...nothing } };
    });
  const cause = { kind: "agents-lost", message: reason, by: `zone ${zone}` } as const;
  const refusal: ZoneEvent = { type: "ShareRefused", run, cause, zone };
  return [
    { type: "ChildLost", run, zone, reason },
    ...losses,
    ...(part.announced === undefined ? [refusal] : []),
  ];
}

/** What several nodes could not count, as one; undefined when they counted all. */
export function sumOfAsides(asides: readonly (Aside | undefined)[]): Aside | undefined {
  const [first, ...others] = asides.filter((aside) => aside !== undefined);
  if (first === undefined) return undefined;
  const all = [first, ...others];
  const missing = all.reduce((sum, aside) => sum + (aside.missing ?? 0), 0);
  return {
    intervals: all.reduce((sum, aside) => sum + aside.intervals, 0),
    reason: first.reason,
    ...(missing === 0 ? {} : { missing }),
  };
}
