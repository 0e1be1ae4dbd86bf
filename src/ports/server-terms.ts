/**
 * What every implementation of the server port must agree on, so that a role cannot tell them apart: what each
 * durable reads and how long it waits for an acknowledgement, and how long a lease lives.
 */
import { assets, durables } from "../../streams/assets.ts";
import { patterns, subjects } from "../../streams/subjects.ts";
import type { AssetRef } from "./server.ts";

export type Durable = keyof typeof durables;

/** A delivery that nobody acknowledged for this long comes again. */
export const ACK_WAIT_SECONDS = 10;
/** A durable hands out so many before it waits for acknowledgements. */
export const ACK_PENDING_MAX = 4096;

/** A dead leader is replaced within this time; the smallest TTL of a NATS server is 1 s. */
export const LEASE_SECONDS = 3;
export const LEASE_RENEW_EVERY = "800 millis";
export const LEASE_TRY_EVERY = "100 millis";
/** What a root says that has to wait for the lease. */
export const standingBy = (holder: string): string => `standing by: ${holder} leads`;

/** An append that finds nobody to take it gives up after this long. */
export const APPEND_WITHIN_MS = 10_000;
/** A take looks this often whether its durable is there. */
export const DURABLE_LOOK_EVERY = "50 millis";

/** The log that a durable reads; there is no zone in the name of what exists once per hub. */
export function sourceOf(durable: Durable, zone: string): AssetRef {
  const { asset } = durables[durable];
  return { asset, zone: assets[asset].scope === "hub" ? "" : zone };
}

/** The subjects that a durable reads. */
export function filtersOf(durable: Durable, zone: string, agent: string): readonly string[] {
  switch (durable) {
    case "root":
      return [patterns.rootCommands, patterns.rootCommandsBy];
    case "hubWatch":
      return [patterns.hubWatch];
    case "zoneWatch":
      return [patterns.zoneWatch(zone)];
    case "zone":
      return [patterns.zoneCommands(zone)];
    case "reports":
      return [patterns.agentReports(zone)];
    case "agent":
      return [subjects.agentCommands(zone, agent)];
  }
}
