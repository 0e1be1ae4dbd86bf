/**
 * Checks where a run is to happen: its zones, their weights, and how many agents it needs.
 */
import type { PlanRequest, ZoneWeight } from "../../../streams/schema/plan.ts";
import { weightsProblem } from "../segment/sequence.ts";
import { AGENTS_MAX, WEIGHT_MAX } from "./limits.ts";
import type { Place } from "./place.ts";
import { wholeNumber } from "./reader.ts";

/** One NATS token, as in `streams/schema/ids.ts`, which a worker must not load. */
const ZONE_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const weight = wholeNumber(1, WEIGHT_MAX);
const agentCount = wholeNumber(1, AGENTS_MAX);

/** Reports what is wrong with `zones` and `agents`; `at` is the place that holds both. */
export function checkPlacement(request: Pick<PlanRequest, "zones" | "agents">, at: Place): void {
  const { zones, agents } = request;
  checkZones(zones, at.in("zones"));
  if (agentCount(agents, at.in("agents")) === undefined || agents >= zones.length) return;
  const message = `must be at least ${zones.length}, one for each zone, but is ${agents}`;
  at.in("agents").report(message, "ask for more agents, or for fewer zones");
}

function checkZones(zones: readonly ZoneWeight[], at: Place): void {
  if (zones.length === 0) return at.report("must name at least one zone");
  const weighed = zones.map((zone, index) => checkZone(zone, at.in(index)));
  const names = zones.map(({ zone }) => zone);
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) !== index)
      at.in(index).in("zone").report(`names \`${name}\` for the second time`);
  }
  if (!weighed.every(Boolean)) return;
  const problem = weightsProblem(zones.map((zone) => zone.weight));
  if (problem !== undefined) at.report(problem, "use weights with a small sum, such as percentages");
}

/** True if the weight is one. */
function checkZone({ zone, weight: parts }: ZoneWeight, at: Place): boolean {
  if (!ZONE_NAME.test(zone)) {
    at.in("zone").report(`must be 1 to 64 letters, digits, \`_\` or \`-\`, but is ${JSON.stringify(zone)}`);
  }
  return weight(parts, at.in("weight")) !== undefined;
}
