/** What a live zone is made of, and what may come into its mailbox. */
import type * as Effect from "effect/Effect";
import type * as Queue from "effect/Queue";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Through } from "../../../streams/messages/live.ts";
import type { AccessRefusal } from "../../../streams/schema/access.ts";
import type { Origin } from "../../../streams/schema/cause.ts";
import { subjects } from "../../../streams/subjects.ts";
import type { RefusalCounter } from "../../domain/mesh/refusal-counter.ts";
import type { OwnersFile } from "../../domain/guard/share-rails.ts";
import type { ZoneInput } from "../../domain/zone/input.ts";
import type { ZoneState } from "../../domain/zone/state.ts";
import type { Delivery, Server, ServerClock } from "../../ports/server.ts";
import type { ControlPlane } from "../control-plane.ts";
import type { FromZone } from "../follow-zone.ts";
import type { HeardZones } from "../heard-zones.ts";
import type { Journal, Recorded } from "../journal.ts";
import type { Statement, ZoneIntervals } from "./zone-intervals.ts";

export interface ZoneOptions {
  readonly zone: string;
  /** The zone above; undefined where that is root. */
  readonly parent?: string | undefined;
  /** Unique name of this process. */
  readonly session: string;
  readonly program: string;
  readonly host: string;
  readonly pid: number;
  readonly note: (line: string) => void;
  /** The file of the zone's owner, read anew whenever it is asked for; absent: the owner wrote none. */
  readonly guard?: (() => OwnersFile) | undefined;
  /** Finds the servers of the mesh that no script may reach; absent: this zone adds none to those that it is told. */
  readonly controlPlane?: ControlPlane | undefined;
}

export type Input =
  | { readonly type: "Command"; readonly delivery: Delivery }
  | { readonly type: "Report"; readonly delivery: Delivery }
  /** What the zone's server refused somebody. */
  | { readonly type: "Watch"; readonly delivery: Delivery }
  | {
      readonly type: "Arrival";
      readonly run: string;
      readonly barrier: string;
      readonly agent: string;
      readonly incarnation: number;
    }
  | {
      readonly type: "AgentInterval";
      readonly agent: string;
      readonly run: string;
      readonly frame: Uint8Array;
    }
  /** What comes up the link of a zone below. */
  | FromZone
  /** A zone below still names a run that is over here. */
  | { readonly type: "Stray"; readonly child: string; readonly run: string }
  /** The word from above on which of the zone's own intervals its log covers. */
  | { readonly type: "Covered"; readonly through: Through }
  /** A heartbeat of a session that is no member, though it thinks so. */
  | { readonly type: "Stranger"; readonly agent: string; readonly session: string }
  | { readonly type: "Tick" };

/** A live zone. What is not `readonly` belongs to the mailbox's fiber. */
export interface Zone {
  readonly options: ZoneOptions;
  readonly own: Server;
  readonly upper: Server;
  readonly journal: Journal<ZoneState, ZoneEvent>;
  /** The clock of the zone's own server, and of the one above: the hub's only where root is above. Measured anew for every run. */
  clock: ServerClock;
  upperClock: ServerClock;
  readonly mailbox: Queue.Queue<Input>;
  /** Highest epoch seen in a command. */
  epoch: number;
  /** Events whose commands still hold for agents and zones below, by what a later one replaces: said again under a new leader. */
  readonly standing: Map<string, Recorded<ZoneEvent>>;
  readonly heard: Map<string, { readonly session: string; readonly atMs: number }>;
  /** Zones below, as they were heard. */
  readonly children: HeardZones;
  /** When somebody last heard of root: the parent says how long ago it did itself. */
  aboveHeardMs: number;
  /** Names of the zones above, the nearest first. */
  above: readonly string[];
  /** When this zone last heard its own pulse: while it does not, the server is away and silence proves nothing. */
  ownHeardMs: number;
  tickedMs: number;
  /** One tick waits at most: a mailbox full of them would be of no use. */
  isTickQueued: boolean;
  readonly assignedMs: Map<string, number>;
  /** When each share was settled: from then on what its agents stated must arrive soon. */
  readonly settledMs: Map<string, number>;
  /** Since when each share is to end: being told to stop, or past its planned end. */
  readonly endingMs: Map<string, number>;
  /** When an agent was last told that its session is no member. */
  readonly answeredMs: Map<string, number>;
  readonly intervals: Map<string, ZoneIntervals>;
  readonly refusals: RefusalCounter;
  /** The same as zones below tell of it, and up to which sequence, by the stream they came from. */
  readonly refusalsOf: Map<string, RefusalCounter<ChildRefusal>>;
  readonly counted: Map<string, number>;
  /** Reports, and facts of zones below, that wait until the intervals they state are merged. */
  readonly deferred: Deferred[];
}

/** What the server of a zone below refused somebody, as that one, or one between, tells. */
export interface ChildRefusal extends AccessRefusal {
  readonly zone: string;
  readonly origin: Origin;
}

export interface Deferred {
  readonly run: string;
  /** What is to be decided when all that was stated is merged. */
  readonly input: ZoneInput & { readonly type: "Report" | "ChildFact" };
  readonly stated: Statement;
  readonly causation: string;
  readonly sinceMs: number;
  /** Only when it is reported: a coordinator that ends before gives it to the next one. */
  readonly ack: Effect.Effect<void>;
}

/** Where a zone says that it lives: root hears its zones on a subject of theirs, a zone those below on one of its own. */
export const beatSubject = ({ parent, zone }: Pick<ZoneOptions, "parent" | "zone">): string =>
  parent === undefined ? subjects.zoneBeat(zone) : subjects.childBeat(parent, zone);

export const syncOf = ({ own, options }: Zone, run: string) => ({
  server: own,
  zone: options.zone,
  run,
  actor: options.zone,
});
