/** What a live agent is made of, what may come into its mailbox, and how it says something to its zone. */
import * as Effect from "effect/Effect";
import type * as Queue from "effect/Queue";
import * as Schedule from "effect/Schedule";
import type { Through } from "../../../streams/messages/live.ts";
import type { Report } from "../../../streams/messages/report.ts";
import { subjects } from "../../../streams/subjects.ts";
import type { Asked, Delivery, Server, ServerClock } from "../../ports/server.ts";
import type { Ended, WorkerProcess } from "../../ports/workers.ts";
import { outgoing } from "../outgoing.ts";
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
}

export type Input =
  | { readonly type: "Command"; readonly delivery: Delivery }
  | { readonly type: "Ready"; readonly part: Part; readonly readiness: Readiness }
  | { readonly type: "Frame"; readonly part: Part; readonly frame: Uint8Array }
  | { readonly type: "Abort"; readonly part: Part; readonly reason: string }
  | { readonly type: "Ended"; readonly part: Part; readonly worker: string; readonly end: Ended }
  | {
      readonly type: "Lost";
      readonly part: Part;
      readonly worker: string;
      readonly cause: string;
      readonly lastLines: readonly string[];
    }
  | {
      readonly type: "StageOver";
      readonly part: Part;
      readonly report: Report & { readonly type: "StageDone" };
    }
  | { readonly type: "Covered"; readonly through: Through }
  | { readonly type: "Tick" };

/** A live agent. What is not `readonly` belongs to the mailbox's fiber. */
export interface Agent {
  readonly options: AgentOptions;
  readonly server: Server;
  readonly clock: ServerClock;
  readonly mailbox: Queue.Queue<Input>;
  readonly startWorker: () => WorkerProcess;
  session: string;
  /** Highest epoch seen in a command; a lower one comes from a leader of the past. */
  epoch: number;
  /** Undefined until the zone has admitted this session. */
  incarnation: number | undefined;
  part: Part | undefined;
  /** A worker that is started ahead, so that the next run need not wait for a process. */
  spare: WorkerProcess | undefined;
  helloMs: number;
  tickedMs: number;
  /** When something was last heard from above, by whom it passed. */
  heardMs: number;
  reports: number;
}

/** Says something to the zone; kept by the server until the zone has read it. */
export function report(self: Agent, body: Report): Asked<void> {
  const { zone, agent: name } = self.options;
  const id = `${zone}/${name}/${self.session}/${self.reports++}`;
  const header = {
    id,
    time: self.clock.now(),
    actor: name,
    correlation: "run" in body ? body.run : self.session,
  };
  return self.server.log.append(subjects.agentReport(zone, name, body.type), outgoing(header, body)).pipe(
    Effect.retry({
      schedule: Schedule.spaced("200 millis"),
      while: ({ reason }) => reason === "unavailable",
    }),
    Effect.asVoid,
  );
}
