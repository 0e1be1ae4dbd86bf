/**
 * What a door asks of root: plan a run, stop one, remove one. A request is a stored command with an id of its own, so
 * asking twice is asking once; it is void after ten seconds, and then the door says what kept it from an answer.
 */
import * as Clock from "effect/Clock";
import * as Data from "effect/Data";
import * as Effect from "effect/Effect";
import * as Option from "effect/Option";
import * as Schedule from "effect/Schedule";
import type { DoorCommand } from "../../../streams/commands/door.ts";
import type { PlanRequest } from "../../../streams/schema/plan.ts";
import type { Cause } from "../../../streams/schema/cause.ts";
import { subjects } from "../../../streams/subjects.ts";
import type { RunEnvironment } from "../../domain/plan/environment.ts";
import type { Asked, Server, ServerError, Stored } from "../../ports/server.ts";
import { dataFile } from "../object-names.ts";
import { outgoing } from "../outgoing.ts";
import { readBody } from "../read-body.ts";
import { RUN_EVENTS } from "./find-run.ts";
import * as limits from "./limits.ts";

/** No root answers: the server is there, the mesh is not. */
export class NoMesh extends Data.TaggedError("NoMesh")<{ readonly detail: string }> {
  override get message(): string {
    return `no root answered within ${limits.ANSWER_WITHIN_MS / 1000} s (${this.detail})`;
  }
}

export type AskError = NoMesh | ServerError;

export interface RunRequest {
  readonly run: string;
  readonly request: PlanRequest;
  readonly bundle: Uint8Array;
  /** Bytes of the data files, by SHA-256. */
  readonly files?: ReadonlyMap<string, Uint8Array>;
  readonly sourceMap: string;
  readonly environment: RunEnvironment;
  readonly actor: string;
}

/** Stores what the run needs and asks for it; returns when root's first event about it is there. */
export const requestRun = (server: Server, asked: RunRequest): Effect.Effect<void, AskError> =>
  Effect.andThen(
    storeFiles(server, asked),
    withinTheBound((bound) =>
      Effect.gen(function* () {
        const { run, request, actor } = asked;
        yield* hubTime(server, bound);
        yield* storeObjects(server, asked);
        yield* send(server, bound, { run, actor, id: run }, { type: "PlanRun", run, request });
        yield* untilLog(server, run, (isThere) => isThere);
      }),
    ),
  ).pipe(Effect.onError(() => forgetEnvironment(server, asked.run)));

/** Returns when the request is stored. */
export const requestStop = (server: Server, run: string, actor: string, cause: Cause, id: string) =>
  withinTheBound((bound) => send(server, bound, { run, actor, id }, { type: "AbortRun", run, cause }));

/** Asks for a note, and returns when it stands in the run's log: by its id, for others may write notes at the same time. */
export const requestNote = (server: Server, run: string, actor: string, text: string, id: string) =>
  withinTheBound((bound) =>
    Effect.gen(function* () {
      yield* send(server, bound, { run, actor, id }, { type: "AddNote", run, text });
      yield* server.log.read(RUN_EVENTS, [subjects.runEvent(run, "NoteAdded")]).pipe(
        Effect.map((notes) => notes.some((stored) => isNote(stored, id))),
        Effect.repeat({ until: (isThere) => isThere, schedule: Schedule.spaced(limits.TRY_EVERY) }),
      );
    }),
  );

const isNote = (stored: Stored, id: string): boolean => {
  const note = readBody("run event", stored, () => {});
  return note?.type === "NoteAdded" && note.id === id;
};

/** Asks for the removal of an ended run, and returns when its log is gone. */
export const requestRemoval = (server: Server, run: string, actor: string, id: string) =>
  withinTheBound((bound) =>
    Effect.gen(function* () {
      yield* send(server, bound, { run, actor, id }, { type: "RemoveRun", run });
      yield* untilLog(server, run, (isThere) => !isThere);
    }),
  );

/** How long there is to get an answer, and what came in the way so far. */
interface Bound {
  readonly untilMs: number;
  leader: string | undefined;
  obstacle: ServerError | undefined;
}

/** The mesh may still be starting: what may pass is tried again until the bound. A refusal does not pass. */
export const withinTheBound = <A>(
  attempt: (bound: Bound) => Asked<A>,
  withinMs: number = limits.ANSWER_WITHIN_MS,
): Effect.Effect<A, AskError> =>
  Effect.gen(function* () {
    const untilMs = (yield* Clock.currentTimeMillis) + withinMs;
    const bound: Bound = { untilMs, leader: undefined, obstacle: undefined };
    const answered = yield* attempt(bound).pipe(
      Effect.tapError((error) => Effect.sync(() => (bound.obstacle = error))),
      Effect.retry({ schedule: Schedule.spaced(limits.TRY_EVERY), while: mayPass }),
      Effect.timeoutOption(withinMs),
    );
    return Option.isSome(answered) ? answered.value : yield* Effect.fail(unanswered(bound));
  });

const mayPass = ({ reason }: ServerError): boolean =>
  reason === "unavailable" || reason === "not-provisioned";

/** Where a root leads, what the server said last is the reason; where none does, everything else follows from that. */
function unanswered({ leader, obstacle }: Bound): AskError {
  if (leader !== undefined) {
    return obstacle ?? new NoMesh({ detail: `${leader} leads, but did not take the request up` });
  }
  const tried = obstacle === undefined ? "" : `; the last try: ${obstacle.detail}`;
  return new NoMesh({ detail: `is one running? mesh root${tried}` });
}

/** Nobody took the run up and, because the request is void now, nobody will: its values must not stay behind. */
const forgetEnvironment = (server: Server, run: string): Effect.Effect<void> =>
  server.objects
    .remove({ asset: "environments", zone: "" }, run)
    .pipe(Effect.timeout(limits.FORGET_WITHIN), Effect.ignore);

/** Data files may be large: each has time by its size. */
const storeFiles = (server: Server, { files = new Map() }: RunRequest): Effect.Effect<void, AskError> =>
  Effect.forEach(
    files,
    ([sha256, bytes]) =>
      withinTheBound(
        (bound) =>
          Effect.andThen(
            hubTime(server, bound),
            server.objects.put({ asset: "bundles", zone: "" }, dataFile(sha256), bytes),
          ),
        limits.ANSWER_WITHIN_MS + Math.ceil(bytes.length / limits.UPLOAD_BYTES_PER_MS),
      ),
    { discard: true },
  );

const storeObjects = Effect.fnUntraced(function* (
  server: Server,
  { run, request, bundle, sourceMap, environment }: RunRequest,
) {
  const text = new TextEncoder();
  const where = { asset: "bundles", zone: "" } as const;
  yield* server.objects.put(where, `${request.bundle}.map`, text.encode(sourceMap));
  yield* server.objects.put(where, request.bundle, bundle);
  if (request.env.length === 0) return;
  const values = text.encode(JSON.stringify(environment));
  yield* server.objects.put({ asset: "environments", zone: "" }, run, values);
});

/**
 * A root that leads says so twice a second; its last word also tells the hub's time. That of a root that has ended
 * stays for ten seconds, and a request timed by it would be void too soon: then the next word is waited for. Our own
 * clock only saves that wait; where it is wrong, the answer comes half a second later.
 */
const hubTime = Effect.fnUntraced(function* (server: Server, bound: Bound) {
  let seen: number | undefined;
  for (;;) {
    const pulse = yield* server.log.last({ asset: "hubLive", zone: "" }, subjects.rootPulse());
    const nowMs = yield* Clock.currentTimeMillis;
    if (pulse !== undefined) {
      const isFresh = Math.abs(nowMs - pulse.at / 1000) < limits.PULSE_FRESH_MS;
      if (isFresh || (seen !== undefined && pulse.sequence > seen)) {
        bound.leader = pulse.envelope.actor;
        return pulse.at;
      }
    }
    seen ??= pulse?.sequence ?? 0;
    yield* Effect.sleep(limits.TRY_EVERY);
  }
});

interface Asking {
  /** `-` where it is about no run. */
  readonly run: string;
  readonly actor: string;
  readonly id: string;
}

/** The command is void as soon as this door has stopped waiting for an answer. */
export const send = Effect.fnUntraced(function* (
  server: Server,
  bound: Bound,
  { run, actor, id }: Asking,
  body: DoorCommand,
) {
  const time = yield* hubTime(server, bound);
  const leftMs = Math.max(0, bound.untilMs - (yield* Clock.currentTimeMillis));
  yield* server.log.append(
    commandSubject(server, run, body.type),
    outgoing({ id, time, actor, correlation: run, expires: time + leftMs * 1000 }, body),
  );
});

/** A login that is a door's by name may ask only under that name; the server holds it to that. */
const commandSubject = ({ principal }: Server, run: string, type: string): string =>
  principal?.startsWith(DOOR) === true
    ? subjects.rootCommandBy(principal, run, type)
    : subjects.rootCommand(run, type);

const DOOR = "door-";

/** Until the run's log is there, or is gone. */
const untilLog = (server: Server, run: string, is: (isThere: boolean) => boolean): Asked<void> =>
  server.log
    .last(RUN_EVENTS, subjects.runLog(run))
    .pipe(
      Effect.repeat({ until: (last) => is(last !== undefined), schedule: Schedule.spaced("10 millis") }),
      Effect.asVoid,
    );
