/** What a live agent is made of, and what may come into its mailbox. Types only. */
import type * as Queue from "effect/Queue";
import type { Through } from "../../../streams/messages/live.ts";
import type { Report } from "../../../streams/messages/report.ts";
import type { Outgoing } from "../../domain/log/codec.ts";
import type { Delivery, Server, ServerClock } from "../../ports/server.ts";
import type { Ended, WorkerProcess, WorkerLoss } from "../../ports/workers.ts";
import type { ControlPlane } from "../control-plane.ts";
import type { Part, Readiness } from "./part.ts";

export interface AgentOptions {
  readonly zone: string;
  readonly agent: string;
  readonly program: string;
  readonly host: string;
  readonly pid: number;
  /** Worker processes it may run at once. */
  readonly cores: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly newSession: () => string;
  readonly note: (line: string) => void;
  /** Finds the servers of the mesh that no script may reach; absent: this agent adds none to those that it is told. */
  readonly controlPlane?: ControlPlane | undefined;
}

export type Input =
  | { readonly type: "Command"; readonly delivery: Delivery }
  | { readonly type: "Ready"; readonly part: Part; readonly readiness: Readiness }
  | { readonly type: "Frame"; readonly part: Part; readonly frame: Uint8Array }
  | { readonly type: "Abort"; readonly part: Part; readonly reason: string }
  /** A worker has made all the requests that the owner of a zone allows it. */
  | { readonly type: "Ceiling"; readonly part: Part; readonly worker: string; readonly reason: string }
  | { readonly type: "Ended"; readonly part: Part; readonly worker: string; readonly end: Ended }
  | {
      readonly type: "Lost";
      readonly part: Part;
      readonly worker: string;
      readonly loss: WorkerLoss;
    }
  | {
      readonly type: "StageOver";
      readonly part: Part;
      readonly report: Report & { readonly type: "StageDone" };
    }
  | { readonly type: "SpoolFailed"; readonly part: Part; readonly reason: string }
  | { readonly type: "Covered"; readonly through: Through }
  | { readonly type: "Tick" };

/** A report that waits for the server. */
export interface Said {
  readonly subject: string;
  readonly message: Outgoing;
}

/** A live agent. What is not `readonly` belongs to the mailbox's fiber. */
export interface Agent {
  readonly options: AgentOptions;
  readonly server: Server;
  readonly mailbox: Queue.Queue<Input>;
  readonly outbox: Queue.Queue<Said>;
  readonly startWorker: () => WorkerProcess;
  /** The zone server's clock; measured anew for every part. */
  clock: ServerClock;
  session: string;
  /** Highest epoch seen in a command; a lower one comes from a leader of the past. */
  epoch: number;
  /** Undefined until the zone has admitted this session. */
  incarnation: number | undefined;
  part: Part | undefined;
  /** When the zone last gave a part, or asked to stop one that is not here; what it gave before is out of date. */
  assignedAt: number;
  /** A worker that is started ahead, so that the next run need not wait for a process. */
  spare: WorkerProcess | undefined;
  helloMs: number;
  /** One tick waits at most: a mailbox full of them would be of no use. */
  isTickQueued: boolean;
  /** When something was last heard from above, by whom it passed. */
  heardMs: number;
  reports: number;
}
