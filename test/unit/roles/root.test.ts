/** A root over the memory server: what it takes over, what it follows, and what it tells zones that missed the end. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RunEvent } from "../../../streams/events/run.ts";
import { subjects } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { Own, type Server } from "../../../src/ports/server.ts";
import { outgoing, outgoingInterval } from "../../../src/roles/outgoing.ts";
import { followZone, type FromZone } from "../../../src/roles/follow-zone.ts";
import { root } from "../../../src/roles/root/root.ts";
import { builtin } from "../../../src/domain/metric/builtin.ts";
import { Recorder } from "../../../src/engine/recorder.ts";
import { planOf } from "../plan/request.ts";
import { assigned, person, plan, planned, ready, stopping } from "../run/fixture.ts";

const header = (id: string) => ({ id, time: 1, actor: "somebody", epoch: 1 });
const rubbish = (type: string, id: string) => outgoing(header(id), { type });

/** A hub with the links of two zones, by a clock that the test turns. */
const onHub = (program: (server: Server) => Effect.Effect<void, Error>) => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  for (const zone of ["fra", "iad"]) hub.provision("link", zone);
  return program(memoryServer(hub)).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
};

const startRoot = (server: Server) => {
  const notes: string[] = [];
  const running = root({ name: "root-b", note: (line) => notes.push(line) }).pipe(
    Effect.provideService(Own, server),
  );
  return Effect.forkChild(running).pipe(Effect.map((fiber) => ({ fiber, notes })));
};

const beatOf = (node: string, runs: readonly string[]) => ({
  type: "Beat",
  node,
  session: "s",
  incarnation: 1,
  protocol: PROTOCOL,
  program: "mesh",
  host: "h",
  pid: 1,
  runs,
  agents: [],
});

describe("root that follows a zone", () => {
  const forgotten = (run: string) => ({ type: "ShareForgotten", run });

  it("names what it cannot read, and goes on after a failure with the message that failed", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const say = (body: { readonly type: string }, id: string) =>
          server.log.append(subjects.zoneUpEvent("fra", body.type), outgoing(header(id), body));
        yield* say(forgotten("a"), "1");
        yield* say({ type: "NobodyKnowsThis" }, "2");
        yield* say(forgotten("b"), "3");
        yield* say(forgotten("c"), "4");
        const got: string[] = [];
        const notes: string[] = [];
        let failures = 2;
        const handle = (message: FromZone) =>
          Effect.sync(() => {
            const run = message.type === "Fact" && "run" in message.event ? message.event.run : "?";
            if (run === "b" && failures-- > 0) throw new Error("a fault of ours");
            got.push(run ?? "none");
          });
        const note = (line: string) => void notes.push(line);
        const fiber = yield* Effect.forkChild(
          followZone({
            server,
            zone: "fra",
            fromStart: () => true,
            missed: { types: [], after: () => 0 },
            note,
            handle,
          }),
        );
        yield* TestClock.adjust("2 seconds");
        expect(got).toEqual(["a", "b", "c"]);
        expect(notes).toHaveLength(2); // the same failure is not told twice
        expect(notes[0]).toMatch(/zone fra, sequence 2: .*NobodyKnowsThis/);
        expect(notes[1]).toContain("a fault of ours");
        yield* say(forgotten("d"), "5");
        yield* TestClock.adjust("1 seconds");
        expect(got.at(-1)).toBe("d");
        yield* Fiber.interrupt(fiber);
      }),
    ));
});

describe("root that takes over", () => {
  it("leaves out a run whose log it cannot read, and leads the others", () =>
    onHub((server) =>
      Effect.gen(function* () {
        yield* server.log.append(subjects.runEvent("bad", "RunPlanned"), rubbish("RunPlanned", "bad.0.1"));
        const good: RunEvent = planned();
        yield* server.log.append(subjects.runEvent("good", "RunPlanned"), outgoing(header("good.0.1"), good));
        const { fiber, notes } = yield* startRoot(server);
        yield* TestClock.adjust("1 seconds");
        expect(notes.find((line) => line.includes("run bad"))).toMatch(/left out.*mesh events bad/);
        expect(notes.filter((line) => line.startsWith("took over"))).toHaveLength(1);
        const changed = yield* server.admin.subjects(
          { asset: "runEvents", zone: "" },
          subjects.runEvent("good", "LeaderChanged"),
        );
        expect(changed).toHaveLength(1);
        expect(yield* server.lease.holder("root")).toBe("root-b");
        yield* Fiber.interrupt(fiber);
      }),
    ));
});

describe("root that leads while one of the past still writes", () => {
  it("takes over what that one has planned", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const { fiber, notes } = yield* startRoot(server);
        yield* TestClock.adjust("1 seconds");
        const late = { ...header("late.0.0"), epoch: 0 };
        yield* server.log.append(subjects.runEvent("late", "RunPlanned"), outgoing(late, planned()));
        yield* TestClock.adjust("1 seconds");
        expect(notes.filter((line) => line.startsWith("took over run late"))).toHaveLength(1);
        yield* Fiber.interrupt(fiber);
      }),
    ));
});

describe("root that takes over a run of a zone whose link was never set up", () => {
  it("sets it up, so that it can lead", () => {
    const hub = new MemoryHub();
    hub.provision("hub", "");
    const server = memoryServer(hub);
    return Effect.gen(function* () {
      for (const event of [planned(), assigned]) {
        yield* server.log.append(subjects.runEvent("r", event.type), outgoing(header(event.type), event));
      }
      const { fiber, notes } = yield* startRoot(server);
      yield* TestClock.adjust("2 seconds");
      expect(notes.filter((line) => /took over|no longer/.test(line))).toEqual(["took over run r, epoch 1"]);
      const told = yield* server.log.read({ asset: "down", zone: "fra" }, [
        subjects.zoneCommand("fra", "r", "AssignShare"),
      ]);
      expect(told).toHaveLength(1);
      yield* Fiber.interrupt(fiber);
    }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
  });
});

describe("root that takes over for a long time", () => {
  it("keeps its lease meanwhile", () =>
    onHub((server) =>
      Effect.gen(function* () {
        yield* server.log.append(subjects.runEvent("good", "RunPlanned"), outgoing(header("1"), planned()));
        const read: Server["log"]["read"] = (...what) =>
          server.log.read(...what).pipe(Effect.delay("20 seconds"));
        const { fiber, notes } = yield* startRoot({ ...server, log: { ...server.log, read } });
        for (let second = 0; second < 60; second += 1) {
          yield* TestClock.adjust("1 seconds");
          expect(yield* server.lease.holder("root")).toBe("root-b");
        }
        expect(notes.filter((line) => /leading|took over/.test(line))).toHaveLength(2);
        yield* Fiber.interrupt(fiber);
      }),
    ));
});

describe("run that was stopped before its start", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  it("waits for a zone that never settles as long as for iterations that end, and then gets its verdict", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const patient = { ...plan, onSilence: { do: "finish" as const } };
        for (const event of [planned(patient), assigned, stopping(person)]) {
          yield* server.log.append(subjects.runEvent("r", event.type), outgoing(header(event.type), event));
        }
        const { fiber } = yield* startRoot(server);
        const types = () =>
          server.log
            .read({ asset: "runEvents", zone: "" }, [subjects.runLog("r")])
            .pipe(Effect.map((stored) => stored.slice(3).map(({ envelope }) => envelope.type)));
        const pass = Effect.fnUntraced(function* (halves: number) {
          for (let half = 0; half < halves; half += 1) {
            for (const zone of ["fra", "iad"])
              yield* server.live.tell(subjects.zoneBeat(zone), outgoing(header(""), beatOf(zone, ["r"])));
            vi.advanceTimersByTime(500);
            yield* TestClock.adjust("500 millis");
          }
        });
        yield* pass(31); // gracefulStop is 1 s, and a zone gets 15 s more
        expect(yield* types()).toEqual(["LeaderChanged"]);
        yield* pass(4);
        expect(yield* types()).toEqual([
          "LeaderChanged",
          "ZoneLost",
          "ZoneLost",
          "SummaryRecorded",
          "VerdictGiven",
        ]);
        yield* Fiber.interrupt(fiber);
      }),
    ));
});

describe("zone that still names a run", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
  afterEach(() => void vi.useRealTimers());

  it("is told once to forget it when the run has ended or is unknown, and not when it may be open", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const write = (run: string, event: { readonly type: string }) =>
          server.log.append(
            subjects.runEvent(run, event.type),
            outgoing(header(`${run}.${event.type}`), event),
          );
        yield* write("over", planned());
        yield* write("over", { type: "VerdictGiven" });
        yield* write("unreadable", { type: "RunPlanned" });
        for (const run of ["over", "unreadable"]) {
          yield* server.objects.put({ asset: "environments", zone: "" }, run, new Uint8Array(1));
        }
        const { fiber } = yield* startRoot(server);
        const beat = beatOf("fra", ["over", "unreadable", "unknown"]);
        const told = () => server.log.read({ asset: "down", zone: "fra" }, ["mesh.z.fra.cmd.>"]);
        for (let half = 0; half < 20; half += 1) {
          yield* server.live.tell(subjects.zoneBeat("fra"), outgoing(header(""), beat));
          vi.advanceTimersByTime(500);
          yield* TestClock.adjust("500 millis");
          if (half === 4) expect(yield* told()).toEqual([]); // it may not have heard of the end yet
        }
        expect((yield* told()).map(({ subject }) => subject)).toEqual([
          subjects.zoneCommand("fra", "over", "ForgetRun"),
          subjects.zoneCommand("fra", "unknown", "ForgetRun"),
        ]);
        const kept = (run: string) => server.objects.get({ asset: "environments", zone: "" }, run);
        expect([yield* kept("over"), (yield* kept("unreadable"))?.length]).toEqual([undefined, 1]);
        yield* Fiber.interrupt(fiber);
      }),
    ));
});

describe("root that finds a crossed threshold in its own log", () => {
  const watched = planOf(
    {
      scenarios: { s: { executor: "constant-vus", vus: 3, duration: "10s" } },
      thresholds: { checks: [{ threshold: "rate>0.9", abortOnFail: true }] },
    },
    { zones: plan.zones, agents: plan.agents },
  );

  /** One window in which half of the checks failed. */
  const window = () => {
    const recorder = new Recorder("root.0", {});
    const checks = recorder.series(builtin("checks"), { check: "c" });
    recorder.add(checks, 1);
    recorder.add(checks, 0);
    return recorder.close(0, { final: false, health: [] });
  };

  it("stops the run that another root did not come to stop, with the same evidence", () =>
    onHub((server) =>
      Effect.gen(function* () {
        const life: RunEvent[] = [planned(watched), assigned, ...ready, { type: "RunStarted", startAt: 1 }];
        for (const [n, event] of life.entries()) {
          const id = `late.${n}.1`;
          yield* server.log.append(subjects.runEvent("late", event.type), outgoing(header(id), event));
        }
        yield* server.log.append(subjects.runInterval("late"), outgoingInterval(header("i"), window()));
        const { fiber } = yield* startRoot(server);
        yield* TestClock.adjust("1 seconds");
        const stopped = yield* server.log.read({ asset: "runEvents", zone: "" }, [
          subjects.runEvent("late", "RunStopping"),
        ]);
        expect(stopped.map(({ data }) => JSON.parse(new TextDecoder().decode(data)))).toEqual([
          {
            type: "RunStopping",
            cause: { kind: "threshold", message: "checks was 0.5, must be rate>0.9 (window 0)", by: "" },
            evidence: { interval: 0, window: 0, metric: "checks", threshold: "rate>0.9", observed: 0.5 },
          },
        ]);
        yield* Fiber.interrupt(fiber);
      }),
    ));
});
