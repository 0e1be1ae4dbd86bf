/**
 * Events of the mesh log: what is known and was decided about zones, and who was refused what. Written by the leading
 * root alone. It belongs to no run and outlives them all.
 */
import * as Schema from "effect/Schema";
import { type BodyOf, define } from "../message.ts";
import { accessRefusal } from "../schema/access.ts";
import { Origin } from "../schema/cause.ts";
import { Count, Instant, Millis, RunId, Sha256, ZoneName } from "../schema/ids.ts";

const reason = Schema.optionalKey(Schema.String);
const byPerson = { zone: ZoneName, actor: Schema.String, reason } as const;

export const meshEvents = {
  ZoneSeen: define(
    "ZoneSeen",
    "root",
    "A zone was heard for the first time, as another program or under another parent than before, or again after it was revoked.",
    {
      zone: ZoneName,
      program: Schema.String,
      protocol: Count,
      host: Schema.String,
      /** Of an inner zone. */
      parent: Schema.optionalKey(ZoneName),
    },
  ),
  ZoneSilent: define(
    "ZoneSilent",
    "root",
    "A zone was not heard for ten seconds; its own runs go on by plan.",
    {
      zone: ZoneName,
      /** Hub time of its last word, or of when root began to listen. */
      since: Instant,
    },
  ),
  ZoneReturned: define("ZoneReturned", "root", "A zone that was silent is heard again.", {
    zone: ZoneName,
    silentMs: Millis,
  }),
  ZoneDrained: define("ZoneDrained", "root", "A zone gets no new runs; those it has go on.", byPerson),
  ZoneUndrained: define("ZoneUndrained", "root", "A drained zone gets new runs again.", byPerson),
  ZoneRevoked: define("ZoneRevoked", "root", "A zone's credentials were revoked at the hub's server.", {
    ...byPerson,
    at: Instant,
  }),
  AccessRefused: define(
    "AccessRefused",
    "root",
    "A server refused somebody something; the same again within a minute is counted, not told one by one.",
    {
      ...accessRefusal,
      /** At the server of this zone; at the hub's where absent. */
      zone: Schema.optionalKey(ZoneName),
      origin: Schema.optionalKey(Origin),
    },
  ),
  ScriptRefused: define("ScriptRefused", "root", "A zone refused a share of a run for its own guard rails.", {
    zone: ZoneName,
    run: RunId,
    reason: Schema.String,
    /** Of the script's bundle, where its zone wants to approve it. */
    sha256: Schema.optionalKey(Sha256),
    origin: Origin,
  }),
  CommandRefused: define("CommandRefused", "root", "Root does not do what a door asked for.", {
    command: Schema.String,
    actor: Schema.String,
    reason: Schema.String,
  }),
  RunRemoved: define("RunRemoved", "root", "An ended run, its log and its intervals were removed.", {
    run: RunId,
    actor: Schema.String,
    script: Schema.optionalKey(Schema.String),
  }),
} as const;

export type MeshEvent = BodyOf<typeof meshEvents>;
