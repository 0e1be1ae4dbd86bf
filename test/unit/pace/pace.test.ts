/** Each executor's pace on the whole and on a leaf, with plain numbers. */
import { describe, expect, it } from "vitest";
import { dueUsOf, RATE_MAX, slotsOf } from "../../../src/domain/executor/constant-arrival-rate.ts";
import { paceOf } from "../../../src/domain/pace/pace-of.ts";
import { plannedOf, vuNumberOf, vusOf, workersUseful } from "../../../src/domain/pace/plan-totals.ts";
import type { Scenario } from "../../../streams/schema/plan.ts";

const common = { exec: "default", startTimeMs: 0, gracefulStopMs: 30_000, env: {}, tags: {} };
const constantVus: Scenario = { executor: "constant-vus", ...common, vus: 5, durationMs: 2000 };
const shared: Scenario = {
  executor: "shared-iterations",
  ...common,
  vus: 3,
  iterations: 100,
  maxDurationMs: 5000,
};
const perVu: Scenario = { ...shared, executor: "per-vu-iterations", iterations: 4 };
const arrivals: Scenario = {
  executor: "constant-arrival-rate",
  ...common,
  rate: 300,
  timeUnitMs: 1000,
  durationMs: 6000,
  preAllocatedVus: 4,
  maxVus: 10,
};
const half = (index: number) => [{ weights: [1, 1], index }];
const third = (index: number) => [{ weights: [1, 1, 1], index }];

describe("constant-vus", () => {
  it("lets VUs loop until the duration is over", () => {
    const pace = paceOf(constantVus, []);
    expect(pace).toMatchObject({
      model: "closed",
      vus: 5,
      vusMax: 5,
      planned: undefined,
      durationUs: 2_000_000,
    });
    expect(pace.next(0, 0, 0)).toBe(0);
    expect(pace.next(1_999_999, 1_000_000, 500)).toBe(0);
    expect(pace.next(2_000_000, 1_000_000, 500)).toBe("stop");
  });

  it("has nothing to do on a leaf without VUs", () => {
    const pace = paceOf({ ...constantVus, vus: 1 }, third(2));
    expect([pace.vus, pace.vusMax, pace.next(0, 0, 0)]).toEqual([0, 0, "stop"]);
    expect(() => pace.indexOf(0)).toThrow(RangeError);
  });

  it("numbers iterations without holes when one leaf has the only VU", () => {
    const pace = paceOf({ ...constantVus, vus: 1 }, third(0));
    expect([0, 1, 2].map((n) => pace.indexOf(n))).toEqual([0, 1, 2]);
  });
});

describe("shared-iterations", () => {
  it("divides iterations by whole VUs, not by weight", () => {
    expect([0, 1].map((index) => paceOf(shared, half(index)).planned)).toEqual([67, 33]);
    expect([0, 1].map((index) => paceOf(shared, half(index)).vus)).toEqual([2, 1]);
  });

  it("stops when its part has been taken, or at maxDuration", () => {
    const pace = paceOf(shared, half(1));
    expect([pace.next(10, 32, 32), pace.next(10, 33, 0), pace.next(5_000_000, 3, 3)]).toEqual([
      0,
      "stop",
      "stop",
    ]);
  });
});

describe("per-vu-iterations", () => {
  it("gives each VU its number, whatever the others do", () => {
    const pace = paceOf(perVu, half(0));
    expect(pace.planned).toBe(8);
    expect([pace.next(0, 4, 3), pace.next(0, 4, 4), pace.next(5_000_000, 1, 1)]).toEqual([0, "stop", "stop"]);
  });

  it("uses every index from 0 to the last, over all leaves", () => {
    const indices = [0, 1].flatMap((index) => {
      const pace = paceOf(perVu, half(index));
      return Array.from({ length: pace.planned! }, (_, n) => pace.indexOf(n));
    });
    expect(indices.sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, index) => index));
  });
});

describe("constant-arrival-rate", () => {
  it("starts at 0 and says how long to wait, or how late it is", () => {
    const pace = paceOf(arrivals, []);
    expect(pace).toMatchObject({ model: "open", vus: 4, vusMax: 10, planned: 1800, durationUs: 6_000_000 });
    expect([pace.next(0, 0, 0), pace.next(0, 1, 0), pace.next(5000, 1, 0)]).toEqual([0, 3333, -1667]);
  });

  it("stops after its last slot, and starts that one late rather than never", () => {
    const pace = paceOf(arrivals, []);
    expect(pace.next(5_999_999, 1799, 0)).toBe(5_996_666 - 5_999_999);
    expect(pace.next(5_999_999, 1800, 0)).toBe("stop");
    // The last slot was due in time: a timer that is a tick late must not lose it.
    expect(pace.next(6_000_000, 1799, 0)).toBe(5_996_666 - 6_000_000);
  });

  it("counts the slots due before the end, never one at it", () => {
    expect(slotsOf({ rate: 1, timeUnitMs: 1000 }, 5000)).toBe(5);
    expect(slotsOf({ rate: 1, timeUnitMs: 1000 }, 5001)).toBe(6);
    expect(slotsOf({ rate: 1, timeUnitMs: 60_000 }, 1000)).toBe(1);
    expect(slotsOf({ rate: 3, timeUnitMs: 7000 }, 10_000)).toBe(5);
  });

  it("does not drift: every instant is exact after weeks, at any rate", () => {
    for (const [rate, timeUnitMs] of [
      [300, 1000],
      [7, 1],
      [RATE_MAX - 1, 86_400_000],
      [89_999_999, 1000],
      [1, 86_400_000],
      [999_983, 3_600_001],
    ] as const) {
      const due = dueUsOf({ rate, timeUnitMs });
      const slots = slotsOf({ rate, timeUnitMs }, 24 * 86_400_000);
      for (const slot of [0, 1, 2, rate - 1, rate, rate + 1, Math.floor(slots / 3), slots - 2, slots - 1]) {
        const exact = (BigInt(slot) * BigInt(timeUnitMs) * 1000n) / BigInt(rate);
        expect(due(slot), `slot ${slot} at ${rate} per ${timeUnitMs} ms`).toBe(Number(exact));
      }
    }
  });

  it("divides arrivals by whole maxVUs", () => {
    const planned = [0, 1, 2].map((index) => paceOf(arrivals, third(index)).planned);
    expect(planned).toEqual([720, 540, 540]);
    expect([0, 1, 2].map((index) => paceOf({ ...arrivals, maxVus: 4 }, third(index)).planned)).toEqual([
      900, 450, 450,
    ]);
  });
});

describe("plan totals", () => {
  const scenarios = { constantVus, shared, arrivals };

  it("knows what the plan alone promises", () => {
    expect([constantVus, shared, perVu, arrivals].map(plannedOf)).toEqual([undefined, 100, 12, 1800]);
  });

  it("counts the VUs to initialise and the workers that would have work", () => {
    expect(vusOf(scenarios, [])).toBe(12);
    expect(workersUseful(scenarios, [])).toBe(5);
    expect([0, 1].map((index) => vusOf(scenarios, half(index)))).toEqual([7, 5]);
    expect(workersUseful({ constantVus: { ...constantVus, vus: 1 } }, third(1))).toBe(0);
    expect(workersUseful({}, [])).toBe(0);
  });

  it("keeps a worker for a scenario that may still grow where it starts without VUs", () => {
    const growing = { ...arrivals, preAllocatedVus: 1 };
    expect([0, 1, 2].map((index) => workersUseful({ growing }, third(index)))).toEqual([1, 1, 1]);
    expect(paceOf(growing, third(2))).toMatchObject({ vus: 0, vusMax: 3 });
  });

  it("numbers VUs from 1, once each over all leaves", () => {
    const numbers = [0, 1].map((index) => {
      const numberOf = vuNumberOf(constantVus, half(index));
      return Array.from({ length: paceOf(constantVus, half(index)).vus }, (_, vu) => numberOf(vu));
    });
    expect(numbers).toEqual([
      [1, 3, 5],
      [2, 4],
    ]);
    expect(() => vuNumberOf({ ...constantVus, vus: 1 }, half(1))(0)).toThrow(RangeError);
  });
});
