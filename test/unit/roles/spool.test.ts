/** The spool over a server whose acknowledgements get lost. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { expect, it } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { type Server, ServerError } from "../../../src/ports/server.ts";
import { Spool } from "../../../src/roles/agent/spool.ts";

const SUBJECT = subjects.agentInterval("fra", "f1", "r");
const lost = new ServerError({
  operation: "append to",
  address: SUBJECT,
  reason: "unavailable",
  detail: "no acknowledgement",
});

it("goes on behind an interval that was stored and covered although its acknowledgement was lost", () => {
  const hub = new MemoryHub();
  hub.provision("zone", "fra");
  const server = memoryServer(hub);
  let losses = 1;
  const append: Server["log"]["append"] = (...what) =>
    server.log
      .append(...what)
      .pipe(Effect.flatMap((sequence) => (losses-- > 0 ? Effect.fail(lost) : Effect.succeed(sequence))));
  return Effect.gen(function* () {
    const spool = yield* Spool.make({
      zone: "fra",
      agent: "f1",
      run: "r",
      source: "f1.0",
      server: { ...server, log: { ...server.log, append } },
      clock: yield* server.clock(subjects.zonePulse("fra")),
    });
    const publishing = yield* Effect.forkChild(spool.publish);
    spool.add(0, Uint8Array.of(1));
    yield* TestClock.adjust("100 millis");
    spool.cover({ type: "Through", run: "r", source: "f1.0", ranges: [[0, 0]], incarnation: 1 });
    spool.add(1, Uint8Array.of(2));
    yield* TestClock.adjust("1 second");
    const stored = yield* server.log.read({ asset: "zoneIntervals", zone: "fra" }, [SUBJECT]);
    expect(stored.map(({ data }) => [...data])).toEqual([[1], [2]]);
    yield* Fiber.interrupt(publishing);
  }).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
});
