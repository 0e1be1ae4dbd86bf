/**
 * Says what a zone waits for when nothing is heard from above: once for each silence, with as much of the reason as can be
 * known from here, and once when it is over. It changes nothing: what agents do meanwhile is in the plan of their run.
 */
import * as Effect from "effect/Effect";
import type { Asked, Server, ServerError } from "../../ports/server.ts";
import { patterns } from "../../../streams/subjects.ts";
import { ABOVE_SILENT_MS, LOOK_ABOVE_EVERY } from "./limits.ts";
import type { Zone } from "./self.ts";

const LINK_DOWN =
  "nothing answers over the leaf link of this server: is the server above up, and does it take the link? the log of this one, or mesh doctor, says more";

const LINK_UP = "the link is up, but nothing above keeps yet what this zone says";

/** Whoever the zone belongs to, and how they are started. */
export const parentOf = (parent: string | undefined): string =>
  parent === undefined ? "a root: mesh root" : `zone ${parent}: mesh zone ${parent}`;

/** What a zone says that cannot begin yet. Over a link nobody can tell a stream that is missing from a server that is. */
export const waitingFor =
  (upper: Server, parent: string | undefined) =>
  ({ detail, reason }: ServerError): string => {
    const waiting = `waiting for ${parentOf(parent)}`;
    const isMissing = reason === "not-provisioned";
    if (upper.isLinked !== true) return isMissing ? waiting : `${waiting} (${detail})`;
    return `${waiting} (${isMissing ? LINK_DOWN : LINK_UP})`;
  };

/** Looks for ever, in its own time. */
export const watchAbove = (self: Zone): Effect.Effect<never> => {
  const { note, zone } = self.options;
  /** When what is above was last heard before the silence that was told; undefined while it is heard. */
  let since: number | undefined;
  const look = Effect.gen(function* () {
    const now = self.clock.elapsedMs();
    if (since !== undefined && self.aboveHeardMs > since) {
      note(`zone ${zone} hears from above again, after ${seconds(self.aboveHeardMs - since)}`);
      since = undefined;
    }
    if (since !== undefined || now - self.aboveHeardMs < ABOVE_SILENT_MS) return;
    since = self.aboveHeardMs;
    note(`zone ${zone} has heard nothing from above for ${seconds(now - since)}: ${yield* whySilent(self)}`);
  });
  return look.pipe(Effect.delay(LOOK_ABOVE_EVERY), Effect.forever);
};

/** The server above is asked for what it has of this zone: it may be there, and only nobody leads. */
const whySilent = ({ options, upper }: Zone): Effect.Effect<string> => {
  const { parent, zone } = options;
  const asked: Asked<unknown> = upper.log.last({ asset: "upEvents", zone }, patterns.zoneUpEvents(zone));
  return asked.pipe(
    Effect.match({
      onSuccess: () => `the server above answers; waiting for ${parentOf(parent)}`,
      onFailure: ({ detail }) => (upper.isLinked === true ? LINK_DOWN : detail),
    }),
  );
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(0)} s`;
