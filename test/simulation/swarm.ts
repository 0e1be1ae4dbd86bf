/**
 * What one seed stands for: a mesh, the runs that doors ask for, and everything that goes wrong. Swarm style: each seed
 * switches on only some kinds of fault, so that rare combinations come up and quiet parts stay quiet.
 */
import type { PlanRequest } from "../../streams/schema/plan.ts";
import { type FaultKind, faultsOf, type FaultPlan, KINDS } from "./fault-plan.ts";
import { Chance } from "./kernel/chance.ts";
import type { ScriptModel } from "./load/script-model.ts";
import type { Layout } from "./mesh.ts";
import { CALM, type Rates } from "./net/weather.ts";
import { runsOf } from "./swarm-runs.ts";

export interface RunPlan {
  readonly run: string;
  /** When its door asks; a second run may also come as soon as the first is over. */
  readonly askAtUs: number;
  readonly afterFirst: boolean;
  readonly request: Omit<PlanRequest, "bundle">;
  readonly model: ScriptModel;
  /** A person stops it this long after it was asked for. */
  readonly stopAfterUs: number | undefined;
}

/** Somebody writes something down about a run, whatever it is doing then. */
export interface NotePlan {
  readonly run: string;
  readonly id: string;
  readonly atUs: number;
}

export interface SeedPlan {
  readonly seed: number;
  readonly layout: Layout;
  readonly runs: readonly RunPlan[];
  readonly notes: readonly NotePlan[];
  readonly kinds: readonly FaultKind[];
  readonly rates: Rates;
  readonly faults: readonly FaultPlan[];
  /** From here on nothing goes wrong any more. */
  readonly calmFromUs: number;
}

/** At least this long, and always until the runs are over. */
export const SIMULATED_US = 60_000_000;
export const CALM_FROM_US = 45_000_000;

const KIND_IS_ON = 0.35;
const KINDS_MIN = 3;

export function planOf(seed: number): SeedPlan {
  const chance = new Chance(seed, "swarm");
  const layout = withZonesBelow(new Chance(seed, "below"), seed, layoutOf(chance));
  const kinds = kindsOf(chance);
  const runs = withBudgets(new Chance(seed, "generator"), runsOf(new Chance(seed, "runs"), seed, layout));
  return {
    seed,
    layout,
    kinds,
    runs,
    notes: notesOf(new Chance(seed, "notes"), runs),
    rates: ratesOf(new Chance(seed, "rates"), kinds),
    faults: faultsOf(new Chance(seed, "faults"), layout, kinds, CALM_FROM_US),
    calmFromUs: CALM_FROM_US,
  };
}

/** Most plans have the budgets that they have by default; some stricter ones, some none. */
const withBudgets = (chance: Chance, runs: readonly RunPlan[]): readonly RunPlan[] =>
  runs.map((run) => {
    const generator = chance.pick([undefined, undefined, "warn", "off", { scheduleLag: "60ms" }]);
    const options = { ...(run.request.options as object), ...(generator === undefined ? {} : { generator }) };
    return { ...run, request: { ...run.request, options } };
  });

const NOTES_UNTIL_US = 50_000_000;

/** In half of the seeds, up to three for each run: before it is there, during it, long after its end. */
function notesOf(chance: Chance, runs: readonly RunPlan[]): readonly NotePlan[] {
  if (chance.isTrue(0.5)) return [];
  return runs.flatMap(({ askAtUs, run }) =>
    Array.from({ length: chance.whole(1, 3) }, (_, index) => ({
      run,
      id: `${run}-note-${index + 1}`,
      atUs: chance.whole(askAtUs, NOTES_UNTIL_US),
    })),
  );
}

function layoutOf(chance: Chance): Layout {
  const zones = Array.from({ length: chance.whole(2, 3) }, (_, index) => ({
    zone: `z${index + 1}`,
    // Two zones may use one name.
    agents: Array.from({ length: chance.whole(3, 4) }, (_, agent) => ({
      agent: chance.isTrue(0.8) ? `z${index + 1}a${agent + 1}` : `a${agent + 1}`,
      cores: chance.whole(1, 3),
    })),
  }));
  return { zones, roots: chance.isTrue(0.5) ? ["root-a", "root-b"] : ["root-a"] };
}

/** From this seed on some meshes are deeper; those before, in which mistakes must be noticed, stay what they were. */
const BELOW_FROM = 71;

/** Each zone but the first may be below one before it, with a server of its own or at that one's. */
function withZonesBelow(chance: Chance, seed: number, layout: Layout): Layout {
  if (seed < BELOW_FROM || !chance.isTrue(0.5)) return layout;
  const zones = layout.zones.map((zone, index) => {
    if (index === 0 || !chance.isTrue(0.75)) return zone;
    const parent = chance.pick(layout.zones.slice(0, index)).zone;
    return { ...zone, parent, isGuest: chance.isTrue(0.3) };
  });
  return { ...layout, zones };
}

function kindsOf(chance: Chance): readonly FaultKind[] {
  const on = new Set(chance.some(KINDS, KIND_IS_ON));
  while (on.size < KINDS_MIN) on.add(chance.pick(KINDS));
  return KINDS.filter((kind) => on.has(kind));
}

/** What may happen to any message, where the seed switched it on. */
function ratesOf(chance: Chance, kinds: readonly FaultKind[]): Rates {
  const rate = (kind: FaultKind, most: number) => (kinds.includes(kind) ? chance.next() * most : 0);
  return {
    ...CALM,
    requestLost: rate("request-lost", 0.03),
    answerLost: rate("answer-lost", 0.05),
    liveDropped: rate("live-dropped", 0.3),
    liveDoubled: rate("live-doubled", 0.3),
    liveReordered: rate("live-reordered", 0.3),
    hiccup: rate("hiccup", 0.02),
  };
}
