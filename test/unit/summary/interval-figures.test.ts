/** The main figures of each interval by itself, which add up to those of the run. */
import { describe, expect, it } from "vitest";
import { IntervalReader } from "../../../src/domain/summary/interval-figures.ts";
import { metricsOf, rootLog } from "./fixture.ts";

describe("figures of single intervals", () => {
  const reader = new IntervalReader();
  const read = rootLog().map((bytes) => reader.read(bytes));

  it("add up to the run's", () => {
    const sum = (key: "iterations" | "requests") => read.reduce((all, each) => all + each[key], 0);
    const { metrics } = { metrics: metricsOf(rootLog()).metrics(1000) };
    expect(read.map(({ head }) => head.window)).toEqual([0, 1]);
    expect([sum("iterations"), sum("requests")]).toEqual([
      metrics["iterations"]?.values["count"],
      metrics["http_reqs"]?.values["count"],
    ]);
  });

  it("are of that interval alone, also where its series were defined before", () => {
    for (const { failed, percentileMs, requests } of read) {
      expect([requests, failed]).toEqual([30, 0.1]);
      expect([percentileMs(0), percentileMs(100)]).toEqual([1, 5.75]);
    }
  });
});
