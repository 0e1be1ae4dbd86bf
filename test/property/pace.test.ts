/** The pace law: over any tree, all leaves' starts together are one node's: the same indices, each at the same instant. */
import { describe, expect, it } from "vitest";
import { paceOf } from "../../src/domain/pace/pace-of.ts";
import { vuNumberOf } from "../../src/domain/pace/plan-totals.ts";
import type { Share } from "../../src/domain/segment/share.ts";
import type { Scenario, Stage } from "../../streams/schema/plan.ts";
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

const randomStages = (dice: Dice, targetMax: number): [Stage, ...Stage[]] => {
  const stage = (): Stage => ({
    durationMs: dice.roll(0, 3) === 0 ? 0 : dice.roll(1, 1500),
    target: dice.roll(0, 4) === 0 ? 0 : dice.roll(0, targetMax),
  });
  return [{ durationMs: 1000, target: dice.roll(1, targetMax) }, ...dice.list(dice.roll(0, 5), stage)];
};

function randomRampingArrivals(dice: Dice): Scenario {
  const preAllocatedVus = dice.roll(1, 20);
  return {
    executor: "ramping-arrival-rate",
    ...common,
    startRate: dice.roll(0, 1) * dice.roll(0, 300),
    timeUnitMs: dice.roll(1, 2000) + 100,
    stages: randomStages(dice, 300),
    preAllocatedVus,
    maxVus: preAllocatedVus + dice.roll(0, 30),
  };
}

function randomRampingVus(dice: Dice): Scenario & { readonly executor: "ramping-vus" } {
  return {
    executor: "ramping-vus",
    ...common,
    startVus: dice.roll(0, 12),
    stages: randomStages(dice, 30),
    gracefulRampDownMs: 0,
  };
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
    ["arrival rates that ramp", randomRampingArrivals],
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

  it("makes the VUs of all leaves the staircase of one node, at every instant", () => {
    for (const seed of seeds) {
      const dice = new Dice(seed);
      const scenario = randomRampingVus(dice);
      const leaves = randomLeaves(dice, 3).map((leaf) => paceOf(scenario, leaf));
      const whole = paceOf(scenario, []);
      for (const us of instantsOf(scenario, dice)) {
        const wanted = staircase(scenario, us);
        const sum = leaves.reduce((sum, { ramp }) => sum + ramp!.vusAt(us), 0);
        expect([whole.ramp!.vusAt(us), sum], `seed ${seed}, ${us} µs`).toEqual([wanted, wanted]);
      }
    }
  });

  it("gives each VU the shifts that make the staircase, the highest numbers the shortest", () => {
    for (const seed of seeds) {
      const dice = new Dice(seed);
      const scenario = randomRampingVus(dice);
      const leaves = randomLeaves(dice, 2).map((leaf) => paceOf(scenario, leaf));
      for (const us of instantsOf(scenario, dice)) {
        const atWork = leaves.flatMap(({ ramp, vus }) =>
          Array.from({ length: vus }, (_, vu) => ramp!.shiftOf(vu, us)).filter(
            (shift) => shift !== undefined && shift.fromUs <= us,
          ),
        );
        expect(atWork.every((shift) => us < shift!.untilUs)).toBe(true);
        expect(atWork.length, `seed ${seed}, ${us} µs`).toBe(staircase(scenario, us));
      }
    }
  });
});

/** The line through the stages in exact fractions: rounded down where it rises, up where it falls. */
function staircase({ startVus, stages }: Extract<Scenario, { executor: "ramping-vus" }>, us: number): number {
  let [beginUs, from] = [0, startVus];
  for (const { durationMs, target } of stages) {
    const lengthUs = durationMs * 1000;
    if (us >= beginUs && us < beginUs + lengthUs) {
      const scaled = BigInt(from) * BigInt(lengthUs) + BigInt(target - from) * BigInt(us - beginUs);
      const isUp = target > from;
      return Number(isUp ? scaled / BigInt(lengthUs) : (scaled + BigInt(lengthUs) - 1n) / BigInt(lengthUs));
    }
    [beginUs, from] = [beginUs + lengthUs, target];
  }
  return 0;
}

/** Instants at random, and those just around every edge of the stages. */
function instantsOf({ stages }: Extract<Scenario, { executor: "ramping-vus" }>, dice: Dice): number[] {
  let endUs = 0;
  const edges = stages.flatMap(({ durationMs, target }) => {
    const beginUs = endUs;
    endUs += durationMs * 1000;
    const steps = Math.max(1, target);
    const step = beginUs + Math.ceil((durationMs * 1000 * dice.roll(0, steps)) / steps);
    return [beginUs, endUs - 1, endUs, endUs + 1, step - 1, step, step + 1];
  });
  return [...edges.filter((us) => us >= 0), ...dice.list(10, () => dice.roll(0, endUs))];
}
