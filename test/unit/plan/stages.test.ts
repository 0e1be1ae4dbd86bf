/** `stages`, in scenarios, as the shortcut and as a flag: k6's rules, each stage by itself. */
import { describe, expect, it } from "vitest";
import { linesOf, planOf } from "./request.ts";

const common = { exec: "default", startTimeMs: 0, gracefulStopMs: 30_000, env: {}, tags: {} };
const stages = [
  { duration: "30s", target: 20 },
  { duration: 0, target: 5 },
];
const planned = [
  { durationMs: 30_000, target: 20 },
  { durationMs: 0, target: 5 },
];
const vus = { executor: "ramping-vus", stages };
const rates = { executor: "ramping-arrival-rate", stages, preAllocatedVUs: 2 };

describe("a scenario with stages", () => {
  it("has k6's defaults", () => {
    expect(planOf({ scenarios: { vus, rates } }).scenarios).toEqual({
      vus: {
        executor: "ramping-vus",
        ...common,
        startVus: 1,
        stages: planned,
        gracefulRampDownMs: 30_000,
      },
      rates: {
        executor: "ramping-arrival-rate",
        ...common,
        startRate: 0,
        timeUnitMs: 1000,
        stages: planned,
        preAllocatedVus: 2,
        maxVus: 2,
      },
    });
  });

  it("takes every field as given", () => {
    const scenarios = {
      vus: { ...vus, startVUs: 0, gracefulRampDown: "5s" },
      rates: { ...rates, startRate: 7, timeUnit: "1m", maxVUs: 9 },
    };
    expect(planOf({ scenarios }).scenarios).toMatchObject({
      vus: { startVus: 0, gracefulRampDownMs: 5000 },
      rates: { startRate: 7, timeUnitMs: 60_000, maxVus: 9 },
    });
  });

  it("has each stage checked at its place", () => {
    const scenarios = {
      fields: {
        ...vus,
        startVUs: -1,
        gracefulRampDown: "soon",
        stages: [
          { duration: "1s" },
          { target: 5 },
          { duration: "-1s", target: 1.5 },
          { duration: "0.5ms", target: "3" },
          { duration: "1s", target: 1, rate: 3 },
          7,
        ],
      },
      none: { ...vus, stages: [] },
      text: { ...vus, stages: "10s:5" },
      short: { ...vus, stages: [{ duration: "999ms", target: 5 }] },
      long: {
        ...vus,
        stages: [
          { duration: "24d", target: 5 },
          { duration: "1ms", target: 5 },
        ],
      },
      many: { ...vus, stages: Array.from({ length: 1001 }, () => ({ duration: "1s", target: 1 })) },
      nobody: { ...vus, startVUs: 0, stages: [{ duration: "1s", target: 0 }] },
      vast: { ...vus, stages: [{ duration: "1s", target: 1_000_001 }] },
    };
    expect(linesOf({ scenarios })).toMatchInlineSnapshot(`
      [
        "options.scenarios.fields.startVUs: must be a whole number from 0 to 1,000,000, but is -1",
        "options.scenarios.fields.stages[0].target: is required",
        "options.scenarios.fields.stages[1].duration: is required",
        "options.scenarios.fields.stages[2].duration: must be a duration, but is "-1s" (a string) (write "30s", "1m30s", "500ms" or a number of milliseconds)",
        "options.scenarios.fields.stages[2].target: must be a whole number from 0 to 1,000,000, but is 1.5",
        "options.scenarios.fields.stages[3].duration: must be a whole number of milliseconds, but is "0.5ms"",
        "options.scenarios.fields.stages[3].target: must be a whole number from 0 to 1,000,000, but is "3" (a string) (write 3, without quotes)",
        "options.scenarios.fields.stages[4].rate: is not a known field of a stage (known: duration, target)",
        "options.scenarios.fields.stages[5]: must be an object, but is 7",
        "options.scenarios.fields.gracefulRampDown: must be a duration, but is "soon" (a string) (write "30s", "1m30s", "500ms" or a number of milliseconds)",
        "options.scenarios.none.stages: has no stage (write: stages: [{ duration: "30s", target: 20 }])",
        "options.scenarios.text.stages: must be a list, but is "10s:5" (a string)",
        "options.scenarios.short.stages: must last at least 1s together, but last 999ms",
        "options.scenarios.long.stages: must last at most 576h together, but last 576h1ms",
        "options.scenarios.many.stages: must be at most 1,000 stages, but are 1,001",
        "options.scenarios.nobody.stages: want no VU at any time (raise \`startVUs\` or the \`target\` of a stage)",
        "options.scenarios.vast.stages[0].target: must be a whole number from 0 to 1,000,000, but is 1000001",
      ]
    `);
  });

  it("has rates that start something, and VUs to start it", () => {
    const scenarios = {
      zero: { ...rates, stages: [{ duration: "10s", target: 0 }] },
      little: { ...rates, stages: [{ duration: "1s", target: 1 }] },
      many: { ...rates, stages: [{ duration: "1s", target: 60_000_001 }] },
      few: { ...rates, maxVUs: 1 },
      missing: { executor: "ramping-arrival-rate" },
      beyond: { ...rates, timeUnit: "1ms", stages: [{ duration: "1d", target: 60_000_000 }] },
    };
    expect(linesOf({ scenarios })).toMatchInlineSnapshot(`
      [
        "options.scenarios.zero.stages: start no iteration: the rates add up to less than one (raise the \`target\` of a stage)",
        "options.scenarios.little.stages: start no iteration: the rates add up to less than one (raise the \`target\` of a stage)",
        "options.scenarios.many.stages[0].target: must be a whole number from 0 to 60,000,000, but is 60000001 (less than 1 per second is a longer timeUnit: target 30, timeUnit "1m")",
        "options.scenarios.few.maxVUs: must be at least preAllocatedVUs (2), but is 1",
        "options.scenarios.missing.stages: is required",
        "options.scenarios.missing.preAllocatedVUs: is required",
        "options.scenarios.beyond: plans 2,592,000,000,000,000 iterations, but one scenario may have at most 1,000,000,000,000",
      ]
    `);
  });
});

describe("the shortcut `stages`", () => {
  const line = { executor: "ramping-vus", stages: planned, gracefulRampDownMs: 30_000 };

  it("makes the scenario `default` of ramping-vus, beginning with `vus`", () => {
    expect(planOf({ stages }).scenarios).toEqual({ default: { ...common, ...line, startVus: 1 } });
    expect(planOf({ stages, vus: 4 }).scenarios["default"]).toMatchObject({ ...line, startVus: 4 });
  });

  it("contradicts scenarios, iterations and a duration", () => {
    expect(linesOf({ stages, scenarios: { vus } })).toMatchInlineSnapshot(`
      [
        "options: has both \`scenarios\` and \`stages\` (remove \`stages\`, or move the load into a scenario)",
      ]
    `);
    expect(linesOf({ stages, iterations: 5, duration: "5s" })).toMatchInlineSnapshot(`
      [
        "options.stages: cannot be combined with \`iterations\` and \`duration\` (remove \`iterations\` and \`duration\`: stages say how long)",
      ]
    `);
    expect(linesOf({ stages: [] })).toMatchInlineSnapshot(`
      [
        "options.stages: has no stage (write: stages: [{ duration: "30s", target: 20 }])",
      ]
    `);
  });
});

describe("the flag --stage", () => {
  const flags = { stages: ["30s:20", "0s:5"] };

  it("wins over what the script says, and begins with --vus", () => {
    const scenario = { executor: "ramping-vus", stages: planned, startVus: 1 };
    expect(planOf({ scenarios: { rates } }, { flags }).scenarios).toMatchObject({ default: scenario });
    expect(planOf({ iterations: 9 }, { flags }).scenarios["default"]).toMatchObject(scenario);
    expect(planOf({ vus: 3 }, { flags }).scenarios["default"]).toMatchObject({ ...scenario, startVus: 3 });
    const both = { flags: { ...flags, vus: 2 } };
    expect(planOf({ vus: 3 }, both).scenarios["default"]).toMatchObject({ ...scenario, startVus: 2 });
  });

  it("gives way to other flags that say how much load there is", () => {
    const executorOf = (given: object) => planOf({ stages }, { flags: given }).scenarios["default"]?.executor;
    expect(executorOf({ iterations: 3 })).toBe("shared-iterations");
    expect(executorOf({ duration: "3s" })).toBe("constant-vus");
    expect(executorOf({ vus: 3 })).toBe("ramping-vus");
  });

  it("is checked like options, under its own name", () => {
    expect(linesOf({}, { flags: { stages: ["30s", "x:3", "500ms:4"] } })).toMatchInlineSnapshot(`
      [
        "--stage[0]: must be a duration and a number of VUs, but is "30s" (write 30s:20)",
      ]
    `);
    expect(linesOf({}, { flags: { stages: ["500ms:4"] } })).toMatchInlineSnapshot(`
      [
        "--stage: must last at least 1s together, but last 500ms",
      ]
    `);
    expect(linesOf({}, { flags: { ...flags, iterations: 3 } })).toMatchInlineSnapshot(`
      [
        "--stage: cannot be combined with --iterations (remove --iterations: stages say how long)",
      ]
    `);
  });
});
