/** `mesh events`: the log of one run, a line per event, as text or as NDJSON; with root's intervals when asked. */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import { subjects } from "../../../streams/subjects.ts";
import { decodeHead } from "../../domain/interval/codec.ts";
import { printableJson } from "../../domain/printable.ts";
import { MalformedFrame } from "../../domain/metric/byte-reader.ts";
import type { Server, Stored } from "../../ports/server.ts";
import { findRun, RUN_EVENTS } from "../../roles/door/find-run.ts";
import { readEvent } from "../../roles/door/list-runs.ts";
import { RUN_INTERVALS } from "../../roles/door/replay-run.ts";
import { atServer, type Note } from "../at-server.ts";
import type { PlaceFlags } from "../place.ts";
import { eventText, intervalText, logLine } from "./event-text.ts";

export interface EventsFlags extends PlaceFlags {
  readonly follow: boolean;
  readonly intervals: boolean;
  readonly json: boolean;
}

/** Prints line by line; with `follow` until the run is over. */
export const showEvents = (
  asked: string,
  flags: EventsFlags,
  note: Note,
  print: (line: string) => void,
): Promise<void> =>
  atServer(flags, note, (server) =>
    Effect.gen(function* () {
      const run = yield* findRun(server, asked);
      if (flags.follow) return yield* follow(server, run, flags, print);
      if (!flags.intervals) return yield* readLog(server, run, (line) => print(line.text), flags);
      const lines: Line[] = [];
      yield* readLog(server, run, (line) => void lines.push(line), flags);
      yield* readIntervals(server, run, (line) => void lines.push(line), flags);
      for (const { text } of lines.toSorted((a, b) => a.at - b.at)) print(text);
    }),
  );

interface Line {
  /** Server time, µs: orders the two logs. */
  readonly at: number;
  readonly text: string;
}

type Take = (line: Line) => void;

const readLog = (server: Server, run: string, take: Take, { json }: EventsFlags) =>
  server.log.scan(RUN_EVENTS, subjects.runLog(run), (stored) =>
    take({ at: stored.at, text: eventLine(stored, json) }),
  );

const readIntervals = (server: Server, run: string, take: Take, { json }: EventsFlags) =>
  server.log.scan(RUN_INTERVALS, subjects.runInterval(run), (stored) =>
    take({ at: stored.at, text: intervalLine(stored, json) }),
  );

const follow = (server: Server, run: string, flags: EventsFlags, print: (line: string) => void) =>
  Effect.gen(function* () {
    const over = yield* Deferred.make<void>();
    const events = server.log.follow(RUN_EVENTS, [subjects.runLog(run)], 1, (stored) => {
      print(eventLine(stored, flags.json));
      const isLast = stored.envelope.type === "VerdictGiven" || stored.envelope.type === "RunRefused";
      return isLast ? Deferred.succeed(over, undefined).pipe(Effect.asVoid) : Effect.void;
    });
    const intervals = server.log.follow(RUN_INTERVALS, [subjects.runInterval(run)], 1, (stored) =>
      Effect.sync(() => print(intervalLine(stored, flags.json))),
    );
    yield* Effect.raceAllFirst([Deferred.await(over), events, ...(flags.intervals ? [intervals] : [])]);
  });

function eventLine(stored: Stored, json: boolean): string {
  const { envelope, sequence } = stored;
  if (json) return ndjson(stored, { body: bodyOf(stored.data) });
  const event = readEvent(stored);
  const essentials = event === undefined ? "cannot be read here; mesh replay says why" : eventText(event);
  return logLine(sequence, envelope.time, envelope.type, essentials);
}

function intervalLine(stored: Stored, json: boolean): string {
  const { data, envelope, sequence } = stored;
  try {
    const head = decodeHead(data);
    return json
      ? ndjson(stored, { head })
      : logLine(sequence, envelope.time, envelope.type, intervalText(head));
  } catch (error) {
    if (!(error instanceof MalformedFrame)) throw error;
    return json
      ? ndjson(stored, { head: null })
      : logLine(sequence, envelope.time, envelope.type, `cannot be read: ${error.message}`);
  }
}

export const ndjson = ({ at, envelope, sequence, subject }: Stored, content: object): string =>
  printableJson({ sequence, at, subject, envelope, ...content });

/** As it stands in the log, also where it does not follow the contract. */
export function bodyOf(data: Uint8Array): unknown {
  const text = new TextDecoder().decode(data);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
