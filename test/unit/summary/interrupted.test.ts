/** Requests that were cut with their iteration: in no sample, and declared for that reason. */
import { describe, expect, it } from "vitest";
import { renderSummary } from "../../../src/domain/summary/render.ts";
import { metricsFor, summarise } from "../../../src/domain/summary/summarise.ts";
import { finishOf, given, person, running, stopping, type Zone, zoneFinished } from "../run/fixture.ts";

/** The summary of a stopped run whose agents cut so many requests. */
function summaryOf(cut: Readonly<Record<string, number>>) {
  const finished = (zone: Zone, ...agents: readonly string[]) =>
    Object.assign(zoneFinished(zone), {
      agents: agents.map((agent) => ({
        ...finishOf(agent),
        ...(cut[agent] === undefined ? {} : { interruptedRequests: cut[agent] }),
      })),
    });
  const { state } = given(...running(), stopping(person), finished("fra", "f1", "f2"), finished("iad", "i1"));
  return summarise("r", state, metricsFor(state)).document;
}

describe("requests cut with their iteration", () => {
  it("are added up over agents and zones, and have a line", () => {
    const document = summaryOf({ f1: 2, i1: 3 });
    expect(document.completeness.interruptedRequests).toBe(5);
    expect(renderSummary(document)).toMatch(/requests cut with their iteration\.*: 5, in no figure above/);
  });

  it("are not spoken of where there are none", () => {
    const document = summaryOf({});
    expect(document.completeness).not.toHaveProperty("interruptedRequests");
    expect(renderSummary(document)).not.toContain("requests cut");
  });
});
