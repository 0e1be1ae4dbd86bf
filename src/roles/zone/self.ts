/** What a live zone is made of, and what may come into its mailbox. Types only. */
import type * as Queue from "effect/Queue";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Report } from "../../../streams/messages/report.ts";
import type { ZoneState } from "../../domain/zone/state.ts";
import type { Delivery, Server, ServerClock } from "../../ports/server.ts";
import type { Journal } from "../journal.ts";
import type { ZoneIntervals } from "./zone-intervals.ts";

export interface ZoneOptions {
  readonly zone: string;
  /** Unique name of this process. */
  readonly session: string;
  readonly program: string;
  readonly host: string;
  readonly pid: number;
  readonly note: (line: string) => void;
}

export type Input =
  | { readonly type: "Command"; readonly delivery: Delivery }
  | { readonly type: "Report"; readonly delivery: Delivery }
  | { readonly type: "Arrival"; readonly run: string; readonly barrier: string; readonly agent: string }
  | { readonly type: "Interval"; readonly run: string; readonly frame: Uint8Array }
  | { readonly type: "Tick" };

/** A live zone. What is not `readonly` belongs to the mailbox's fiber. */
export interface Zone {
  readonly options: ZoneOptions;
  readonly own: Server;
  readonly upper: Server;
  readonly journal: Journal<ZoneState, ZoneEvent>;
  /** The zone server's clock, and the parent server's. */
  readonly clock: ServerClock;
  readonly hubClock: ServerClock;
  readonly mailbox: Queue.Queue<Input>;
  /** Highest epoch seen in a command. */
  epoch: number;
  readonly heard: Map<string, { readonly session: string; readonly atMs: number }>;
  rootHeardMs: number;
  /** When this zone last heard its own pulse: while it does not, the server is away and silence proves nothing. */
  ownHeardMs: number;
  tickedMs: number;
  readonly assignedMs: Map<string, number>;
  readonly intervals: Map<string, ZoneIntervals>;
  /** Reports that wait until the intervals they state are merged. */
  readonly deferred: Deferred[];
}

export interface Deferred {
  readonly agent: string;
  readonly report: Report & { readonly type: "StageDone" };
  readonly causation: string;
  readonly sinceMs: number;
}
