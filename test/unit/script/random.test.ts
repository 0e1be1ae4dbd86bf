import { describe, expect, it } from "vitest";
import { mathOf, randomFunctions } from "../../../src/script/random.ts";
import { RandomStream } from "../../../src/script/random-stream.ts";

const SEED = 2 ** 40 + 7;

function drawn(stream: RandomStream, count: number): number[] {
  return Array.from({ length: count }, () => stream.next());
}

function ofIteration(index: number, { seed = SEED, scenario = "a", count = 4 } = {}): number[] {
  const stream = new RandomStream(seed, scenario);
  stream.atIteration(index);
  return drawn(stream, count);
}

/** How far counts are from even, as chi-square per degree of freedom: about 1 for good chance. */
function unevenness(values: readonly number[], bins: number): number {
  const counts = Array.from({ length: bins }, () => 0);
  for (const value of values) counts[Math.floor(value * bins)]! += 1;
  const mean = values.length / bins;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0) / (bins - 1);
}

describe("the stream of an iteration", () => {
  it("is the same again, whatever its VU drew before", () => {
    const stream = new RandomStream(SEED, "a");
    stream.atIteration(3);
    drawn(stream, 100);
    stream.atIteration(7);
    expect(drawn(stream, 4)).toEqual(ofIteration(7));
  });

  it("is another for another index, seed or scenario, and outside of iterations", () => {
    const module = new RandomStream(SEED, "a");
    module.atModule(7);
    const stage = new RandomStream(SEED, "a");
    stage.atStage("setup");
    const streams = [
      ofIteration(7),
      ofIteration(8),
      ofIteration(7 + 2 ** 32),
      ofIteration(7, { seed: SEED + 1 }),
      ofIteration(7, { seed: SEED + 2 ** 32 }),
      ofIteration(7, { scenario: "b" }),
      drawn(module, 4),
      drawn(stage, 4),
    ];
    expect(new Set(streams.flat()).size).toBe(streams.length * 4);
  });

  // Seeds are fixed, so the bounds are not a matter of luck.
  it("is even within a stream, and so are the first draws of many", () => {
    expect(unevenness(ofIteration(0, { count: 100_000 }), 1000)).toBeCloseTo(1, 0);
    const firsts = Array.from({ length: 100_000 }, (_, index) => ofIteration(index, { count: 1 })[0] ?? 0);
    expect(unevenness(firsts, 1000)).toBeCloseTo(1, 0);
    const steps = firsts.map((first, index) => (1 + first - (firsts[index - 1] ?? 0)) % 1);
    expect(unevenness(steps, 1000)).toBeCloseTo(1, 0);
  });
});

describe("what scripts draw with", () => {
  const stream = new RandomStream(SEED, "a");
  const { randomIntBetween, randomItem, randomString, uuidv4 } = randomFunctions(stream);
  const again = <T>(draw: () => T): [T, T] => {
    stream.atIteration(1);
    const first = draw();
    stream.atIteration(1);
    return [first, draw()];
  };

  it("is a Math that differs in its chance only", () => {
    const math = mathOf(stream);
    expect([math.max(1, 2), math.PI, Object.prototype.toString.call(math)]).toEqual([
      2,
      Math.PI,
      "[object Math]",
    ]);
    const [first, second] = again(() => math.random());
    expect(second).toBe(first);
    expect(first).toBe(ofIteration(1)[0]);
  });

  it("are k6-utils' functions, which draw the same again", () => {
    const draws = Array.from({ length: 200 }, () => randomIntBetween(3, 5));
    expect(new Set(draws)).toEqual(new Set([3, 4, 5]));
    expect(() => randomIntBetween(5, 3)).toThrow("randomIntBetween(5, 3): give two numbers");
    const items = Array.from({ length: 200 }, () => randomItem(["x", "y"]));
    expect(new Set(items)).toEqual(new Set(["x", "y"]));
    expect(randomItem([])).toBeUndefined();
    const [text, same] = again(() => randomString(12, "ab"));
    expect(text).toMatch(/^[ab]{12}$/);
    expect(same).toBe(text);
  });

  it("makes UUIDs of version 4, secure ones beyond any seed", () => {
    const V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
    const [id, same] = again(() => uuidv4());
    expect(id).toMatch(V4);
    expect(same).toBe(id);
    const [secure, other] = again(() => uuidv4(true));
    expect(secure).toMatch(V4);
    expect(other).not.toBe(secure);
  });
});
