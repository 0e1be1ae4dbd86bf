/** What a door is told that asks in vain, and that nothing of its secrets stays behind. On a clock that the test turns. */
import * as Effect from "effect/Effect";
import * as Fiber from "effect/Fiber";
import { TestClock } from "effect/testing";
import { describe, expect, it } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { type Server, ServerError } from "../../../src/ports/server.ts";
import { requestRun } from "../../../src/roles/door/ask.ts";
import { outgoing } from "../../../src/roles/outgoing.ts";
import { requestOf } from "../plan/request.ts";

const ENVIRONMENTS = { asset: "environments", zone: "" } as const;
const asked = {
  run: "r1",
  request: requestOf({}, { env: ["TOKEN"] }),
  bundle: new Uint8Array([1]),
  sourceMap: "{}",
  environment: { env: { TOKEN: "secret" }, scenarios: {} },
  actor: "ann@here",
};

/** Asks a hub for a run, and waits out the door's patience. */
const inVain = (test: (server: Server) => Effect.Effect<void, Error>) => {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  return test(memoryServer(hub)).pipe(Effect.provide(TestClock.layer()), Effect.runPromise);
};

const failureOf = Effect.fnUntraced(function* (server: Server) {
  const failing = Effect.flip(requestRun(server, asked)).pipe(
    Effect.mapError(() => new Error("it was answered")),
  );
  const asking = yield* Effect.forkChild(failing);
  yield* TestClock.adjust("20 millis");
  const early = asking.pollUnsafe() !== undefined;
  yield* TestClock.adjust("10 seconds");
  const error = yield* Fiber.join(asking);
  expect(yield* server.objects.get(ENVIRONMENTS, "r1")).toBeUndefined();
  return { early, message: error.message };
});

const lead = (server: Server) =>
  server.live.tell(
    subjects.rootPulse(),
    outgoing({ id: "", time: 0, actor: "root-a", epoch: 1 }, { type: "Pulse" }),
  );

describe("a door that asks in vain", () => {
  it("asks whether a root runs, only where none does", () =>
    inVain((server) =>
      Effect.gen(function* () {
        const { message } = yield* failureOf(server);
        expect(message).toBe("no root answered within 10 s (is one running? mesh root)");
      }),
    ));

  it("names the root that leads and did not answer; its request is void when it stops waiting", () =>
    inVain((server) =>
      Effect.gen(function* () {
        yield* lead(server);
        const { message } = yield* failureOf(server);
        expect(message).toContain("root-a leads, but did not take the request up");
        const command = yield* server.log.last(
          { asset: "rootCommands", zone: "" },
          subjects.rootCommand("r1", "PlanRun"),
        );
        expect(command?.envelope.expires).toBe(10_000_000);
      }),
    ));

  it.each(["refused", "too-large", "unavailable"] as const)("tells what the server said: %s", (reason) =>
    inVain((server) =>
      Effect.gen(function* () {
        yield* lead(server);
        const detail = "a message of 9000000 bytes is longer than the server takes";
        const append = () =>
          Effect.fail(new ServerError({ operation: "append to", address: "x", reason, detail }));
        const { early, message } = yield* failureOf({ ...server, log: { ...server.log, append } });
        expect(message).toContain(detail);
        expect(early).toBe(reason !== "unavailable"); // what cannot pass is not waited for
      }),
    ),
  );
});
