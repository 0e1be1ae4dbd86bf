import { describe, expect, it } from "vitest";
import type { SummaryDocument } from "../../../src/domain/summary/document.ts";
import { scriptData } from "../../../src/domain/summary/script-data.ts";
import { planOf } from "../plan/request.ts";

describe("the data of handleSummary", () => {
  const plan = planOf({ vus: 1, duration: "1s", summaryTrendStats: ["avg", "p(99)"] });
  const rate = { type: "rate", contains: "default", values: { rate: 0.5, passes: 1, fails: 1 } } as const;
  const document: Partial<SummaryDocument> = {
    run: "r",
    durationMs: 6020,
    metrics: { http_req_failed: rate, checks: rate },
    thresholds: [
      { metric: "http_req_failed", threshold: "rate<0.01", judgement: "fail", observed: 0.5 },
      { metric: "http_req_failed", threshold: "rate<0.9", judgement: "pass", observed: 0.5 },
    ],
  };

  it("has what scripts written for k6 read", () => {
    expect(scriptData(document, plan, { token: 1 })).toMatchObject({
      metrics: {
        http_req_failed: {
          ...rate,
          thresholds: { "rate<0.01": { ok: false }, "rate<0.9": { ok: true } },
        },
        checks: rate,
      },
      options: { summaryTrendStats: ["avg", "p(99)"] },
      state: { testRunDurationMs: 6020, isStdOutTTY: false },
      setup_data: { token: 1 },
    });
  });

  it("keeps all of the document, and leaves it as it was", () => {
    const before = structuredClone(document);
    expect(scriptData(document, plan, undefined)).toMatchObject({ run: "r", durationMs: 6020 });
    expect(scriptData(document, plan, undefined)).not.toHaveProperty("setup_data");
    expect(document).toEqual(before);
  });
});
