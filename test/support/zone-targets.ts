/**
 * Targets inside the zones of a test network, behind one URL: each zone reaches its own. Where zones share a network they
 * share one target.
 */
import { type CountingTarget, startCountingTarget } from "./counting-target.ts";
import type { TestNetwork } from "./network.ts";

export interface ZoneTargets extends AsyncDisposable {
  readonly url: string;
  /** Those that there are: one by zone, or `all`. */
  readonly byZone: Readonly<Record<string, CountingTarget>>;
  readonly total: () => Promise<number>;
}

export async function startZoneTargets({ ownService, zones }: TestNetwork): Promise<ZoneTargets> {
  const byZone: Record<string, CountingTarget> = {};
  if (ownService === undefined) byZone["all"] = await startCountingTarget();
  else {
    for (const [zone, site] of Object.entries(zones))
      byZone[zone] = await startCountingTarget(site, ownService);
  }
  const [first] = Object.values(byZone);
  return {
    url: first?.url ?? "",
    byZone,
    total: async () => {
      let total = 0;
      for (const target of Object.values(byZone)) total += (await target.stats()).total;
      return total;
    },
    [Symbol.asyncDispose]: async () => {
      for (const target of Object.values(byZone)) await target.stop();
    },
  };
}
