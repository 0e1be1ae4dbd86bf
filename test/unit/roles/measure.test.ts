/** What an agent that is gone left behind, also one with a program of its own: what is not of it, or is none, is not counted. */
import * as Effect from "effect/Effect";
import { expect, it } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import { encodeInterval } from "../../../src/domain/interval/codec.ts";
import { definitionsOf } from "../../../src/domain/interval/definitions.ts";
import { builtin } from "../../../src/domain/metric/builtin.ts";
import { Counter } from "../../../src/domain/metric/counter.ts";
import { seriesIdOf } from "../../../src/domain/metric/series.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import { outgoingInterval } from "../../../src/roles/outgoing.ts";
import { measureAgent } from "../../../src/roles/zone/measure.ts";
import { plan, running } from "../zone/fixture.ts";

const [scenario = ""] = Object.keys(plan.scenarios);

/** An interval in which so many iterations were started, in millionths. */
const frameOf = (source: string, number: number, millionths: bigint) => {
  const { kind, name, unit } = builtin("iterations_started");
  const definition = { metric: name, kind, unit, tags: { scenario } };
  const cell = new Counter();
  cell.sum.addBig(millionths);
  const head = {
    source,
    number,
    window: number,
    final: false,
    expected: 1,
    present: 1,
    adds: [],
    through: [],
    health: [],
  };
  return encodeInterval(head, definitionsOf([definition]), [{ id: seriesIdOf(definition), cell }]);
};

const measure = (...frames: readonly Uint8Array[]) => {
  const hub = new MemoryHub();
  hub.provision("zone", "fra");
  const server = memoryServer(hub);
  return Effect.gen(function* () {
    for (const [n, frame] of frames.entries()) {
      const message = outgoingInterval({ id: `${n}`, time: 1, actor: "a1" }, frame);
      yield* server.log.append(subjects.agentInterval("fra", "a1", "r"), message);
    }
    const measured = yield* measureAgent(server, running.state, "a1");
    return measured("r", "a1", 0);
  }).pipe(Effect.runPromise);
};

it("is counted by what can be read of its own", async () => {
  const rubbish = new Uint8Array([1, 2, 3]);
  const sound = frameOf("a1.0", 0, 3_000_000n);
  const cut = frameOf("a1.0", 1, 5_000_000n).subarray(0, -1);
  const { intervals, lastWindow, tallies } = await measure(
    rubbish,
    sound,
    cut,
    frameOf("a2.0", 2, 7_000_000n),
  );
  expect([intervals, lastWindow, tallies[scenario]?.started]).toEqual([1, 0, 3]);
});

it.each([
  ["a part of one", 1_500_000n, 2],
  ["fewer than none", -9_000_000n, 0],
  ["more than anybody can count", 2n ** 100n, Number.MAX_SAFE_INTEGER],
])("is stated in whole numbers, where it says that it started %s", async (_, millionths, started) => {
  const { tallies } = await measure(frameOf("a1.0", 0, millionths));
  expect(tallies[scenario]?.started).toBe(started);
});
