/**
 * What a door asks of root: plan a run, stop one, remove one. A request is a stored command with an id of its own, so
 * asking twice is asking once; it is void after ten seconds, and then the door says that no mesh is there.
 */
import * as Clock from "effect/Clock";
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

/**
 * A root that leads says so twice a second; its last word also tells the hub's time. That of a root that has ended
 * stays for ten seconds, and a request timed by it would be void too soon: then the next word is waited for. Our own
 * clock only saves that wait; where it is wrong, the answer comes half a second later.
 */
const hubTime = Effect.fnUntraced(function* (server: Server) {
  let seen: number | undefined;
  for (;;) {
    const pulse = yield* server.log.last({ asset: "hubLive", zone: "" }, subjects.rootPulse());
    const nowMs = yield* Clock.currentTimeMillis;
    if (pulse !== undefined) {
      const isFresh = Math.abs(nowMs - pulse.at / 1000) < limits.PULSE_FRESH_MS;
      if (isFresh || (seen !== undefined && pulse.sequence > seen)) return pulse.at;
    }
    seen ??= pulse?.sequence ?? 0;
    yield* Effect.sleep(limits.TRY_EVERY);
  }
});

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
