/** The pace law: over any tree, all leaves' starts together are one node's: the same indices, each at the same instant. */
import { describe, expect, it } from "vitest";
import { paceOf } from "../../src/domain/pace/pace-of.ts";
import { vuNumberOf } from "../../src/domain/pace/plan-totals.ts";
import type { Share } from "../../src/domain/segment/share.ts";
import type { Scenario } from "../../streams/schema/plan.ts";
import { Dice, randomLeaves } from "./segment-tree.ts";

const seeds = Array.from({ length: 200 }, (_, seed) => seed);
const common = { exec: "default", startTimeMs: 0, gracefulStopMs: 0, env: {}, tags: {} };

function randomArrivals(dice: Dice): Scenario {
  const preAllocatedVus = dice.roll(1, 20);
  return {
    executor: "constant-arrival-rate",
    ...common,
    rate: dice.roll(1, 300),
    timeUnitMs: dice.roll(1, 5000) + 500,
    durationMs: dice.roll(1000, 4000),
    preAllocatedVus,
    maxVus: preAllocatedVus + dice.roll(0, 30),
  };
}

function randomCounted(dice: Dice): Scenario {
  const executor = dice.roll(0, 1) === 0 ? "shared-iterations" : "per-vu-iterations";
  const vus = dice.roll(1, 25);
  return { executor, ...common, vus, iterations: vus + dice.roll(0, 50), maxDurationMs: 1000 };
}

/** Every planned start of a leaf: its global index and, in the open model, the instant it is due. */
function starts(scenario: Scenario, leaf: Share): (readonly [index: number, dueUs: number])[] {
  const pace = paceOf(scenario, leaf);
  return Array.from({ length: pace.planned! }, (_, n) => {
    const waitUs = pace.next(0, n, 0);
    if (waitUs === "stop") throw new Error(`start ${n} of ${pace.planned} was refused`);
    return [pace.indexOf(n), waitUs] as const;
  });
}

const inOrder = (all: (readonly [number, number])[]) => all.sort(([a], [b]) => a - b);

describe("pace law", () => {
  it.each([
    ["arrival rates", randomArrivals],
    ["counted iterations", randomCounted],
  ])("makes the leaves of any tree one node, for %s", (_, randomScenario) => {
    for (const seed of seeds) {
      const dice = new Dice(seed);
      const scenario = randomScenario(dice);
      const leaves = randomLeaves(dice, 3);
      const union = inOrder(leaves.flatMap((leaf) => starts(scenario, leaf)));
      expect(union, `seed ${seed}`).toEqual(starts(scenario, []));
    }
  });

  it("plans exactly 1800 for 300/s over 6 s, in any tree", () => {
    const scenario: Scenario = {
      ...randomArrivals(new Dice(0)),
      rate: 300,
      timeUnitMs: 1000,
      durationMs: 6000,
    } as Scenario;
    for (const seed of seeds) {
      const leaves = randomLeaves(new Dice(seed), 4);
      const planned = leaves.reduce((sum, leaf) => sum + paceOf(scenario, leaf).planned!, 0);
      expect(planned, `seed ${seed}`).toBe(1800);
    }
  });

  it("refuses every start beyond the plan", () => {
    for (const seed of seeds) {
      const dice = new Dice(seed);
      const scenario = dice.roll(0, 1) === 0 ? randomArrivals(dice) : randomCounted(dice);
      for (const leaf of randomLeaves(dice, 3)) {
        const pace = paceOf(scenario, leaf);
        expect(pace.next(0, pace.planned!, 0), `seed ${seed}`).toBe("stop");
        // Open slots end by count alone; loops also by time.
        if (pace.model === "open") continue;
        expect(pace.next(pace.durationUs, 0, 0), `seed ${seed}`).toBe("stop");
      }
    }
  });

  it("divides VUs exactly and numbers each once, those there from the start first", () => {
    for (const seed of seeds) {
      const dice = new Dice(seed);
      const scenario = dice.roll(0, 1) === 0 ? randomArrivals(dice) : randomCounted(dice);
      const leaves = randomLeaves(dice, 3);
      const whole = paceOf(scenario, []);
      for (const kind of ["vus", "vusMax"] as const) {
        const numbers = leaves.flatMap((leaf) => {
          const numberOf = vuNumberOf(scenario, leaf);
          return Array.from({ length: paceOf(scenario, leaf)[kind] }, (_, vu) => numberOf(vu));
        });
        const expected = Array.from({ length: whole[kind] }, (_, vu) => vu + 1);
        expect(
          numbers.sort((a, b) => a - b),
          `seed ${seed}, ${kind}`,
        ).toEqual(expected);
      }
    }
  });
});
