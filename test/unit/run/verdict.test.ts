/** The verdict: every cause has its exit code, and at the planned end 97 > 99 > teardown > 0. */
import { describe, expect, it } from "vitest";
import { verdictOf } from "../../../src/domain/run/verdict.ts";
import { CauseKind } from "../../../streams/schema/cause.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import { given, running, stopping } from "./fixture.ts";

const whole = { incomplete: [], failedThresholds: [] };
const broken = { incomplete: ["agent f1 was lost"], failedThresholds: ["http_reqs: count>1"] };
const teardown = (kind: "threw" | "timeout"): RunEvent => ({
  type: "StageEnded",
  stage: "teardown",
  result: "failed",
  failure: { kind, message: "no" },
});

const TABLE = {
  signal: ["aborted", 105],
  person: ["aborted", 105],
  script: ["aborted", 108],
  "script-failed": ["errored", 107],
  "setup-failed": ["errored", 107],
  "setup-timed-out": ["errored", 100],
  "agents-lost": ["errored", 112],
  "agents-missing": ["errored", 112],
  silence: ["errored", 111],
  threshold: ["failed", 99],
  "leader-lost": ["errored", 111],
  "guard-refused": ["errored", 104],
  "guard-reached": ["aborted", 105],
} as const;

describe("verdict of a stopped run", () => {
  it("has a row for every cause", () => {
    expect(Object.keys(TABLE).toSorted()).toEqual([...CauseKind.literals].toSorted());
  });

  it.each(CauseKind.literals)("of cause %s says so, whatever else is wrong", (kind) => {
    const [outcome, exitCode] = TABLE[kind];
    const { state } = given(
      ...running(),
      stopping({ kind, message: "it is so", by: "ana" }),
      teardown("threw"),
    );
    expect(verdictOf(state, broken)).toEqual({ outcome, exitCode, message: "it is so (ana)" });
  });

  it("names nobody where nobody did it", () => {
    const { state } = given(...running(), stopping({ kind: "agents-lost", message: "lost f1", by: "" }));
    expect(verdictOf(state, whole).message).toBe("lost f1");
  });
});

describe("verdict at the planned end", () => {
  const planned = given(...running(), { type: "RunDraining" });
  const threw = planned.and(teardown("threw"));

  it.each([
    ["incomplete numbers before all", threw, broken, 97, "invalid"],
    ["failed thresholds before a teardown", threw, { ...whole, failedThresholds: ["x"] }, 99, "failed"],
    ["a teardown that threw before nothing", threw, whole, 107, "errored"],
    ["a teardown that timed out", planned.and(teardown("timeout")), whole, 101, "errored"],
    ["nothing wrong", planned, whole, 0, "passed"],
  ] as const)("puts %s", (_, { state }, findings, exitCode, outcome) => {
    expect(verdictOf(state, findings)).toMatchObject({ exitCode, outcome });
  });

  it("says what is not whole, and which thresholds failed", () => {
    expect(verdictOf(planned.state, broken).message).toContain("agent f1 was lost");
    const findings = { ...whole, failedThresholds: ["a: p(95)<1", "b: rate<1"] };
    expect(verdictOf(planned.state, findings).message).toBe("thresholds failed: a: p(95)<1, b: rate<1");
  });

  it("does not blame a teardown that was not run", () => {
    const { state } = planned.and({ type: "StageEnded", stage: "teardown", result: "not-run" });
    expect(verdictOf(state, whole)).toMatchObject({ exitCode: 0 });
  });
});
