/** Lives a run again from the streams alone: its log, then root's intervals. Reads only, and needs no root. */
import * as Effect from "effect/Effect";
import { subjects } from "../../../streams/subjects.ts";
import { Replay, type Replayed } from "../../domain/replay/replay.ts";
import type { Asked, Server } from "../../ports/server.ts";
import { RUN_EVENTS } from "./find-run.ts";

export const RUN_INTERVALS = { asset: "runIntervals", zone: "" } as const;

export const replayRun = (server: Server, run: string): Asked<Replayed> =>
  Effect.gen(function* () {
    const replay = new Replay(run);
    yield* server.log.scan(RUN_EVENTS, subjects.runLog(run), (stored) => replay.event(stored));
    yield* server.log.scan(RUN_INTERVALS, subjects.runInterval(run), (stored) => replay.interval(stored));
    return replay.result();
  });
