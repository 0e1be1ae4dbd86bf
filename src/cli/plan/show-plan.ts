/**
 * `mesh plan`: examines a script exactly as `mesh run` does, and says what the run would be. It starts no server, asks no
 * mesh and sends no request.
 */
import { forecastOf, type Forecast } from "../../domain/forecast/forecast.ts";
import type { Capacity, Need } from "../../domain/forecast/capacity.ts";
import { planRun } from "../../domain/plan/normalize.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import { readCapacity } from "../bench/capacity-file.ts";
import { readLabels } from "../run/labels.ts";
import { EMBEDDED_ZONE, readEnv, readZones } from "../run/options.ts";
import { problemsFailure } from "../run/problems-failure.ts";
import { examineScript } from "../run/script.ts";
import { type GuardedZone, guardedZones } from "./guarded-zones.ts";
import { lookHere } from "./look-here.ts";
import { needHere } from "./need-text.ts";
import { planText } from "./plan-text.ts";

export interface PlanFlags {
  readonly script: string;
  readonly nats?: string | undefined;
  readonly zones?: string | undefined;
  readonly agents?: number | undefined;
  readonly env: readonly string[];
  readonly label: readonly string[];
  readonly vus?: number | undefined;
  readonly duration?: string | undefined;
  readonly iterations?: number | undefined;
  readonly stages?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly guard?: string | undefined;
}

export interface ShownPlan {
  /** As root would record it; without --seed each run draws its own. */
  readonly plan: Omit<Plan, "seed"> & { readonly seed?: number };
  readonly forecast: Forecast;
  /** What was measured on this machine, and what the plan needs by that; null where nobody has. */
  readonly capacity: Capacity | null;
  readonly need: Need | null;
  /** What the guard file that was named says of it, by zone; absent where none was named. */
  readonly guarded?: readonly GuardedZone[];
}

export async function showPlan(
  flags: PlanFlags,
): Promise<{ readonly shown: ShownPlan; readonly text: () => string }> {
  const zones = readZones(flags.zones ?? EMBEDDED_ZONE);
  const [env, labels] = [readEnv(flags.env), readLabels(flags.label)];
  const embedded = flags.nats === undefined;
  const agents = flags.agents ?? zones.length;
  const { request } = await examineScript({ ...flags, zones, env, labels, embedded, agents });
  const planned = planRun(request);
  if (!planned.ok) throw problemsFailure(flags.script, planned.problems);
  const { seed, ...drawn } = planned.plan;
  const plan = flags.seed === undefined ? drawn : { ...drawn, seed };
  const forecast = forecastOf(planned.plan);
  const capacity = await readCapacity();
  const need = capacity === undefined ? null : needHere(forecast, embedded, capacity);
  const guarded = flags.guard === undefined ? undefined : guardedZones(planned.plan, flags.guard);
  const asked = { embedded, capacity };
  return {
    shown: {
      plan,
      forecast,
      capacity: capacity ?? null,
      need,
      ...(guarded === undefined ? {} : { guarded }),
    },
    text: () => planText(planned.plan, { forecast, asked, guarded }, lookHere()),
  };
}
