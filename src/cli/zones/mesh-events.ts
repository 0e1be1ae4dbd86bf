/** `mesh events` without a run: the mesh log, a line per event, as text or as NDJSON. */
import * as Effect from "effect/Effect";
import { subjects } from "../../../streams/subjects.ts";
import type { Server, Stored } from "../../ports/server.ts";
import { MESH_EVENTS } from "../../roles/door/ask-mesh.ts";
import { readBody } from "../../roles/read-body.ts";
import { atServer, type Note } from "../at-server.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import { logLine } from "../runs/event-text.ts";
import { bodyOf, type EventsFlags, ndjson } from "../runs/events.ts";
import { meshEventText } from "./mesh-event-text.ts";

/** Prints line by line; with `follow` for ever. */
export async function showMeshEvents(
  flags: EventsFlags,
  note: Note,
  print: (line: string) => void,
): Promise<void> {
  if (flags.intervals) throw noIntervals();
  const line = (stored: Stored) => print(meshLine(stored, flags.json));
  await atServer(flags, note, (server): Effect.Effect<void, unknown> =>
    flags.follow
      ? server.log.follow(MESH_EVENTS, [subjects.meshLog()], 1, (stored) => Effect.sync(() => line(stored)))
      : readAll(server, line),
  );
}

const noIntervals = (): Failure =>
  new Failure(
    exitCode.usage,
    "Usage",
    "--intervals shows those of a run, and no run is named",
    "mesh events last --intervals",
  );

/** Where no root ever led there is no log. */
const readAll = (server: Server, line: (stored: Stored) => void) =>
  server.admin.subjects(MESH_EVENTS, subjects.meshLog()).pipe(
    Effect.flatMap((found) =>
      found.length === 0 ? Effect.void : server.log.scan(MESH_EVENTS, subjects.meshLog(), line),
    ),
    Effect.catchIf(
      ({ reason }) => reason === "not-provisioned",
      () => Effect.void,
    ),
  );

function meshLine(stored: Stored, json: boolean): string {
  if (json) return ndjson(stored, { body: bodyOf(stored.data) });
  const { envelope, sequence } = stored;
  const event = readBody("mesh event", stored, () => {});
  const essentials =
    event === undefined ? "cannot be read here: a newer mesh wrote it" : meshEventText(event);
  return logLine(sequence, envelope.time, envelope.type, essentials);
}
