/** Scenarios, shortcuts and flags: k6's rules. */
import { describe, expect, it } from "vitest";
import type { PlanRequest } from "../../../streams/schema/plan.ts";
import { linesOf, planOf } from "./request.ts";

const common = { exec: "default", startTimeMs: 0, gracefulStopMs: 30_000, env: {}, tags: {} };
const arrivals = { executor: "constant-arrival-rate", rate: 10, duration: "5s", preAllocatedVUs: 2 };

describe("shortcuts", () => {
  const once = { vus: 1, iterations: 1, maxDurationMs: 600_000 };
  it.each([
    [{}, { executor: "per-vu-iterations", ...once }],
    [{ vus: 4 }, { executor: "shared-iterations", ...once, vus: 4, iterations: 4 }],
    [{ iterations: 9 }, { executor: "shared-iterations", ...once, iterations: 9 }],
    [
      { vus: 4, iterations: 9 },
      { executor: "shared-iterations", ...once, vus: 4, iterations: 9 },
    ],
    [
      { iterations: 9, duration: "30s" },
      { executor: "shared-iterations", ...once, iterations: 9, maxDurationMs: 30_000 },
    ],
    [{ duration: "30s" }, { executor: "constant-vus", vus: 1, durationMs: 30_000 }],
    [
      { vus: 4, duration: "30s" },
      { executor: "constant-vus", vus: 4, durationMs: 30_000 },
    ],
  ])("%j make the scenario `default`", (options, scenario) => {
    expect(planOf(options).scenarios).toEqual({ default: { ...common, ...scenario } });
  });

  it("are refused beside scenarios, and when they contradict each other", () => {
    expect(linesOf({ vus: 2, duration: "5s", scenarios: { a: arrivals } })).toMatchInlineSnapshot(`
      [
        "options: has both \`scenarios\` and \`vus\` and \`duration\` (remove \`vus\` and \`duration\`, or move the load into a scenario)",
      ]
    `);
    expect(linesOf({ vus: 5, iterations: 3 })).toMatchInlineSnapshot(`
      [
        "options.iterations: must be at least the number of VUs (5), but is 3 (lower \`vus\`, or raise \`iterations\`)",
      ]
    `);
    expect(linesOf({ duration: "999ms" })).toMatchInlineSnapshot(`
      [
        "options.duration: must be at least 1s, but is "999ms"",
      ]
    `);
  });
});

describe("flags", () => {
  const script = { vus: 5, iterations: 20, duration: "30s" };
  it.each<[PlanRequest["flags"], object, object]>([
    [{ vus: 2 }, script, { vus: 2, iterations: 20, maxDurationMs: 30_000 }],
    [{ iterations: 50 }, script, { vus: 5, iterations: 50, maxDurationMs: 600_000 }],
    [{ duration: "10s" }, script, { executor: "constant-vus", vus: 5, durationMs: 10_000 }],
    [{ duration: "10s", vus: 1 }, { scenarios: { a: arrivals } }, { executor: "constant-vus", vus: 1 }],
    [{ vus: 3 }, { scenarios: { a: arrivals } }, { executor: "shared-iterations", vus: 3, iterations: 3 }],
    [{ iterations: 1 }, { scenarios: { a: { executor: "ramping-vus" } } }, { vus: 1, iterations: 1 }],
    [{ iterations: 1 }, { scenarios: { a: arrivals }, duration: "5s" }, { vus: 1, iterations: 1 }],
  ])("%j win over the script's %j", (flags, options, scenario) => {
    const { scenarios } = planOf(options, { flags });
    expect(Object.keys(scenarios)).toEqual(["default"]);
    expect(scenarios["default"]).toMatchObject(scenario);
  });

  it("are checked like options, under their own names", () => {
    expect(linesOf({}, { flags: { vus: 0, iterations: 1.5, duration: "soon" } })).toMatchInlineSnapshot(`
      [
        "--vus: must be a whole number from 1 to 1,000,000, but is 0",
        "--iterations: must be a whole number from 1 to 1,000,000,000,000, but is 1.5",
        "--duration: must be a duration, but is "soon" (a string) (write "30s", "1m30s", "500ms" or a number of milliseconds)",
      ]
    `);
    expect(linesOf({ vus: 5 }, { flags: { iterations: 3 } })).toMatchInlineSnapshot(`
      [
        "--iterations: must be at least the number of VUs (5), but is 3 (lower \`vus\`, or raise \`iterations\`)",
      ]
    `);
    expect(linesOf({ iterations: 3 }, { flags: { vus: 5 } })).toMatchInlineSnapshot(`
      [
        "options.iterations: must be at least the number of VUs (5), but is 3 (lower \`vus\`, or raise \`iterations\`)",
      ]
    `);
  });
});

describe("scenarios", () => {
  it("have k6's defaults", () => {
    const { scenarios } = planOf({
      scenarios: {
        a: { executor: "constant-vus", duration: 1000 },
        b: { executor: "shared-iterations" },
        c: { executor: "per-vu-iterations", vus: 3, iterations: 2 },
        d: arrivals,
      },
    });
    expect(scenarios).toEqual({
      a: { executor: "constant-vus", ...common, vus: 1, durationMs: 1000 },
      b: { executor: "shared-iterations", ...common, vus: 1, iterations: 1, maxDurationMs: 600_000 },
      c: { executor: "per-vu-iterations", ...common, vus: 3, iterations: 2, maxDurationMs: 600_000 },
      d: {
        executor: "constant-arrival-rate",
        ...common,
        rate: 10,
        timeUnitMs: 1000,
        durationMs: 5000,
        preAllocatedVus: 2,
        maxVus: 2,
      },
    });
  });

  it("take every field as given", () => {
    const a = {
      ...arrivals,
      timeUnit: "1m",
      maxVUs: 50,
      startTime: "10s",
      gracefulStop: "0s",
      exec: "buy",
      env: { A: "1" },
      tags: { kind: "buyer" },
    };
    expect(planOf({ scenarios: { a } }, { exports: ["buy"] }).scenarios["a"]).toEqual({
      executor: "constant-arrival-rate",
      exec: "buy",
      startTimeMs: 10_000,
      gracefulStopMs: 0,
      env: { A: "1" },
      tags: { kind: "buyer" },
      rate: 10,
      timeUnitMs: 60_000,
      durationMs: 5000,
      preAllocatedVus: 2,
      maxVus: 50,
    });
  });

  it("say which executors exist", () => {
    const executors = ["ramping-vu", "externally-controlled", "constant-vu", "turbo", 3, undefined];
    const scenarios = Object.fromEntries(executors.map((executor, index) => [`s${index}`, { executor }]));
    expect(linesOf({ scenarios })).toMatchInlineSnapshot(`
      [
        "options.scenarios.s0.executor: is not a known executor: "ramping-vu" (a string) (did you mean \`ramping-vus\`? executors: <executors>)",
        "options.scenarios.s1.executor: \`externally-controlled\` does not exist: k6 2 removed it, too (say beforehand how the load changes: \`stages\` of ramping-vus or ramping-arrival-rate)",
        "options.scenarios.s2.executor: is not a known executor: "constant-vu" (a string) (did you mean \`constant-vus\`? executors: <executors>)",
        "options.scenarios.s3.executor: is not a known executor: "turbo" (a string) (executors: <executors>)",
        "options.scenarios.s4.executor: must be a string, but is 3 (executors: <executors>)",
        "options.scenarios.s5.executor: is required (executors: <executors>)",
      ]
    `);
  });

  it("report each wrong field at its path", () => {
    expect(
      linesOf({
        scenarios: {
          rate: { ...arrivals, rate: 0.5, timeUnit: "0s", preAllocatedVUs: 10, maxVUs: 5, gracefulStop: -1 },
          missing: { executor: "constant-arrival-rate" },
          short: { executor: "constant-vus", duration: "0.5s", vus: 2_000_000, iterations: 4, options: {} },
          few: { executor: "shared-iterations", vus: 5, iteration: 9 },
          vast: { executor: "per-vu-iterations", vus: 1_000_000, iterations: 1_000_001 },
          list: [],
        },
      }),
    ).toMatchInlineSnapshot(`
      [
        "options.scenarios.rate.gracefulStop: must be at least 0s, but is -1",
        "options.scenarios.rate.rate: must be a whole number from 1 to 90,000,000, but is 0.5 (less than 1 per second is a longer timeUnit: rate 1, timeUnit "2s")",
        "options.scenarios.rate.timeUnit: must be at least 1ms, but is "0s"",
        "options.scenarios.rate.maxVUs: must be at least preAllocatedVUs (10), but is 5",
        "options.scenarios.missing.rate: is required",
        "options.scenarios.missing.duration: is required",
        "options.scenarios.missing.preAllocatedVUs: is required",
        "options.scenarios.short.iterations: is not an option of constant-vus (it is one of per-vu-iterations and shared-iterations)",
        "options.scenarios.short.options: is an option of k6 that is not supported yet (remove it)",
        "options.scenarios.short.vus: must be a whole number from 1 to 1,000,000, but is 2000000",
        "options.scenarios.short.duration: must be at least 1s, but is "0.5s"",
        "options.scenarios.few.iteration: is not a known option of shared-iterations (did you mean \`iterations\`?)",
        "options.scenarios.few.iterations: must be at least the number of VUs (5), but is 1 (lower \`vus\`, or raise \`iterations\`)",
        "options.scenarios.vast: plans 1,000,001,000,000 iterations, but one scenario may have at most 1,000,000,000,000",
        "options.scenarios.list: must be an object, but is an empty list",
      ]
    `);
  });

  it("need a usable name and a function that the script exports", () => {
    const exec = (name: unknown) => ({ ...arrivals, exec: name });
    const exports = ["options", "checkout", "browse"];
    expect(
      linesOf(
        {
          scenarios: {
            "my scenario": exec("browse"),
            a: exec("check_out"),
            b: arrivals,
            c: exec("options"),
            d: exec(1),
          },
        },
        { exports },
      ),
    ).toMatchInlineSnapshot(`
      [
        "options.scenarios["my scenario"]: the name of a scenario may only have letters, digits, \`_\` and \`-\`",
        "options.scenarios.a.exec: the script exports no function \`check_out\` (did you mean \`checkout\`? it exports: checkout, browse)",
        "options.scenarios.b.exec: the script has no default export to run (it exports: checkout, browse; write: export default async function () { … })",
        "options.scenarios.c.exec: the script exports no function \`options\` (it exports: checkout, browse)",
        "options.scenarios.d.exec: must be a string, but is 1 (write "1")",
      ]
    `);
    const replaced = { exports: ["browse"], flags: { vus: 3, duration: "5s" } };
    expect(linesOf({ scenarios: { a: exec("browse") } }, replaced)).toMatchInlineSnapshot(`
      [
        "--vus: replaces options.scenarios and so needs a default export, which the script does not have (leave out --vus and --duration to run the scenarios, or write: export default async function () { … })",
      ]
    `);
    expect(linesOf({}, { exports: ["options"] })).toMatchInlineSnapshot(`
      [
        "script: the script has no default export to run (it exports none; write: export default async function () { … })",
      ]
    `);
    expect(linesOf({ scenarios: {} })).toMatchInlineSnapshot(`
      [
        "options.scenarios: names no scenario (add one, or remove \`scenarios\`)",
      ]
    `);
  });

  it("may have a setup and a teardown of their own, which the script exports", () => {
    const exports = ["default", "options", "setup", "fillCart", "emptyCart"];
    const own = { setup: "fillCart", teardown: "emptyCart" };
    expect(planOf({ scenarios: { a: { ...arrivals, ...own } } }, { exports }).scenarios["a"]).toMatchObject(
      own,
    );
    expect(planOf({ scenarios: { a: arrivals } }).scenarios["a"]).not.toHaveProperty("setup");
    const wrong = {
      a: { ...arrivals, setup: "fillcart", teardown: "drain" },
      b: { ...arrivals, setup: "setup", teardown: 3 },
      c: { ...arrivals, teardown: "teardown" },
    };
    expect(linesOf({ scenarios: wrong }, { exports })).toMatchInlineSnapshot(`
      [
        "options.scenarios.a.setup: the script exports no function \`fillcart\` (did you mean \`fillCart\`? it exports: default, setup, fillCart, emptyCart)",
        "options.scenarios.a.teardown: the script exports no function \`drain\` (it exports: default, setup, fillCart, emptyCart)",
        "options.scenarios.b.setup: names \`setup()\`, which runs once for the whole run anyway (remove it, or name a function of this scenario's own)",
        "options.scenarios.b.teardown: must be a string, but is 3 (write "3")",
        "options.scenarios.c.teardown: names \`teardown()\`, which runs once for the whole run anyway (remove it, or name a function of this scenario's own)",
      ]
    `);
  });

  it("cannot reach into the prototype by name", () => {
    const scenarios = JSON.parse(`{"__proto__": ${JSON.stringify(arrivals)}}`) as unknown;
    const plan = planOf({ scenarios });
    expect(Object.keys(plan.scenarios)).toEqual(["__proto__"]);
    expect(linesOf({ scenarios: { a: { executor: "constructor" } } })).toHaveLength(1);
  });
});
