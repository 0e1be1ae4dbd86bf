/** What a door asks of root about zones. Each returns when root has written that it did so, or why it does not. */
import * as Data from "effect/Data";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import type { DoorCommand } from "../../../streams/commands/door.ts";
import type { MeshEvent } from "../../../streams/events/mesh.ts";
import { subjects } from "../../../streams/subjects.ts";
import type { Asked, Server } from "../../ports/server.ts";
import { readBody } from "../read-body.ts";
import { type AskError, send, withinTheBound } from "./ask.ts";
import * as limits from "./limits.ts";

export const MESH_EVENTS = { asset: "meshEvents", zone: "" } as const;

/** Root wrote down that it does not do it. */
export class CommandRefused extends Data.TaggedError("CommandRefused")<{ readonly reason: string }> {
  override get message(): string {
    return this.reason;
  }
}

export interface MeshQuestion {
  readonly zone: string;
  readonly actor: string;
  /** Unique for this request. */
  readonly id: string;
  readonly reason?: string | undefined;
}

/** No new runs for a zone; with `undo` it gets them again. */
export const requestDrain = (server: Server, question: MeshQuestion, undo: boolean) =>
  ask(
    server,
    question,
    { type: "DrainZone", zone: question.zone, ...(undo ? { undo } : {}), ...why(question) },
    undo ? "ZoneUndrained" : "ZoneDrained",
  );

/** For whoever has revoked a zone's credentials at the server: the log says so, and the zone gets no new runs. */
export const requestRevoked = (server: Server, question: MeshQuestion) =>
  ask(server, question, { type: "ReportRevoked", zone: question.zone, ...why(question) }, "ZoneRevoked");

const why = ({ reason }: MeshQuestion) => (reason === undefined ? {} : { reason });

const ask = (
  server: Server,
  { actor, id }: MeshQuestion,
  command: DoorCommand,
  done: MeshEvent["type"],
): Effect.Effect<void, AskError | CommandRefused> =>
  withinTheBound((bound) =>
    Effect.gen(function* () {
      yield* send(server, bound, { run: "-", actor, id }, command);
      return yield* answerTo(server, id, done).pipe(
        Effect.repeat({
          until: (answer) => answer !== undefined,
          schedule: Schedule.spaced(limits.TRY_EVERY),
        }),
      );
    }),
  ).pipe(
    Effect.flatMap((answer) =>
      answer?.type === "CommandRefused"
        ? Effect.fail(new CommandRefused({ reason: answer.reason }))
        : Effect.void,
    ),
  );

/** The event that this request caused. */
const answerTo = (server: Server, id: string, done: MeshEvent["type"]): Asked<MeshEvent | undefined> =>
  server.log.read(MESH_EVENTS, [subjects.meshEvent(done), subjects.meshEvent("CommandRefused")]).pipe(
    Effect.map((events) => {
      const answer = events.findLast(({ envelope }) => envelope.causation === id);
      return answer && readBody("mesh event", answer, () => {});
    }),
  );
