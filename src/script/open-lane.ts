/** Which kind of lane carries requests to a target: our own where HTTP is plain and connections are kept, undici else. */
import { SecureLane, SecureOrigin } from "./connect/secure-lane.ts";
import { Http1Lane } from "./http1/http1-lane.ts";
import { PlainHeads } from "./http1/request-head.ts";
import type { LaneSettings, OpenLane } from "./lane.ts";
import type { Target } from "./targets.ts";
import { UndiciLane } from "./undici-lane.ts";

/** Makes the opener of lanes for one VU; what it shares with others are settings. */
export function laneOpeners(settings: LaneSettings): () => OpenLane {
  const heads = new PlainHeads(settings.plainHeaders);
  const { reuse } = settings;
  return () => {
    // Made for the first https target: with thousands of VUs, what a script does not use is not held.
    let origins: Map<string, SecureOrigin> | undefined;
    const openSecure = (target: Target) => {
      const known = reuse ? origins?.get(target.origin) : undefined;
      const origin = known ?? new SecureOrigin(target, settings);
      if (known === undefined && reuse) (origins ??= new Map()).set(target.origin, origin);
      return new SecureLane(origin);
    };
    return (target) => {
      if (target.url.protocol === "https:") return openSecure(target);
      return reuse ? new Http1Lane(target, settings, heads) : new UndiciLane(target, settings);
    };
  };
}
