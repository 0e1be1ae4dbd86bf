/** Generators that cannot keep the load: what breaks a budget, who is named, and what it does to the verdict. */
import { describe, expect, it } from "vitest";
import { decodeHead } from "../../../src/domain/interval/codec.ts";
import { type HealthSample, inZone, worstHealth } from "../../../src/domain/interval/health.ts";
import { IntervalMerger } from "../../../src/domain/interval/merger.ts";
import { builtin } from "../../../src/domain/metric/builtin.ts";
import { adviceOn } from "../../../src/domain/summary/advice.ts";
import { renderSummary } from "../../../src/domain/summary/render.ts";
import { unfitIn } from "../../../src/domain/summary/generator.ts";
import { findingsIn, metricsFor, summarise } from "../../../src/domain/summary/summarise.ts";
import { verdictOf } from "../../../src/domain/run/verdict.ts";
import { Recorder } from "../../../src/engine/recorder.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import type { GeneratorBudgets, Plan } from "../../../streams/schema/plan.ts";
import {
  finishOf,
  given,
  lossOf,
  origin,
  person,
  plan,
  running,
  stopping,
  zoneFinished,
} from "../run/fixture.ts";

const flat = (text: string) => text.replaceAll(/\s+/g, " ");

const calm: HealthSample = {
  agent: "f1",
  lagUsMax: 400,
  lagUsP99: 300,
  loopDelayUsMax: 2000,
  gcUs: 1000,
  cpuPermille: 300,
  rssKb: 90_000,
  clockOffsetUs: 0,
  drops: 0,
};

type Windows = Readonly<Record<number, Partial<HealthSample>>>;

/** A run of so many windows in which these were not calm. */
function summaryOf(of: Plan, windows: Windows, count = 20, stop = false) {
  const { state } = given(
    ...running(of),
    ...(stop ? [stopping(person)] : []),
    zoneFinished("fra"),
    zoneFinished("iad"),
  );
  const metrics = metricsFor(state);
  const recorder = new Recorder("root.1", {}, { elapsedUs: () => 0 });
  for (let window = 0; window < count; window++) {
    recorder.add(recorder.series(builtin("iteration_duration"), {}), 52_000);
    recorder.add(
      recorder.series(builtin("iteration_duration_intended"), {}),
      window === 9 ? 2_052_000 : 52_000,
    );
    const health = [{ ...calm, ...windows[window] }];
    metrics.add(recorder.close(window, { final: window === count - 1, health }));
  }
  // The frames of this run are no agents' log: only what is said of the generators is looked at here.
  const { document } = summarise("r", state, metrics);
  const whole = { ...document, completeness: { ...document.completeness, mismatches: [] } };
  const verdict = verdictOf(state, findingsIn(whole));
  return { document: { ...whole, ...verdict, cause: verdict.message }, verdict };
}

const withBudgets = (generator: Partial<GeneratorBudgets>): Plan => ({
  ...plan,
  windowMs: 1000,
  generator: { onBreach: "invalid", ...generator },
});
const lag = withBudgets({ scheduleLagMs: 500 });
const stopped: Windows = {
  8: { arrivals: 30, late: 0 },
  9: { arrivals: 170, late: 95, lagUsMax: 1_980_000, lagUsP99: 1_960_000 },
};

describe("the schedule lag", () => {
  it("of an agent that was stopped makes the run invalid, with the agent and the windows named", () => {
    const { document, verdict } = summaryOf(lag, stopped);
    expect(verdict).toEqual({
      outcome: "invalid",
      exitCode: 97,
      message:
        "the generator could not keep the load: agent fra/f1 was late: 95 of its 200 arrivals (47.50%) by more than " +
        "500ms, up to 1.98s, in windows 8–9",
    });
    expect(document.generator.breaches).toMatchObject([{ agent: "f1", measure: "scheduleLag", late: 95 }]);
    expect(adviceOn(document)).toMatch(/more agents or cores/);
    expect(flat(renderSummary(document))).toContain("✗ agent fra/f1 was late: 95 of its 200 arrivals");
  });

  it.each([
    ["1 % of the arrivals", 10, 1000, false],
    ["more than 1 %", 11, 1000, true],
    ["a single start, however few there are", 1, 5, false],
    ["two of few", 2, 5, true],
  ])("may be late in %s: %i of %i", (_, late, arrivals, isBroken) => {
    const { verdict } = summaryOf(lag, { 3: { arrivals, late, lagUsMax: 700_000 } });
    expect(verdict.exitCode === 97).toBe(isBroken);
  });

  it("is judged over all windows of the agent together", () => {
    const each = { arrivals: 1000, late: 9, lagUsMax: 700_000 };
    expect(summaryOf(lag, { 1: each, 2: each }).verdict.exitCode).toBe(0);
    expect(summaryOf(lag, { 1: { ...each, late: 12 }, 2: each }).verdict.exitCode).toBe(97);
  });

  it.each([
    [400, 0, "an agent of many says it"],
    [200, 97, "an agent of many says it"],
    [400, 0, "the zone of a lost one says it"],
  ])("is judged against all %i, not those in frames, with exit %i: %s", (started, exit, who) => {
    const of = { ...lag, scenarios: { open: arrivals } };
    const many = ["z1", ...Array.from({ length: 11 }, (_, n) => `x${n}`)];
    const stated = { planned: started, started, completed: started, interrupted: 0, dropped: 0 };
    const finish = { ...finishOf("z1"), tallies: { open: stated } };
    const lost = { ...lossOf("z1"), tallies: { open: stated } };
    const told = who.includes("lost")
      ? { type: "AgentLost", zone: "fra", loss: lost, origin: origin(1) }
      : { ...zoneFinished("fra"), agents: [finish] };
    const { state } = given(...running(of), told as RunEvent);
    const metrics = metricsFor(state);
    const recorder = new Recorder("root.1", {}, { elapsedUs: () => 0 });
    for (let window = 0; window < 20; window++) {
      const all = many.map((agent): HealthSample => {
        const isLate = agent === "z1" && window === 9;
        const worse =
          agent === "z1" ? {} : { lagUsMax: 900, loopDelayUsMax: 9000, gcUs: 9000, cpuPermille: 400 };
        return {
          ...calm,
          ...worse,
          agent,
          arrivals: 20,
          late: isLate ? 3 : 0,
          ...(isLate ? { cpuPermille: 999 } : {}),
        };
      });
      metrics.add(recorder.close(window, { final: window === 19, health: worstHealth(all.toReversed()) }));
    }
    const { generator } = summarise("r", state, metrics).document;
    expect(unfitIn(generator)).toHaveLength(exit === 0 ? 0 : 1);
    if (exit !== 0) expect(generator.breaches).toMatchObject([{ agent: "z1", arrivals: 200, late: 3 }]);
  });

  it("only warns, or says nothing, where the plan wants it so", () => {
    const warned = summaryOf(withBudgets({ onBreach: "warn", scheduleLagMs: 500 }), stopped);
    expect(warned.verdict.exitCode).toBe(0);
    expect(flat(renderSummary(warned.document))).toContain("! agent fra/f1 was late");
    const { generator: _, ...off } = lag;
    const silent = summaryOf(off, stopped);
    expect(silent.verdict.exitCode).toBe(0);
    expect(silent.document.generator).not.toHaveProperty("breaches");
    expect(renderSummary(silent.document)).not.toContain("generator healthy");
  });

  it("is no cause where another one ended the run", () => {
    expect(summaryOf(lag, stopped, 20, true).verdict).toMatchObject({ outcome: "aborted", exitCode: 105 });
  });

  it("comes before thresholds that failed", () => {
    const { document } = summaryOf(
      {
        ...lag,
        thresholds: { http_reqs: [{ threshold: "count>1", abortOnFail: false, delayAbortEvalMs: 0 }] },
      },
      stopped,
    );
    expect(document.thresholds).toMatchObject([{ judgement: "no data" }]);
    expect(document.exitCode).toBe(97);
  });
});

describe("the other budgets", () => {
  const stalled = { loopDelayUsMax: 1_500_000 };

  it.each([
    [
      "eventLoopDelayMs",
      1000,
      stalled,
      "stood still: event loop blocked for up to 1.5s in windows 4–6 (budget 1s)",
    ],
    [
      "gcPercent",
      20,
      { gcUs: 400_000 },
      "collected garbage: up to 40% of the time in windows 5–6 (budget 20%)",
    ],
    ["cpuPercent", 95, { cpuPermille: 1010 }, "was busy: up to 101% of a core in windows 5–6 (budget 95%)"],
    ["memoryMb", 500, { rssKb: 900_000 }, "was full: up to 900 MB of memory in windows 5–6 (budget 500 MB)"],
  ] as const)("%s is broken in more than a tenth of the windows, and in two", (name, budget, bad, said) => {
    const of = withBudgets({ [name]: budget });
    const broken = summaryOf(of, { 5: bad, 6: bad }, 10);
    expect(broken.verdict).toMatchObject({ exitCode: 97, outcome: "invalid" });
    expect(broken.verdict.message).toContain(`agent fra/f1 ${said}`);
    expect(summaryOf(of, { 5: bad }, 3).verdict.exitCode).toBe(0);
    expect(summaryOf(of, { 5: bad, 6: bad }, 20).verdict.exitCode).toBe(0);
    expect(summaryOf(withBudgets({}), { 5: bad, 6: bad }, 10).verdict.exitCode).toBe(0);
  });
});

describe("agents of one name in two zones", () => {
  /** What each zone merges of an agent f1, and root of both. */
  function rootFrame(window: number, healths: Readonly<Record<string, Partial<HealthSample>>>): Uint8Array {
    const sources = Object.keys(healths).map((zone) => `${zone}.1`);
    const root = new IntervalMerger({ ...merge, source: "root.1", children: sources });
    for (const [zone, health] of Object.entries(healths)) {
      const agent = new Recorder("f1.0", {}, { elapsedUs: () => 0 });
      const of = new IntervalMerger({ ...merge, source: `${zone}.1`, zone, children: ["f1.0"] });
      of.offer(agent.close(window, { final: true, health: [{ ...calm, ...health }] }), 0);
      root.offer(of.close(window), 0);
    }
    return root.close(window);
  }
  const merge = { windowMs: 1000, latenessMs: 500 };

  function generatorOf(healths: Readonly<Record<string, Partial<HealthSample>>>) {
    const { state } = given(...running(lag), zoneFinished("fra"), zoneFinished("iad"));
    const metrics = metricsFor(state);
    metrics.add(rootFrame(3, healths));
    return summarise("r", state, metrics).document.generator;
  }

  it("are judged each by itself, and told apart by their zones", () => {
    const late = { arrivals: 100, late: 3, lagUsMax: 700_000 };
    const generator = generatorOf({ fra: late, iad: { arrivals: 900, late: 0 } });
    expect(Object.keys(generator.byAgent)).toEqual(["fra/f1", "iad/f1"]);
    expect(generator.byAgent["iad/f1"]).toMatchObject({ agent: "iad/f1", lagUsMax: 400, rssKb: 90_000 });
    expect(generator.breaches).toMatchObject([
      {
        agent: "fra/f1",
        late: 3,
        arrivals: 100,
        message: expect.stringMatching(/^agent fra\/f1 was late: 3 of its 100/),
      },
    ]);
  });

  it("have plain names where there is one of them only, with its zone in the sentence", () => {
    const generator = generatorOf({ iad: { arrivals: 100, late: 3, lagUsMax: 700_000 } });
    expect(Object.keys(generator.byAgent)).toEqual(["f1"]);
    expect(generator.breaches).toMatchObject([
      { agent: "f1", message: expect.stringMatching(/^agent iad\/f1 was late/) },
    ]);
  });

  it("keep the name that a zone further down gave them", () => {
    const inner = [{ ...calm, agent: "lab/f1" }, calm];
    const named = inZone("fra", inner, (placed) => placed === "lab/f1");
    expect(named.map(({ agent }) => agent)).toEqual(["lab/f1", "fra/f1"]);
  });
});

describe("the summary of healthy generators", () => {
  it("says so in one calm line, and both latencies of an open model side by side", () => {
    const open = { ...lag, scenarios: { open: arrivals } };
    const text = flat(renderSummary(summaryOf(open, {}).document));
    expect(text).toContain(
      "✓ generator healthy: schedule lag p99 300µs, event loop at most 2ms late, cpu at most 30% of a core",
    );
    expect(text).toContain("iterations p99 52ms from their actual start, 2.05s from the intended one");
  });

  it("compares no latencies of open and closed models together", () => {
    expect(summaryOf(lag, {}).document.generator).not.toHaveProperty("p99Ms");
  });
});

const arrivals: Plan["scenarios"][string] = {
  executor: "constant-arrival-rate",
  exec: "default",
  startTimeMs: 0,
  gracefulStopMs: 0,
  env: {},
  tags: {},
  rate: 1,
  timeUnitMs: 1000,
  durationMs: 20_000,
  preAllocatedVus: 1,
  maxVus: 1,
};

describe("arrivals and late arrivals in a frame", () => {
  it("are there where something started, and absent elsewhere", () => {
    const recorder = new Recorder("a.1/w0", {}, { elapsedUs: () => 0 });
    const sample = { ...calm, arrivals: 7, late: 2 };
    expect(decodeHead(recorder.close(0, { final: false, health: [sample] })).health).toEqual([sample]);
    expect(decodeHead(recorder.close(1, { final: true, health: [calm] })).health).toEqual([calm]);
  });
});
