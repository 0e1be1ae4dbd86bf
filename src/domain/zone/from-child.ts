/**
 * Facts of zones below, as far as the node above needs them: each is copied into the zone's own log once, with its origin.
 * What its agents stated and how long its interval log is become part of what this zone states itself.
 */
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Origin } from "../../../streams/schema/cause.ts";
import type { AgentFinish, Aside } from "../../../streams/schema/finish.ts";
import { sumOf } from "../sum.ts";
import {
  type ChildPart,
  isChildSettled,
  type ShareMember,
  type ShareState,
  type ZoneState,
  childOf,
  stageKey,
} from "./state.ts";

export interface ChildFact {
  readonly child: string;
  readonly event: ZoneEvent;
  readonly origin: Origin;
  /** Of a stage that measured: length of the zone's own interval log after it, and what of it could not be counted. */
  readonly intervals?: number;
  readonly aside?: Aside | undefined;
  /** Of refused accesses: several, of which the last came from there. */
  readonly counted?: true | undefined;
}

type Fact<T extends ZoneEvent["type"]> = ZoneEvent & { readonly type: T };

export function fromChild(state: ZoneState, fact: ChildFact): readonly ZoneEvent[] {
  const { child: zone, event, origin } = fact;
  if (event.type === "AccessRefused") return accessRefused(state, fact, event);
  const share = "run" in event && event.run !== undefined ? state.shares[event.run] : undefined;
  const part = share?.children.find((each) => each.zone === zone);
  if (share === undefined || part === undefined || share.forgotten || share.copied.includes(origin.id))
    return [];
  const of = { self: state.zone, share };
  switch (event.type) {
    case "ShareReady":
      return part.announced === undefined ? [ready(of, part, event, origin)] : [];
    case "ShareRefused":
    case "AgentFailed":
    case "AbortRequested":
      return [{ ...ofChild(of, zone, event), origin }];
    case "StageReported":
      return stageReported(of, fact, event);
    case "AgentLost":
      return agentLost(of, zone, event, origin);
    case "ShareFinished":
      return finished(of, part, event, origin);
    default:
      return [];
  }
}

/** It belongs to no run, and goes up to the mesh log: a copy for each sequence. */
const accessRefused = (
  { copied }: ZoneState,
  { child, counted, origin }: ChildFact,
  event: Fact<"AccessRefused">,
): readonly ZoneEvent[] => {
  const isCopied = origin.sequence <= (copied[origin.stream] ?? 0) && counted !== true;
  return isCopied ? [] : [{ ...inZone(child, event), origin }];
};

/** Whose it is, where that was not said: it is the zone's that says it. */
const inZone = <A extends { readonly zone?: string }>(
  zone: string,
  about: A,
): A & { readonly zone: string } => ({
  ...about,
  zone: about.zone ?? zone,
});

/** The same in a run: a zone speaks for itself and for those below it, and not for others that have a part. */
function ofChild<A extends { readonly zone?: string }>(
  { self, share }: Of,
  child: string,
  about: A,
): A & { readonly zone: string } {
  const { zone } = inZone(child, about);
  const isOther = share.children.some(
    (other) =>
      other.zone !== child && (other.zone === zone || other.members.some((member) => member.zone === zone)),
  );
  return { ...about, zone: zone === self || isOther ? child : zone };
}

/** The zone that hears it, and the share that it is about. */
interface Of {
  readonly self: string;
  readonly share: ShareState;
}

const ready = (
  of: Of,
  { zone }: ChildPart,
  { incarnation, members, run }: Fact<"ShareReady">,
  origin: Origin,
): ZoneEvent => ({
  type: "ChildReady",
  run,
  zone,
  incarnation,
  members: members.map((member) => ofChild(of, zone, member)),
  origin,
});

function stageReported(
  of: Of,
  { child, origin, intervals = 0, aside: ofIntervals }: ChildFact,
  event: Fact<"StageReported">,
): readonly ZoneEvent[] {
  const { share } = of;
  const about = ofChild(of, child, event);
  // Nobody but the agent's own zone speaks of it: another could end a stage that it was never asked for.
  if (childOf(share, about)?.zone !== child || share.stages.includes(stageKey(about))) return [];
  const { aside: below, ...said } = event;
  const aside = sumOfAsides([ofIntervals, below]);
  return [{ ...said, zone: about.zone, intervals, ...(aside === undefined ? {} : { aside }), origin }];
}

function agentLost(of: Of, zone: string, event: Fact<"AgentLost">, origin: Origin): readonly ZoneEvent[] {
  const loss = ofChild(of, zone, event.loss);
  return isKnownLost(of.share, loss) ? [] : [{ ...event, loss, origin }];
}

const isKnownLost = (
  { lossesBelow }: ShareState,
  { agent, incarnation, zone }: Pick<ShareMember, "agent" | "incarnation" | "zone">,
): boolean =>
  lossesBelow.some((loss) => loss.zone === zone && loss.agent === agent && loss.incarnation === incarnation);

/** A second word of it is news when more is in by now. */
function finished(
  of: Of,
  part: ChildPart,
  event: Fact<"ShareFinished">,
  origin: Origin,
): readonly ZoneEvent[] {
  const { agents, aside, awaits, intervals, run } = event;
  if (part.finished && !isNews(part, event)) return [];
  const said = {
    agents: agents.map((finish): AgentFinish => ofChild(of, part.zone, finish)),
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
  const missing = sumOf(all.map((aside) => aside.missing ?? 0));
  return {
    intervals: sumOf(all.map((aside) => aside.intervals)),
    reason: first.reason,
    ...(missing === 0 ? {} : { missing }),
  };
}
