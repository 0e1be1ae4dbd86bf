/** What the summary advises: of a run that nothing judged, and of one whose script ended its worker. */
import { describe, expect, it } from "vitest";
import { adviceOn } from "../../../src/domain/summary/advice.ts";
import type { SummaryDocument } from "../../../src/domain/summary/document.ts";
import { renderSummary } from "../../../src/domain/summary/render.ts";
import { agentText } from "../../../src/cli/report/agent.ts";
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
