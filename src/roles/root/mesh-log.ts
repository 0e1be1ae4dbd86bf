/**
 * The mesh log at root: read when a tenure begins, written from root's one fiber as the runs' logs are. A log that this
 * version cannot read is said so once and left alone: runs go on without it.
 */
import * as Effect from "effect/Effect";
import type { MeshEvent } from "../../../streams/events/mesh.ts";
import { subjects } from "../../../streams/subjects.ts";
import { decideMesh, expectedZones, type MeshInput } from "../../domain/mesh/decide.ts";
import { RefusalCounter } from "../../domain/mesh/refusal-counter.ts";
import { evolveMesh, type MeshState, newMesh } from "../../domain/mesh/state.ts";
import type { Asked, Delivery } from "../../ports/server.ts";
import { Journal } from "../journal.ts";
import { readBody } from "../read-body.ts";
import { SILENT_AFTER_MS } from "./limits.ts";
import type { Tenure } from "./tenure.ts";

export interface MeshLog {
  readonly journal: Journal<MeshState, MeshEvent>;
  readonly refusals: RefusalCounter;
  /** False where the log cannot be read here, and so must not be written. */
  isOpen: boolean;
}

export const meshLogOf = ({ server, name }: Tenure): MeshLog => ({
  journal: new Journal<MeshState, MeshEvent>({
    server,
    where: { asset: "meshEvents", zone: "" },
    family: "mesh event",
    name: "mesh",
    subjects: subjects.meshLog(),
    subjectOf: (type) => subjects.meshEvent(type),
    initial: newMesh,
    evolve: evolveMesh,
    actor: name,
  }),
  refusals: new RefusalCounter(),
  isOpen: false,
});

/** Reads it; before this nothing is written. */
export const loadMeshLog = (log: MeshLog, { note }: Tenure): Asked<void> =>
  log.journal.load().pipe(
    Effect.map(() => void (log.isOpen = true)),
    Effect.catchDefect((defect) => {
      const reason = (defect instanceof Error ? defect.message : String(defect)).replaceAll(/\s+/g, " ");
      return Effect.sync(() => note(`the mesh log is left alone, it cannot be read: ${reason}`));
    }),
  );

/** Decides on an input and writes what follows. `causation`: id of the message that asked for it. */
export const recordMesh = Effect.fnUntraced(function* (
  log: MeshLog,
  { clock, epoch }: Tenure,
  input: MeshInput,
  causation: string,
) {
  if (!log.isOpen) return;
  for (const event of decideMesh(log.journal.state, input)) {
    yield* log.journal.append(event, { epoch, time: clock.now(), causation });
  }
});

/** What a watcher at the hub tells: the first of a kind at once, others once a minute. */
export const watchMesh = Effect.fnUntraced(function* (log: MeshLog, tenure: Tenure, delivery: Delivery) {
  const said = readBody("watch report", delivery, tenure.note);
  if (said !== undefined) {
    const { type: _, ...seen } = said;
    const refusal = log.refusals.offer(seen, tenure.clock.now());
    if (refusal !== undefined)
      yield* recordMesh(log, tenure, { type: "Access", refusal }, delivery.envelope.id);
  }
  yield* delivery.ack;
});

/** What time alone brings: zones that are not heard any more, and refusals whose minute is over. */
export const tickMesh = Effect.fnUntraced(function* (log: MeshLog, tenure: Tenure) {
  for (const zone of expectedZones(log.journal.state)) {
    const isInner = log.journal.state.zones[zone]?.parent !== undefined;
    const silentMs = isInner ? tenure.silentBelowMs(zone) : tenure.silentMs(zone);
    if (silentMs < SILENT_AFTER_MS) continue;
    const since = Math.round(tenure.clock.now() - silentMs * 1000);
    yield* recordMesh(log, tenure, { type: "Silent", zone, since }, "");
  }
  yield* tellCounted(log, tenure);
});

const tellCounted = Effect.fnUntraced(function* (log: MeshLog, tenure: Tenure) {
  for (const refusal of log.refusals.due(tenure.clock.now())) {
    yield* recordMesh(log, tenure, { type: "Access", refusal }, "");
  }
});
