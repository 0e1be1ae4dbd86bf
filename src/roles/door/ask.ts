/**
 * What a door asks of root: plan a run, stop one, remove one. A request is a stored command with an id of its own, so
 * asking twice is asking once; it is void after ten seconds, and then the door says that no mesh is there.
 */
import * as Data from "effect/Data";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import type { DoorCommand } from "../../../streams/commands/door.ts";
import type { PlanRequest } from "../../../streams/schema/plan.ts";
import type { Cause } from "../../../streams/schema/cause.ts";
import { subjects } from "../../../streams/subjects.ts";
import type { Asked, Server } from "../../ports/server.ts";
import { outgoing } from "../outgoing.ts";
import * as limits from "./limits.ts";

/** No root answers: the server is there, the mesh is not. */
export class NoMesh extends Data.TaggedError("NoMesh")<{ readonly detail: string }> {
  override get message(): string {
    return `no root answered within ${limits.ANSWER_WITHIN_MS / 1000} s (${this.detail})`;
  }
}

export interface RunRequest {
  readonly run: string;
  readonly request: PlanRequest;
  readonly bundle: Uint8Array;
  readonly sourceMap: string;
  readonly env: Readonly<Record<string, string>>;
  readonly actor: string;
}

/** Stores what the run needs and asks for it; returns when root's first event about it is there. */
export const requestRun = (server: Server, asked: RunRequest): Effect.Effect<void, NoMesh> =>
  Effect.gen(function* () {
    const { run, request, actor } = asked;
    yield* storeObjects(server, asked);
    yield* send(server, run, actor, run, { type: "PlanRun", run, request });
    yield* firstEvent(server, run);
  }).pipe(withinTheBound);

export const requestStop = (server: Server, run: string, actor: string, cause: Cause, id: string) =>
  send(server, run, actor, id, { type: "AbortRun", run, cause }).pipe(withinTheBound);

/** Asks for the removal of an ended run, and returns when its log is gone. */
export const requestRemoval = (server: Server, run: string, actor: string, id: string) =>
  Effect.gen(function* () {
    yield* send(server, run, actor, id, { type: "RemoveRun", run });
    const gone = server.log
      .last({ asset: "runEvents", zone: "" }, subjects.runLog(run))
      .pipe(Effect.flatMap((last) => (last === undefined ? Effect.void : Effect.fail("not yet" as const))));
    yield* Effect.retry(gone, Schedule.spaced(limits.TRY_EVERY));
  }).pipe(withinTheBound);

/** The mesh may still be starting: everything is tried again until the bound. */
const withinTheBound = <A>(attempt: Effect.Effect<A, unknown>): Effect.Effect<A, NoMesh> =>
  attempt.pipe(
    Effect.retry(Schedule.spaced(limits.TRY_EVERY)),
    Effect.timeout(limits.ANSWER_WITHIN_MS),
    Effect.mapError(() => new NoMesh({ detail: "is one running? mesh root" })),
  );

const storeObjects = Effect.fnUntraced(function* (
  server: Server,
  { run, request, bundle, sourceMap, env }: RunRequest,
) {
  const text = new TextEncoder();
  const where = { asset: "bundles", zone: "" } as const;
  yield* server.objects.put(where, `${request.bundle}.map`, text.encode(sourceMap));
  yield* server.objects.put(where, request.bundle, bundle);
  if (request.env.length === 0) return;
  yield* server.objects.put({ asset: "environments", zone: "" }, run, text.encode(JSON.stringify(env)));
});

/** A root that leads says so twice a second; its last word also tells the hub's time. */
const hubTime = (server: Server): Effect.Effect<number, unknown> =>
  server.log
    .last({ asset: "hubLive", zone: "" }, subjects.rootPulse())
    .pipe(
      Effect.flatMap((pulse) =>
        pulse === undefined ? Effect.fail("no root" as const) : Effect.succeed(pulse.at),
      ),
    );

const send = Effect.fnUntraced(function* (
  server: Server,
  run: string,
  actor: string,
  id: string,
  body: DoorCommand,
) {
  const time = yield* hubTime(server);
  const expires = time + limits.ANSWER_WITHIN_MS * 1000;
  yield* server.log.append(
    subjects.rootCommand(run, body.type),
    outgoing({ id, time, actor, correlation: run, expires }, body),
  );
});

const firstEvent = (server: Server, run: string): Asked<void> =>
  server.log
    .last({ asset: "runEvents", zone: "" }, subjects.runLog(run))
    .pipe(
      Effect.repeat({ until: (last) => last !== undefined, schedule: Schedule.spaced("10 millis") }),
      Effect.asVoid,
    );
