/** What the summary says of its own numbers: where the load was stopped, what was folded, how the generators were. */
import { describe, expect, it } from "vitest";
import type { HealthSample } from "../../../src/domain/interval/health.ts";
import { builtin } from "../../../src/domain/metric/builtin.ts";
import type { SummaryDocument } from "../../../src/domain/summary/document.ts";
import { renderSummary } from "../../../src/domain/summary/render.ts";
import { metricsFor, summarise } from "../../../src/domain/summary/summarise.ts";
import { Recorder } from "../../../src/engine/recorder.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import {
  finishOf,
  given,
  person,
  running,
  START,
  stopping,
  type Zone,
  zoneFinished,
} from "../run/fixture.ts";
import { documentOf, metricsOf } from "./fixture.ts";

const flat = (text: string) => text.replaceAll(/\s+/g, " ");

/** A run that was stopped, whose agents sent their last request so many ms after the start. */
function stoppedRun(stop: RunEvent, lastMs: Readonly<Record<Zone, Readonly<Record<string, number>>>>) {
  const finished = (zone: Zone) =>
    Object.assign(zoneFinished(zone), {
      agents: Object.entries(lastMs[zone]).map(([agent, ms]) => ({
        ...finishOf(agent),
        lastRequestAt: ms === 0 ? 0 : START + ms * 1000,
      })),
    });
  const { state } = given(...running(), stop, finished("fra"), finished("iad"));
  return summarise("r", state, metricsFor(state)).document;
}

describe("a run that was stopped", () => {
  const evidence = { interval: 3, window: 2, metric: "checks", threshold: "rate>0.9", observed: 0.5 };
  const crossed: RunEvent = {
    ...stopping({ kind: "threshold", message: "m", by: "" }),
    evidence,
  } as RunEvent;

  it("shows each agent's last request beside the window that shows the cause", () => {
    const document = stoppedRun(crossed, { fra: { f1: 3120.5, f2: 2990 }, iad: { i1: 0 } });
    expect(document.completeness.stopped).toEqual({
      window: 2,
      windowEndMs: 3000,
      lastRequestMs: { f1: 3120.5, f2: 2990 },
    });
    const text = renderSummary(document);
    expect(text).toMatch(/cause seen in window\.+: 2, which ended at 3s/);
    expect(text).toMatch(/last request of f1\.+: at 3\.12s, 120\.5ms after that/);
    expect(text).toMatch(/last request of f2\.+: at 2\.99s, 10ms before that/);
    expect(document).toMatchObject({ exitCode: 99, outcome: "failed", cause: "m" });
  });

  it("shows the last requests alone where no window shows the cause", () => {
    const document = stoppedRun(stopping(person), { fra: { f1: 70 }, iad: { i1: 80 } });
    expect(document.completeness.stopped).toEqual({ lastRequestMs: { f1: 70, i1: 80 } });
    expect(renderSummary(document)).toMatch(
      /last request of i1\.+: at 80ms\n.*last request of f1\.+: at 70ms\n/,
    );
  });

  it("has at most a dozen lines of them, the latest", () => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`f${n}`, 100 + n]));
    const text = renderSummary(stoppedRun(stopping(person), { fra: many, iad: {} }));
    expect(text.match(/last request of f/g)).toHaveLength(12);
    expect(text).toContain("last request of f29");
    expect(text).toMatch(/last requests of others\.+: 18, all earlier/);
  });
});

describe("tag values beyond the limit", () => {
  const folding = () => {
    const recorder = new Recorder("a.1", {}, { seriesPerMetricMax: 5 });
    for (let n = 0; n < 1000; n += 1) {
      const tags = { user: String(n), kind: String(n % 2) };
      recorder.add(recorder.series(builtin("http_reqs"), tags), 1);
      recorder.add(recorder.series(builtin("http_req_failed"), tags), 0);
    }
    return metricsOf([recorder.close(0, { final: true, health: [] })]);
  };

  it("are named by metric and tag, and lose no sample", () => {
    const metrics = folding();
    expect(metrics.folded()).toEqual({ http_req_failed: ["user"], http_reqs: ["user"] });
    expect(metrics.metrics(1000)["http_reqs"]?.values["count"]).toBe(1000);
    expect(metrics.metrics(1000)).not.toHaveProperty("series_folded");
  });

  it("have one line in the summary", () => {
    const document = documentOf();
    const folded = folding().folded();
    const text = renderSummary({ ...document, completeness: { ...document.completeness, folded } });
    expect(flat(text)).toContain('! tag "user" of http_req_failed, http_reqs has too many values: ');
    expect(flat(text).match(/totals are exact/g)).toHaveLength(1);
  });
});

describe("generators", () => {
  const healthOf = (n: number): HealthSample => ({
    agent: `agent-${String(n).padStart(2, "0")}`,
    lagUsMax: n,
    lagUsP99: 0,
    loopDelayUsMax: 100 - n,
    gcUs: 5,
    cpuPermille: 10,
    rssKb: n === 50 ? 900_000 : 1000,
    clockOffsetUs: 0,
    drops: n === 51 ? 3 : 0,
  });

  it("beyond a dozen are shown by their worst", () => {
    const all = Array.from({ length: 80 }, (_, n) => healthOf(n));
    const byAgent = Object.fromEntries(all.map((health) => [health.agent, health]));
    const document: SummaryDocument = { ...documentOf(), generator: { byAgent } };
    const lines = renderSummary(document).split("\n");
    const shown = lines.flatMap((line) => /^ +agent-(\d+)/.exec(line)?.[1] ?? []).map(Number);
    expect(shown.length).toBeLessThanOrEqual(12);
    expect(shown).toEqual(expect.arrayContaining([0, 79, 50, 51]));
    expect(lines.find((line) => line.includes("more agents"))).toContain(`${80 - shown.length} more agents`);
  });
});
