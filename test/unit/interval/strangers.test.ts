/** What a node below may not do to a merge: fill it with windows or series, or speak of machines that are not its own. */
import { describe, expect, it } from "vitest";
import { decodeHead } from "../../../src/domain/interval/codec.ts";
import { type HealthSample, isPlaced } from "../../../src/domain/interval/health.ts";
import { IntervalMerger, type MergerOptions } from "../../../src/domain/interval/merger.ts";
import { builtin } from "../../../src/domain/metric/builtin.ts";
import { Recorder } from "../../../src/engine/recorder.ts";

const mergerOf = (options: Partial<MergerOptions>): IntervalMerger =>
  new IntervalMerger({ source: "eu.1", windowMs: 1000, latenessMs: 500, children: ["a.0"], ...options });

const health = (agent: string): HealthSample => ({
  agent,
  lagUsMax: 7,
  lagUsP99: 0,
  loopDelayUsMax: 0,
  gcUs: 0,
  cpuPermille: 0,
  rssKb: 1,
  clockOffsetUs: 0,
  drops: 0,
});

function frameOf(source: string, window: number, agents: readonly string[] = []): Uint8Array {
  const recorder = new Recorder(source, {});
  recorder.add(recorder.series(builtin("http_reqs"), {}), 1);
  return recorder.close(window, { final: false, health: agents.map(health) });
}

describe("a window that has not begun", () => {
  it("is put aside, once it begins later than clocks may differ", () => {
    const merger = mergerOf({ aheadMs: 60_000 });
    expect(merger.offer(frameOf("a.0", 70), 10_000)).toBe("added");
    const beyond = mergerOf({ aheadMs: 60_000 });
    expect(beyond.offer(frameOf("a.0", 71), 10_000)).toBe("quarantined");
    expect(beyond.quarantined[0]?.reason).toContain("window 71 has not begun");
  });
});

describe("series without end", () => {
  it("are put aside, and not kept", () => {
    const merger = mergerOf({ seriesMax: 2 });
    const recorder = new Recorder("a.0", {});
    const frame = (window: number): Uint8Array => {
      recorder.add(recorder.series(builtin("http_reqs"), { name: String(window) }), 1);
      return recorder.close(window, { final: false, health: [] });
    };
    expect([0, 1, 2].map((window) => merger.offer(frame(window), window * 1000))).toEqual([
      "added",
      "added",
      "quarantined",
    ]);
    expect(merger.quarantined[0]?.reason).toContain("there are 2 series already");
  });
});

describe("health", () => {
  const namesIn = (merger: IntervalMerger): readonly string[] =>
    decodeHead(merger.close(0)).health.map(({ agent }) => agent);

  it("of an agent is its own zone's, whatever it calls itself", () => {
    const merger = mergerOf({ zone: "eu" });
    merger.offer(frameOf("a.0", 0, ["iad/b-1"]), 0);
    expect(namesIn(merger)).toEqual(["eu/b-1"]);
  });

  it("of a zone below is of agents that it announced, or its own", () => {
    const mayName = (source: string, placed: string) => source === "eu/lab.4" && placed === "cellar/c-1";
    const merger = mergerOf({ zone: "eu", children: ["eu/lab.4"], mayName });
    merger.offer(frameOf("eu/lab.4", 0, ["cellar/c-1", "iad/b-1"]), 0);
    expect(namesIn(merger)).toEqual(["cellar/c-1", "lab/b-1"]);
    expect(namesIn(merger).every(isPlaced)).toBe(true);
  });

  it("of workers keeps its name in the merge of their agent", () => {
    const merger = mergerOf({});
    merger.offer(frameOf("a.0", 0, ["a-1"]), 0);
    expect(namesIn(merger)).toEqual(["a-1"]);
  });
});
