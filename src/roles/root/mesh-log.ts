/**
 * The mesh log at root: read when a tenure begins, written from root's one fiber as the runs' logs are. A log that this
 * version cannot read is said so once and left alone: runs go on without it.
 */
import * as Effect from "effect/Effect";
import type { MeshEvent } from "../../../streams/events/mesh.ts";
import type { AccessRefusal } from "../../../streams/schema/access.ts";
import type { Origin } from "../../../streams/schema/cause.ts";
import { subjects } from "../../../streams/subjects.ts";
import { decideMesh, expectedZones, type MeshInput } from "../../domain/mesh/decide.ts";
import { meshInputOf } from "../../domain/mesh/from-zone.ts";
import { NewsBudget } from "../../domain/mesh/news-budget.ts";
import { RefusalCounter } from "../../domain/mesh/refusal-counter.ts";
import { evolveMesh, type MeshState, newMesh, topOf } from "../../domain/mesh/state.ts";
import type { Asked, Delivery } from "../../ports/server.ts";
import type { FromZone } from "../follow-zone.ts";
import { Journal } from "../journal.ts";
import { readBody } from "../read-body.ts";
import { SILENT_AFTER_MS } from "./limits.ts";
import type { Tenure } from "./tenure.ts";

export interface MeshLog {
  readonly journal: Journal<MeshState, MeshEvent>;
  /** At the hub's own servers, and as each zone tells of them. */
  readonly refusals: RefusalCounter;
  readonly refusalsOf: Map<string, RefusalCounter<ZoneRefusal>>;
  /** Up to which sequence refusals were counted, by the stream they came from. */
  readonly counted: Map<string, number>;
  readonly news: NewsBudget;
  /** False where the log cannot be read here, and so must not be written. */
  isOpen: boolean;
}

interface ZoneRefusal extends AccessRefusal {
  readonly zone: string;
  readonly origin: Origin;
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
  refusalsOf: new Map(),
  counted: new Map(),
  news: new NewsBudget(),
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

/** What a zone says of itself, and of those below it: as much of it as one zone may add. */
export const recordHeard = Effect.fnUntraced(function* (
  log: MeshLog,
  tenure: Tenure,
  said: MeshInput & { readonly type: "Heard" },
) {
  const now = tenure.clock.now();
  const [event] = decideMesh(log.journal.state, said);
  if (event === undefined) return;
  if (log.news.take(said.teller, changedBy(log.journal.state, event), now))
    yield* recordMesh(log, tenure, said, "");
});

/** The zone that is another program than the log says, where that is the news. */
function changedBy({ zones }: MeshState, event: MeshEvent): string | undefined {
  if (event.type !== "ZoneSeen") return undefined;
  const known = zones[event.zone];
  const isOther = known !== undefined && known.program !== "" && known.revoked === undefined;
  return isOther && known.parent === event.parent ? event.zone : undefined;
}

/** A fact that belongs to no run. `refuses`: whether a zone may still say that it refuses a run for its owner. */
export const recordFact = Effect.fnUntraced(function* (
  log: MeshLog,
  tenure: Tenure,
  { event, origin, zone: teller }: FromZone & { readonly type: "Fact" },
  refuses: (run: string, zone: string) => boolean,
) {
  const input = meshInputOf(log.journal.state, teller, event, origin);
  if (input?.type === "ScriptRefused" && refuses(input.run, input.zone))
    yield* recordMesh(log, tenure, input, origin.id);
  if (input?.type !== "ZoneAccess" || isCounted(log, origin)) return;
  log.counted.set(origin.stream, origin.sequence);
  const counter = log.refusalsOf.get(teller) ?? new RefusalCounter<ZoneRefusal>();
  log.refusalsOf.set(teller, counter);
  const told = counter.offer({ ...input.refusal, zone: input.zone, origin }, tenure.clock.now());
  if (told !== undefined) yield* recordMesh(log, tenure, accessOf(told), origin.id);
});

/** Facts are read again by the next leader, and where a link begins anew. */
const isCounted = ({ counted, journal }: MeshLog, { sequence, stream }: Origin): boolean =>
  sequence <= Math.max(counted.get(stream) ?? 0, journal.state.copied[stream] ?? 0);

const accessOf = ({ origin, zone, ...refusal }: ZoneRefusal) =>
  ({ type: "ZoneAccess", zone, refusal, origin }) as const;

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
    const top = topOf(log.journal.state, zone);
    const silentMs = top === zone ? tenure.silentMs(zone) : tenure.silentBelowMs(top, zone);
    if (silentMs < SILENT_AFTER_MS) continue;
    const since = Math.max(0, Math.round(tenure.clock.now() - silentMs * 1000));
    yield* recordMesh(log, tenure, { type: "Silent", zone, since }, "");
  }
  yield* tellCounted(log, tenure);
});

const tellCounted = Effect.fnUntraced(function* (log: MeshLog, tenure: Tenure) {
  for (const refusal of log.refusals.due(tenure.clock.now())) {
    yield* recordMesh(log, tenure, { type: "Access", refusal }, "");
  }
  for (const counter of log.refusalsOf.values()) {
    for (const told of counter.due(tenure.clock.now()))
      yield* recordMesh(log, tenure, { ...accessOf(told), counted: true }, told.origin.id);
  }
});
