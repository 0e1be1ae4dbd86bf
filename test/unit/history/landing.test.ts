/** A root that lands runs in a history in memory: what it does on doubt, without ClickHouse, and after a revision. */
import * as Effect from "effect/Effect";
import { TestClock } from "effect/testing";
import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../../streams/events/run.ts";
import { patterns, subjects } from "../../../streams/subjects.ts";
import { CurrentHistory, type History, HistoryError } from "../../../src/ports/history.ts";
import { MemoryHistory } from "../../../src/ports/memory-history.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Own, type Server, ServerError } from "../../../src/ports/server.ts";
import { root } from "../../../src/roles/root/root.ts";
import { unlandedRuns } from "../../../src/roles/unlanded.ts";
import { outgoing } from "../../../src/roles/outgoing.ts";
import { documentOf } from "../summary/fixture.ts";
import { recordRun, storeRun } from "../../support/recorded-run.ts";

const onHub = (program: (server: Server) => Effect.Effect<void, Error>) => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  return program(memoryServer(hub)).pipe(Effect.provide(TestClock.layer()), Effect.scoped, Effect.runPromise);
};

const startRoot = (server: Server, history: History | undefined, notes: string[] = [], landNow = true) =>
  root({ name: "root-b", note: (line) => notes.push(line), landNow }).pipe(
    Effect.provideService(Own, server),
    Effect.provideService(CurrentHistory, history),
    Effect.forkChild,
  );

/** Of one type, newest first. */
const eventsOf = Effect.fnUntraced(function* (server: Server, run: string, type: string) {
  const found = yield* server.log.read({ asset: "runEvents", zone: "" }, [subjects.runEvent(run, type)]);
  return found.map(({ data }) => JSON.parse(new TextDecoder().decode(data)) as unknown);
});

/** The first revision of run a: all five intervals. */
const revise = (server: Server) => {
  const revised: RunEvent = {
    type: "ReportRevised",
    revision: 1,
    intervals: 5,
    sha256: "f".repeat(64),
    summary: { ...documentOf(), run: "a" },
    outcome: "passed",
    exitCode: 0,
    message: "",
  };
  const header = { id: "a.r.1", time: 5, actor: "root-b", epoch: 1, correlation: "a" };
  return server.log.append(subjects.runEvent("a", "ReportRevised"), outgoing(header, revised));
};

const error = (reason: HistoryError["reason"], detail: string) =>
  new HistoryError({ reason, detail, hint: "" });

const isOf = (run: string) => (row: object) => "run" in row && row.run === run;

const later = (notes: readonly string[]) => notes.filter((line) => line.startsWith("history lands later"));

describe("root with a history", () => {
  it("lands what was left, what is new, and not what does not want to", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const history = new MemoryHistory();
        yield* storeRun(server, recordRun({ run: "left", windows: 61 }));
        yield* storeRun(server, recordRun({ run: "quiet", windows: 2, history: false }));
        yield* startRoot(server, history);
        yield* TestClock.adjust("2 seconds");
        yield* storeRun(server, recordRun({ run: "new", windows: 3 }));
        yield* TestClock.adjust("2 seconds");
        expect(history.tables.runs).toMatchObject([{ run: "left" }, { run: "new" }]);
        expect(yield* eventsOf(server, "left", "HistoryLanded")).toMatchObject([
          {
            attempt: 1,
            revision: 0,
            intervals: 61,
            rows: { runs: 1, trends: history.tables.trends.filter(isOf("left")).length },
          },
        ]);
        expect(yield* unlandedRuns(server)).toEqual([]);
      }),
    ));

  it("lets what was left wait for a run that somebody asks for, which lands first", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const history = new MemoryHistory();
        yield* storeRun(server, recordRun({ run: "a-left", windows: 2 }));
        yield* startRoot(server, history, [], false);
        yield* TestClock.adjust("4 seconds");
        expect(history.tables.runs).toEqual([]);
        yield* storeRun(server, recordRun({ run: "b-ended", windows: 2 }));
        yield* TestClock.adjust("10 seconds");
        expect(history.tables.runs).toMatchObject([{ run: "b-ended" }, { run: "a-left" }]);
      }),
    ));

  it("says once that there is none, and lets the next leader try", () =>
    onHub((server) =>
      Effect.gen(function* () {
        let opened = 0;
        const history = new MemoryHistory((call) => {
          if (call === "open") opened += 1;
          return error("absent", "no ClickHouse is known for this mesh");
        });
        const notes: string[] = [];
        yield* storeRun(server, recordRun({ run: "a", windows: 2 }));
        yield* storeRun(server, recordRun({ run: "b", windows: 2 }));
        yield* startRoot(server, history, notes);
        yield* TestClock.adjust("1 minute");
        expect(later(notes)).toEqual(["history lands later: no ClickHouse is known for this mesh"]);
        expect([opened, yield* unlandedRuns(server)]).toEqual([1, ["a", "b"]]);
        expect(yield* eventsOf(server, "a", "LandingAttempted")).toEqual([]);
      }),
    ));

  it("tries again, ever more rarely, while it is away, and tells one failure once", () =>
    onHub((server) =>
      Effect.gen(function* () {
        let calls = 0;
        const history = new MemoryHistory((call) => {
          if (call === "insert") calls += 1;
          return call === "insert" && calls <= 6 ? error("unavailable", "it is away") : undefined;
        });
        const notes: string[] = [];
        yield* storeRun(server, recordRun({ run: "a", windows: 61 }));
        yield* startRoot(server, history, notes);
        yield* TestClock.adjust("30 seconds");
        expect([calls, later(notes)]).toEqual([5, ["history lands later: run a: it is away"]]);
        yield* TestClock.adjust("2 minutes");
        expect(yield* eventsOf(server, "a", "HistoryLanded")).toMatchObject([{ attempt: 1 }]);
        expect(yield* eventsOf(server, "a", "LandingAttempted")).toHaveLength(1);
      }),
    ));

  it("goes on after a crash with the same inserts, even when their tokens are forgotten", () =>
    onHub((server) =>
      Effect.gen(function* () {
        let inserts = 0;
        const history = new MemoryHistory((call) => {
          if (call === "insert") inserts += 1;
          return call === "insert" && inserts === 6 ? error("unavailable", "it is away") : undefined;
        });
        yield* storeRun(server, recordRun({ run: "a", windows: 130 }));
        yield* startRoot(server, history);
        yield* TestClock.adjust("500 millis");
        history.forgetTokens();
        yield* TestClock.adjust("10 seconds");
        expect(yield* eventsOf(server, "a", "HistoryLanded")).toMatchObject([{ attempt: 1, intervals: 130 }]);
        expect(new Set(history.tables.counters.map((row) => JSON.stringify(row))).size).toBe(
          history.tables.counters.length,
        );
      }),
    ));

  it("deletes and begins anew on doubt, and gives up after three attempts", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const history = new MemoryHistory((call, batch) => {
          // Somebody else writes a row of ours beside every one that we write.
          if (call === "insert" && batch?.table === "counters")
            history.tables.counters.push(...batch.rows.slice(0, 1));
          return undefined;
        });
        const notes: string[] = [];
        yield* storeRun(server, recordRun({ run: "a", windows: 2 }));
        yield* startRoot(server, history, notes);
        yield* TestClock.adjust("1 minute");
        expect(yield* eventsOf(server, "a", "LandingAttempted")).toHaveLength(3);
        expect(yield* eventsOf(server, "a", "HistoryLanded")).toEqual([]);
        expect(later(notes)).toEqual([
          expect.stringMatching(/counters, http_reqs, rows: the log has \d+, ClickHouse \d+/),
        ]);
      }),
    ));

  it("lands a revised report as the next attempt, without anything of the first", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const history = new MemoryHistory();
        const { events, ...recorded } = recordRun({ run: "a", windows: 5 });
        const early = events.map((event) =>
          event.type === "SummaryRecorded" ? { ...event, intervals: 3 } : event,
        );
        yield* storeRun(server, { ...recorded, events: early });
        yield* startRoot(server, history);
        yield* TestClock.adjust("1 second");
        expect(yield* eventsOf(server, "a", "HistoryLanded")).toMatchObject([{ attempt: 1, intervals: 3 }]);
        yield* revise(server);
        yield* TestClock.adjust("1 second");
        expect((yield* eventsOf(server, "a", "HistoryLanded"))[1]).toMatchObject({
          attempt: 2,
          revision: 1,
          intervals: 5,
        });
        expect(history.tables.runs).toMatchObject([{ run: "a", revision: 1, attempt: 2, outcome: "passed" }]);
        expect(new Set(history.tables.trends.map((row) => (row as { interval: number }).interval)).size).toBe(
          5,
        );
      }),
    ));

  it("lands the report that an attempt was decided on, when it was revised just before", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const history = new MemoryHistory();
        const { events, ...recorded } = recordRun({ run: "a", windows: 5 });
        const early = events.map((event) =>
          event.type === "SummaryRecorded" ? { ...event, intervals: 3 } : event,
        );
        yield* storeRun(server, { ...recorded, events: early });
        let reads = 0;
        const read: Server["log"]["read"] = (where, asked) =>
          server.log.read(where, asked).pipe(
            Effect.tap(() => {
              if (!asked.includes(subjects.runLog("a"))) return Effect.void;
              reads += 1;
              // Landing looks whether it is wanted, and then reads what is to land.
              return reads === 2 ? Effect.asVoid(revise(server)) : Effect.void;
            }),
          );
        yield* startRoot({ ...server, log: { ...server.log, read } }, history);
        yield* TestClock.adjust("5 seconds");
        expect(yield* eventsOf(server, "a", "HistoryLanded")).toMatchObject([
          { attempt: 1, revision: 1, intervals: 5 },
        ]);
        expect(history.tables.runs).toMatchObject([{ revision: 1, attempt: 1, intervals: 5 }]);
        expect(history.tokens.at(-1)).toBe("a/runs/1/1/1");
      }),
    ));

  it("tells of each run why it lands later, for somebody may wait for it", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const history = new MemoryHistory((call) =>
          call === "insert" ? error("unavailable", "it is away") : undefined,
        );
        const notes: string[] = [];
        yield* storeRun(server, recordRun({ run: "a", windows: 2 }));
        yield* storeRun(server, recordRun({ run: "b", windows: 2 }));
        yield* startRoot(server, history, notes);
        yield* TestClock.adjust("1 minute");
        expect(later(notes).toSorted()).toEqual([
          "history lands later: run a: it is away",
          "history lands later: run b: it is away",
        ]);
      }),
    ));

  it("leaves out a run whose log cannot be read, and lands the others", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const history = new MemoryHistory();
        const notes: string[] = [];
        const { events, ...recorded } = recordRun({ run: "broken", windows: 2 });
        yield* storeRun(server, {
          ...recorded,
          events,
          frames: [new Uint8Array([9, 9]), ...recorded.frames],
        });
        yield* storeRun(server, recordRun({ run: "sound", windows: 2 }));
        yield* startRoot(server, history, notes);
        yield* TestClock.adjust("2 seconds");
        expect(history.tables.runs).toMatchObject([{ run: "sound" }]);
        expect(later(notes)).toEqual([expect.stringMatching(/run broken: version 9 is unknown/)]);
      }),
    ));

  it("is not even opened for a run that does not want to be there", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const calls: string[] = [];
        const history = new MemoryHistory((call) => void calls.push(call));
        yield* startRoot(server, history);
        yield* TestClock.adjust("1 second");
        yield* storeRun(server, recordRun({ run: "quiet", windows: 2, history: false }));
        yield* TestClock.adjust("10 seconds");
        expect(calls).toEqual([]);
      }),
    ));

  it("gives up a run whose intervals are not all there, and lands the others", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const history = new MemoryHistory();
        const notes: string[] = [];
        const { frames, ...recorded } = recordRun({ run: "a-short", windows: 3 });
        yield* storeRun(server, { ...recorded, frames: frames.slice(1) });
        yield* storeRun(server, recordRun({ run: "b-whole", windows: 2 }));
        yield* startRoot(server, history, notes);
        yield* TestClock.adjust("10 seconds");
        expect(yield* unlandedRuns(server)).toEqual(["a-short"]);
        expect(later(notes)).toEqual([
          "history lands later: run a-short: root's interval log is shorter than its report says",
        ]);
      }),
    ));

  it("tries again what was refused, and lands the others meanwhile", () =>
    onHub((server) =>
      Effect.gen(function* () {
        let isRefused = true;
        const history = new MemoryHistory((call, batch) =>
          isRefused && call === "insert" && batch?.token.startsWith("a-refused/") === true
            ? error("refused", "a constraint is violated")
            : undefined,
        );
        const notes: string[] = [];
        yield* storeRun(server, recordRun({ run: "a-refused", windows: 2 }));
        yield* storeRun(server, recordRun({ run: "b-sound", windows: 2 }));
        yield* startRoot(server, history, notes);
        yield* TestClock.adjust("500 millis");
        expect(yield* unlandedRuns(server)).toEqual(["a-refused"]);
        isRefused = false;
        yield* TestClock.adjust("1 minute");
        expect(yield* unlandedRuns(server)).toEqual([]);
        expect(later(notes)).toEqual(["history lands later: run a-refused: a constraint is violated"]);
      }),
    ));

  it("goes on leading when the server does not answer what landing asks, and lands later", () =>
    onHub((server) =>
      Effect.gen(function* () {
        let failures = 1;
        const last: Server["log"]["last"] = (where, asked) =>
          asked === patterns.runEventsOf("VerdictGiven") && failures-- > 0
            ? Effect.fail(
                new ServerError({
                  operation: "read",
                  address: asked,
                  reason: "unavailable",
                  detail: "no answer",
                }),
              )
            : server.log.last(where, asked);
        const notes: string[] = [];
        yield* storeRun(server, recordRun({ run: "a", windows: 2 }));
        yield* startRoot({ ...server, log: { ...server.log, last } }, new MemoryHistory(), notes);
        yield* TestClock.adjust("10 seconds");
        expect(notes.filter((line) => /lead/.test(line))).toEqual(["leading, epoch 1"]);
        expect(yield* unlandedRuns(server)).toEqual([]);
      }),
    ));
});

describe("root without a history", () => {
  it("says nothing about it", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const notes: string[] = [];
        yield* storeRun(server, recordRun({ run: "a", windows: 2 }));
        yield* startRoot(server, undefined, notes);
        yield* TestClock.adjust("1 minute");
        expect(notes).toEqual(["leading, epoch 1"]);
        expect(yield* unlandedRuns(server)).toEqual(["a"]);
      }),
    ));
});
