/** Which kind of lane carries requests to a target: our own where HTTP is plain and connections are kept, undici else. */
import { Http1Lane } from "./http1/http1-lane.ts";
import { PlainHeads } from "./http1/request-head.ts";
import type { LaneSettings, OpenLane } from "./lane.ts";
import { UndiciLane } from "./undici-lane.ts";

/** The opener of lanes for all VUs of a worker. */
export function laneOpener(settings: LaneSettings): OpenLane {
  const heads = new PlainHeads(settings.plainHeaders);
  return (target) =>
    settings.reuse && target.url.protocol === "http:"
      ? new Http1Lane(target, settings, heads)
      : new UndiciLane(target.origin, settings);
}
