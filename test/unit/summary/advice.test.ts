/** What the summary advises: of a run that nothing judged, and of one whose script ended its worker. */
import { describe, expect, it } from "vitest";
import { adviceOn } from "../../../src/domain/summary/advice.ts";
import type { SummaryDocument } from "../../../src/domain/summary/document.ts";
import { renderSummary } from "../../../src/domain/summary/render.ts";
import { agentText } from "../../../src/cli/report/agent.ts";
import { deathText } from "../../../src/domain/run/death.ts";
import { Patience } from "../../../src/engine/patience.ts";
import { causeOfExit } from "../../../src/engine/worker-process.ts";
import { documentOf } from "./fixture.ts";

type Metrics = SummaryDocument["metrics"];

describe("a run that passed without thresholds", () => {
  const { thresholds, ...rest } = documentOf();
  const unjudged: SummaryDocument = { ...rest, outcome: "passed", exitCode: 0, cause: "ok" };
  const failing = (passes: number): SummaryDocument => {
    const values = { rate: passes / 60, passes, fails: 60 - passes };
    const failed = { type: "rate", contains: "default", values };
    return { ...unjudged, metrics: { ...unjudged.metrics, http_req_failed: failed } as Metrics };
  };
  const dropping = (dropped: number): SummaryDocument => {
    const total = { ...unjudged.ledger.total, planned: 100, dropped };
    return { ...unjudged, ledger: { ...unjudged.ledger, total } };
  };
  const throwing = (count: number): SummaryDocument => {
    const failed = { type: "counter", contains: "default", values: { count, rate: count / 2 } };
    return { ...unjudged, metrics: { ...unjudged.metrics, iterations_failed: failed } as Metrics };
  };

  it("and in which much went wrong says so, from a limit on", () => {
    const most = [failing(30), dropping(10), throwing(60)].map(adviceOn);
    const rest = " With options.thresholds such a run can fail.";
    expect(most).toEqual([
      `No threshold judged this run: 50.00% of requests failed.${rest}`,
      `No threshold judged this run: 10.00% of planned iterations were dropped.${rest}`,
      `No threshold judged this run: 100.00% of iterations threw.${rest}`,
    ]);
    expect([unjudged, failing(29), dropping(9), throwing(29)].map(adviceOn)).toEqual(
      Array(4).fill(undefined),
    );
  });

  it("says all of it in one line below the verdict, to people and to agents", () => {
    const document = { ...failing(60), ledger: dropping(71).ledger };
    const line =
      "No threshold judged this run: 100.00% of requests failed, 71.00% of planned iterations were dropped.";
    expect(renderSummary(document).replaceAll(/\s+/g, " ")).toMatch(
      new RegExp(`✓ passed \\(exit 0\\) .* ${line}`),
    );
    expect(agentText(document, [])).toContain(`\nadvice: ${line} `);
    expect(agentText(unjudged, [])).not.toContain("advice:");
  });

  it("says nothing of it where a threshold judged", () => {
    expect(adviceOn({ ...failing(60), ...(thresholds && { thresholds }) })).toBeUndefined();
  });
});

describe("a run whose zone was not there", () => {
  it("sends nobody to look at machines", () => {
    const adviceFor = (cause: string) =>
      adviceOn({ ...documentOf(), outcome: "errored", exitCode: 112, cause });
    const absent = "Name zones that are up (mesh zone ls), or start those; then run it again.";
    expect(adviceFor("zone asia was never heard (known: eu, us); name another one")).toBe(absent);
    expect(adviceFor("zone eu is not up (up: us); start it: mesh zone eu")).toBe(absent);
    expect(adviceFor("zone us was revoked at 2026-11-29 20:43:13 UTC by door-root (ana@laptop)")).toMatch(
      /^Run it without that zone .*mesh zone rotate/,
    );
    expect(adviceFor("zone us was not heard for 300 s")).toMatch(/machines, memory, network/);
  });
});

describe("a run that lost its agents", () => {
  const lostBy = (cause: string) => adviceOn({ ...documentOf(), outcome: "errored", exitCode: 112, cause });
  const iteration = { scenario: "default", vu: 1, number: 7 };
  const diedOf = (cause: string) =>
    lostBy(`${deathText({ worker: "a.1/w0", cause, iteration, lastLines: [] })} (x)`);

  it("is told to see after the script where that took down its worker", async () => {
    const blocked = await new Promise<string>((resolve) => new Patience(resolve).expect("frame", 1));
    expect(diedOf(causeOfExit(1, null, false))).toMatch(/script itself ended its worker.*process\.exit\(\)/);
    expect(diedOf(causeOfExit(134, null, true))).toMatch(/script itself filled the memory/);
    expect(diedOf(blocked)).toMatch(/script itself blocked its worker.*await/);
    expect(diedOf(causeOfExit(null, "SIGKILL", false))).toMatch(/one worker was killed/);
  });

  it("is told to see after the agents where they are gone", () => {
    expect(lostBy("lost agent a of zone eu: no word for 5 s")).toMatch(/^See why the agents are gone/);
    expect(diedOf(causeOfExit(70, null, false))).toMatch(/^See why the agents are gone/);
  });
});
