/** Kinds of fault, and which of them strike when and whom: drawn from the seed before anything runs. */
import type { Chance } from "./kernel/chance.ts";
import type { Layout } from "./mesh.ts";

/** Things that strike once, somebody, at an instant or at an event. */
export const STRIKES = [
  "kill-root",
  "kill-zone",
  "kill-agent",
  "kill-worker",
  "stop-root",
  "stop-zone",
  "stop-agent",
  "stop-worker",
  "second-zone",
  "second-agent",
  "cut",
  "stall",
  "one-way",
  "reset",
  "slow-link",
  "server-restart",
  "lease-expiry",
] as const;

/** Things that may happen to any message. */
export const WEATHERS = [
  "request-lost",
  "answer-lost",
  "live-dropped",
  "live-doubled",
  "live-reordered",
  "hiccup",
] as const;

export const KINDS = [...STRIKES, ...WEATHERS] as const;
export type FaultKind = (typeof KINDS)[number];
export type StrikeKind = (typeof STRIKES)[number];

/** When a fault strikes: at an instant, or when an event is published for the nth time. */
export type When =
  | { readonly atUs: number }
  | {
      readonly type: string;
      readonly nth: number;
      /** Whether the message gets lost with it, or is stored although its writer never hears of it. */
      readonly isLost: boolean;
    };

export interface FaultPlan {
  readonly kind: StrikeKind;
  readonly when: When;
  /** Draws whom it strikes among those it may strike. */
  readonly draw: number;
  /** It strikes who publishes the event, where the kind fits. */
  readonly strikesWriter: boolean;
  readonly lastsUs: number;
  /** Until the node is started again; undefined: never. */
  readonly backAfterUs: number | undefined;
}

/** Events at which a fault may strike: those that many runs have. */
const EVENTS = [
  "RunPlanned",
  "RunAssigned",
  "ZoneReady",
  "RunReady",
  "StageAttempted",
  "StageEnded",
  "RunStarted",
  "RunStopping",
  "RunDraining",
  "AgentLost",
  "ZoneFinished",
  "SummaryRecorded",
  "VerdictGiven",
  "LateDataAwaited",
  "LeaderChanged",
  "ZoneStarted",
  "AgentJoined",
  "ShareAssigned",
  "ShareDivided",
  "AgentReady",
  "ShareReady",
  "ShareStarted",
  "StageReported",
  "ShareStopping",
  "AgentFinished",
  "ShareFinished",
  "ShareForgotten",
  "Interval",
] as const;

const STRIKES_MIN = 5;
const STRIKES_MAX = 9;
const FIRST_US = 1_000_000;
const MOSTLY_UNTIL_US = 22_000_000;

export function faultsOf(
  chance: Chance,
  layout: Layout,
  kinds: readonly FaultKind[],
  calmFromUs: number,
): readonly FaultPlan[] {
  const strikes = STRIKES.filter((kind) => kinds.includes(kind));
  // With nothing but bad weather on, links break: a seed has its faults.
  const from = strikes.length === 0 ? (["reset", "cut"] as const) : strikes;
  return Array.from({ length: chance.whole(STRIKES_MIN, STRIKES_MAX) }, () =>
    faultOf(chance, layout, chance.pick<StrikeKind>(from), calmFromUs),
  );
}

function faultOf(chance: Chance, layout: Layout, kind: StrikeKind, calmFromUs: number): FaultPlan {
  const lastsUs = lastsUsOf(chance, kind);
  const latestUs = calmFromUs - lastsUs - 2_000_000;
  // Most of them while the first run is under way.
  const mostlyUs = chance.isTrue(0.7) ? Math.min(latestUs, MOSTLY_UNTIL_US) : latestUs;
  const isForGood = kind === "kill-agent" && layout.zones.length > 0 && chance.isTrue(0.3);
  return {
    kind,
    when: chance.isTrue(0.55) ? { atUs: chance.whole(FIRST_US, mostlyUs) } : atEvent(chance),
    draw: chance.next(),
    strikesWriter: chance.isTrue(0.6),
    lastsUs,
    backAfterUs: isForGood ? undefined : chance.whole(50_000, 4_000_000),
  };
}

const atEvent = (chance: Chance): When => {
  const type = chance.isTrue(0.25) ? "Interval" : chance.pick(EVENTS);
  return { type, nth: chance.whole(1, type === "Interval" ? 120 : 3), isLost: chance.isTrue(0.3) };
};

/** How long it lasts. What stops or cuts somebody is often just around the bounds of patience. */
function lastsUsOf(chance: Chance, kind: StrikeKind): number {
  switch (kind) {
    case "stop-worker":
      return chance.whole(100_000, 4_000_000);
    case "slow-link":
      return chance.whole(2_000_000, 10_000_000);
    case "server-restart":
      return chance.whole(200_000, 4_000_000);
    case "cut":
    case "stall":
    case "one-way":
    case "stop-root":
    case "stop-zone":
    case "stop-agent":
      return Math.round(chance.heavyTailed(1_800_000, 2)) % 9_000_000;
    default:
      return 0;
  }
}
