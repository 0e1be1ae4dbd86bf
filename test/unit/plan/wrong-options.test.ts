/**
 * Every option that exists, here and of every executor, with values of every type that are wrong for most: each is taken
 * or refused by exactly one problem, at its place, that says what it must be and what it is. New options are in it by
 * themselves, since the names come from what is said about an unknown one.
 */
import { describe, expect, it } from "vitest";
import { EXECUTOR_NAMES } from "../../../src/domain/executor/executors.ts";
import { planRun } from "../../../src/domain/plan/normalize.ts";
import type { Problem } from "../../../streams/schema/plan.ts";
import { linesOf, requestOf } from "./request.ts";

const SCALARS = [
  true,
  false,
  0,
  -1,
  1.5,
  1e99,
  "",
  "zzzzzzzzzz",
  "5",
  "-5s",
  "1 minute",
  "1.0001ms",
  "99999h",
];
const LISTS = [[], [1], ["zzzzzzzzzz"], [[1]]];
const OBJECTS = [{}, { zzzzzzzzzz: 1 }, { zzzzzzzzzz: { zzzzzzzzzz: 1 } }];
const VALUES: readonly unknown[] = [...SCALARS, ...LISTS, ...OBJECTS];
const UNKNOWN = "a name that is like no other";

/** The least that each executor can do with. */
const LEAST: Readonly<Record<string, object>> = {
  "constant-vus": { duration: "10s" },
  "shared-iterations": {},
  "per-vu-iterations": {},
  "constant-arrival-rate": { rate: 1, duration: "10s", preAllocatedVUs: 1 },
  "ramping-vus": { stages: [{ duration: "10s", target: 5 }] },
  "ramping-arrival-rate": { preAllocatedVUs: 1, stages: [{ duration: "10s", target: 5 }] },
};

const problemsOf = (options: unknown): readonly Problem[] => {
  const planned = planRun(requestOf(options));
  return planned.ok ? [] : planned.problems;
};

/** What is known where one option is not. */
const namesWhere = (optionsWith: (name: string) => unknown): readonly string[] => {
  const [unknown, ...others] = problemsOf(optionsWith(UNKNOWN));
  expect(others).toEqual([]);
  return unknown?.hint?.replace(/^known: /, "").split(", ") ?? [];
};

const options = namesWhere((name) => ({ [name]: 1 })).map((name) => ({
  path: `options.${name}`,
  executor: "",
  withValue: (value: unknown): unknown => ({ [name]: value }),
}));

const scenarioOptions = EXECUTOR_NAMES.flatMap((executor) => {
  const optionsWith = (name: string, value: unknown) => ({
    scenarios: { a: { executor, ...LEAST[executor], [name]: value } },
  });
  return namesWhere((name) => optionsWith(name, 1)).map((name) => ({
    path: `options.scenarios.a.${name}`,
    executor,
    withValue: (value: unknown) => optionsWith(name, value),
  }));
});

const all: readonly { path: string; executor: string; withValue: (value: unknown) => unknown }[] = [
  ...options,
  ...scenarioOptions,
];

describe("an option with a wrong value", () => {
  it.each(all)("is refused once, at its place: $path $executor", ({ path, withValue }) => {
    const refusals = VALUES.map((value) => problemsOf(withValue(value)));
    for (const [n, problems] of refusals.entries()) {
      const what = `${JSON.stringify(VALUES[n])}: ${JSON.stringify(problems)}`;
      expect(problems.length, what).toBeLessThanOrEqual(1);
      for (const { hint = "-", message, path: at } of problems) {
        expect(at.startsWith(path), what).toBe(true);
        expect(message, what).toMatch(
          /^(must|is|are|has|have|names|want|wants|start|starts|plans|the|there|") ?/,
        );
        expect(message, what).not.toMatch(/undefined|\[object|NaN/);
        expect(hint.trim(), what).not.toBe("");
      }
    }
    expect(refusals.filter((problems) => problems.length > 0).length).toBeGreaterThan(4);
  });

  it("is there for every executor, with the options that all have", () => {
    expect(new Set(scenarioOptions.map(({ executor }) => executor)).size).toBe(EXECUTOR_NAMES.length);
    for (const executor of EXECUTOR_NAMES) {
      const names = scenarioOptions.filter((each) => each.executor === executor).map(({ path }) => path);
      expect(names).toEqual(
        expect.arrayContaining(["options.scenarios.a.startTime", "options.scenarios.a.tags"]),
      );
    }
  });
});

describe("an option of another executor", () => {
  it("is told by whose it is", () => {
    const a = {
      executor: "constant-arrival-rate",
      ...LEAST["constant-arrival-rate"],
      stages: [],
      maxDuration: "1s",
    };
    expect(linesOf({ scenarios: { a } })).toEqual([
      "options.scenarios.a.stages: is not an option of constant-arrival-rate (it is one of ramping-arrival-rate and ramping-vus)",
      "options.scenarios.a.maxDuration: is not an option of constant-arrival-rate (it is one of per-vu-iterations and shared-iterations)",
    ]);
  });
});

describe("a value that is nearly right", () => {
  const hintOf = (options: unknown) => problemsOf(options).map(({ hint }) => hint);

  it("is told how to write it", () => {
    expect(hintOf({ vus: "10" })).toEqual(["write 10, without quotes"]);
    expect(hintOf({ discardResponseBodies: "true" })).toEqual(["write true, without quotes"]);
    expect(hintOf({ userAgent: 5 })).toEqual(['write "5"']);
    expect(hintOf({ duration: 30 })).toEqual(['without a unit it is milliseconds; seconds are "30s"']);
    expect(hintOf({ duration: "30" })).toEqual(['without a unit it is milliseconds; seconds are "30s"']);
    expect(hintOf({ duration: "500ms" })).toEqual([undefined]);
  });
});
