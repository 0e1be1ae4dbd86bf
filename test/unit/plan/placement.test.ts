/** Zones and agents of a request, and the plan as its schema reads it. */
import { Schema } from "effect";
import { describe, expect, it } from "vitest";
import { Plan } from "../../../streams/schema/plan.ts";
import { linesOf, planOf } from "./request.ts";

const zones = [
  { zone: "eu-west", weight: 3 },
  { zone: "us_east", weight: 1 },
];

describe("placement", () => {
  it("goes into the plan as it is", () => {
    expect(planOf({}, { zones, agents: 8 })).toMatchObject({ zones, agents: 8 });
  });

  it("needs zones, with names that are tokens and unique, and weights from 1", () => {
    expect(linesOf({}, { zones: [] })).toMatchInlineSnapshot(`
      [
        "zones: must name at least one zone",
      ]
    `);
    const wrong = [
      { zone: "eu west", weight: 1 },
      { zone: "a", weight: 0 },
      { zone: "a", weight: 1.5 },
      { zone: "", weight: 1 },
    ];
    expect(linesOf({}, { zones: wrong, agents: 4 })).toMatchInlineSnapshot(`
      [
        "zones[0].zone: must be 1 to 64 letters, digits, \`_\` or \`-\`, but is "eu west"",
        "zones[1].weight: must be a whole number from 1 to 1,000,000,000, but is 0",
        "zones[2].weight: must be a whole number from 1 to 1,000,000,000, but is 1.5",
        "zones[3].zone: must be 1 to 64 letters, digits, \`_\` or \`-\`, but is """,
        "zones[2].zone: names \`a\` for the second time",
      ]
    `);
  });

  it("bounds the cycle that weights may ask for", () => {
    const coprime = [
      { zone: "a", weight: 99_991 },
      { zone: "b", weight: 99_989 },
    ];
    expect(linesOf({}, { zones: coprime, agents: 2 })).toMatchInlineSnapshot(`
      [
        "zones: the weights need a cycle of 199980 slots (their sum over their greatest common divisor), more than the 100000 allowed (use weights with a small sum, such as percentages)",
      ]
    `);
  });

  it("needs a whole number of agents, one for each zone at least", () => {
    expect(linesOf({}, { zones, agents: 1 })).toMatchInlineSnapshot(`
      [
        "agents: must be at least 2, one for each zone, but is 1 (ask for more agents, or for fewer zones)",
      ]
    `);
    expect(linesOf({}, { zones, agents: 2.5 })).toMatchInlineSnapshot(`
      [
        "agents: must be a whole number from 1 to 100,000, but is 2.5",
      ]
    `);
    expect(linesOf({}, { zones, agents: 0 })).toMatchInlineSnapshot(`
      [
        "agents: must be a whole number from 1 to 100,000, but is 0",
      ]
    `);
  });
});

describe("plan", () => {
  it("is what its schema says, for every executor", () => {
    const stages = [
      { duration: "1s", target: 5 },
      { duration: 0, target: 0 },
    ];
    const scenarios = {
      a: { executor: "constant-vus", duration: "1s" },
      b: { executor: "shared-iterations" },
      c: { executor: "per-vu-iterations" },
      d: { executor: "constant-arrival-rate", rate: 1, duration: "1s", preAllocatedVUs: 1 },
      e: { executor: "ramping-vus", startVUs: 0, stages },
      f: { executor: "ramping-arrival-rate", stages, preAllocatedVUs: 1 },
    };
    for (const plan of [
      planOf({}),
      planOf({ scenarios, onSilence: "finish", thresholds: { checks: "rate>0" } }),
    ]) {
      expect(Schema.decodeUnknownSync(Plan)(JSON.parse(JSON.stringify(plan)))).toEqual(plan);
    }
  });

  it("does not change when it is made again from the same request", () => {
    expect(JSON.stringify(planOf({ vus: 3 }))).toBe(JSON.stringify(planOf({ vus: 3 })));
  });
});
