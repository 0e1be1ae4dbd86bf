/**
 * The registry: every family of messages and every asset, listed once. Everything else – provisioning, codecs,
 * documentation, golden bytes, tests – is made from here.
 */
import { doorCommands } from "./commands/door.ts";
import { nodeCommands } from "./commands/node.ts";
import { meshEvents } from "./events/mesh.ts";
import { runEvents } from "./events/run.ts";
import { zoneEvents } from "./events/zone.ts";
import type { BodyOf, MessageDefinition } from "./message.ts";
import { live } from "./messages/live.ts";
import { reports } from "./messages/report.ts";
import { sync } from "./messages/sync.ts";
import { watchReports } from "./messages/watch.ts";

/** Families by the name that assets use in `carries`. Intervals are binary and have their own codec. */
export const families = {
  "run event": runEvents,
  "zone event": zoneEvents,
  "mesh event": meshEvents,
  "door command": doorCommands,
  "node command": nodeCommands,
  report: reports,
  "watch report": watchReports,
  beat: { Beat: live.Beat },
  pulse: { Pulse: live.Pulse },
  through: { Through: live.Through },
  sync,
} as const;

export type Family = keyof typeof families;

/** Any body of a family. */
export type BodyIn<F extends Family> = BodyOf<(typeof families)[F]>;

/** Every definition with the family it belongs to. */
export const definitions: readonly (MessageDefinition & { readonly family: Family })[] = Object.entries(
  families,
).flatMap(([family, members]) =>
  Object.values(members as Record<string, MessageDefinition>).map((definition) => ({
    ...definition,
    family: family as Family,
  })),
);
