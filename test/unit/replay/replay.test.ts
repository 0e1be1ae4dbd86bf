/** Replay: a whole log gives the same; a spoiled one is named at the place where it is spoiled. */
import { describe, expect, it } from "vitest";
import { decodeInterval, encodeInterval } from "../../../src/domain/interval/codec.ts";
import { canonicalJson, type SummaryDocument } from "../../../src/domain/summary/document.ts";
import { renderSummary } from "../../../src/domain/summary/render.ts";
import {
  abortedRun,
  chainedAnew,
  edited,
  finishedRun,
  type Logs,
  replayOf,
  revisedRun,
  RUN,
  swapped,
  without,
} from "./fixture.ts";

const run = finishedRun();
const types = run.events.map(({ envelope }) => envelope.type);
const indexOf = (type: string) => types.indexOf(type);
const stored = (logs: Logs = run): SummaryDocument => {
  const entry = logs.events.find(({ envelope }) => envelope.type === "SummaryRecorded");
  return (JSON.parse(new TextDecoder().decode(entry?.data)) as { summary: SummaryDocument }).summary;
};

describe("replay of a whole log", () => {
  it("gives the same summary, byte for byte, and no difference", () => {
    const { differences, events, intervals, ok, state, summary } = replayOf(run);
    expect(differences).toEqual([]);
    expect(ok).toBe(true);
    expect([events, intervals]).toEqual([run.events.length, run.intervals.length]);
    expect(canonicalJson(summary)).toBe(canonicalJson(stored()));
    expect(stored().outcome).toBe("failed");
    expect(state.verdict?.exitCode).toBe(99);
  });

  it("leaves out intervals that came after the summary was made", () => {
    const last = run.intervals.at(-1);
    if (last === undefined) throw new Error("the fixture has intervals");
    const { head, series } = decodeInterval(last.data);
    const data = encodeInterval({ ...head, number: 2, window: 2, adds: [] }, new Map(), series);
    const late = { ...last, sequence: last.sequence + 1, data };
    const { differences, intervals } = replayOf({ ...run, intervals: [...run.intervals, late] });
    expect(differences).toEqual([]);
    expect(intervals).toBe(3);
  });

  it("makes every later revision again, from the state and the intervals that it had", () => {
    const revised = revisedRun();
    expect(replayOf(revised).differences).toEqual([]);
    const spoiled = edited(revised.events, "ReportRevised", (body) =>
      body.replace(/"exitCode":\d+(?!.*"exitCode")/, '"exitCode":0'),
    );
    const [, ...found] = replayOf({ ...revised, events: spoiled }).differences;
    expect(found).toEqual([expect.objectContaining({ in: "verdict", path: "exitCode", stored: 0 })]);
  });

  it("finds the same breach at the same interval, where a threshold has ended the run", () => {
    const aborted = abortedRun();
    const { differences, state } = replayOf(aborted);
    expect(differences).toEqual([]);
    expect(state.evidence).toMatchObject({ interval: 0, threshold: "max<1" });
    const spoiled = edited(aborted.events, "RunStopping", (body) =>
      body.replace('"interval":0', '"interval":1'),
    );
    expect(replayOf({ ...aborted, events: spoiled }).differences).toContainEqual(
      expect.objectContaining({ in: "evidence", path: "interval", stored: 1, replayed: 0 }),
    );
  });

  it("finds the same breach in the same windows, where that threshold has a timeframe", () => {
    const aborted = abortedRun(true);
    const { differences, state } = replayOf(aborted);
    expect(differences).toEqual([]);
    expect(state.evidence).toMatchInlineSnapshot(`
      {
        "interval": 4,
        "metric": "http_req_duration{status:500}",
        "observed": 3.5,
        "threshold": "max<1 within 3s",
        "window": 4,
        "windows": [
          0,
          4,
        ],
      }
    `);
    expect(stored(aborted).thresholds).toMatchInlineSnapshot(`
      [
        {
          "frame": {
            "fromMs": 0,
            "toMs": 1000,
            "windows": [
              0,
              4,
            ],
          },
          "judgement": "fail",
          "metric": "http_req_duration{status:500}",
          "observed": 3.5,
          "threshold": "max<1 within 3s",
        },
        {
          "frame": {
            "fromMs": 0,
            "toMs": 1000,
            "windows": [
              0,
              4,
            ],
          },
          "judgement": "fail",
          "metric": "http_reqs",
          "observed": 60,
          "threshold": "rate>1000 within 2s",
        },
      ]
    `);
    const spoiled = edited(aborted.events, "RunStopping", (body) =>
      body.replace('"windows":[0,', '"windows":[1,'),
    );
    expect(replayOf({ ...aborted, events: spoiled }).differences).toContainEqual(
      expect.objectContaining({ in: "evidence", path: "windows[0]", stored: 1, replayed: 0 }),
    );
  });

  it("says that a run without a verdict is open, or cut off", () => {
    const open = replayOf({ events: run.events.slice(0, indexOf("RunStarted") + 1), intervals: [] });
    expect(open.summary).toBeUndefined();
    expect(open.differences.map(({ message }) => message)).toEqual([
      expect.stringMatching(/^run log: it ends with RunStarted, sequence \d+: the run is still open, or/),
    ]);
  });

  it("takes a refused run as it is", () => {
    const refused = {
      type: "RunRefused",
      problems: [{ path: "options", message: "are wrong" }],
      actor: "ada",
    };
    const first = run.events.slice(0, 1);
    const entry = edited(first, "RunPlanned", () => JSON.stringify(refused)).map((each) => ({
      ...each,
      envelope: { ...each.envelope, type: "RunRefused" },
    }));
    const replayed = replayOf({ events: chainedAnew(entry), intervals: [] });
    expect(replayed).toMatchObject({ ok: true, summary: undefined, state: { phase: "refused" } });
  });
});

describe("replay of a run log that was changed", () => {
  it.each(types.slice(0, -1).map((type, index) => [index, type] as const))(
    "finds that event %i, %s, is missing",
    (index) => {
      const { differences, ok } = replayOf({
        ...run,
        events: run.events.filter((_, each) => each !== index),
      });
      const after = run.events[index + 1];
      expect(ok).toBe(false);
      expect(differences[0]).toMatchObject({
        in: "run log",
        sequence: after?.sequence,
        type: after?.envelope.type,
        id: after?.envelope.id,
      });
      expect(differences[0]?.message).toMatch(/missing or was moved/);
    },
  );

  it("finds that the last event is missing", () => {
    const { differences } = replayOf({ ...run, events: run.events.slice(0, -1) });
    expect(differences[0]).toMatchObject({ in: "run log", type: "VerdictGiven" });
  });

  it.each(types.map((type, index) => [index, type] as const))(
    "finds that event %i, %s, was edited",
    (index, type) => {
      const entry = run.events[index];
      const events = run.events.map((each, at) =>
        at === index ? { ...each, data: new Uint8Array([...each.data, 32]) } : each,
      );
      const { differences } = replayOf({ ...run, events });
      expect(differences).toHaveLength(1);
      expect(differences[0]).toMatchObject({ in: "run log", sequence: entry?.sequence, type });
      expect(differences[0]?.message).toMatch(/was edited/);
    },
  );

  it("finds that an envelope was edited", () => {
    const events = run.events.map((each) =>
      each.envelope.type === "RunReady" ? { ...each, envelope: { ...each.envelope, actor: "eve" } } : each,
    );
    expect(replayOf({ ...run, events }).differences[0]).toMatchObject({ type: "RunReady" });
  });

  it.each(types.slice(0, -1).map((type, index) => [index, type] as const))(
    "finds that event %i, %s, changed places with the next",
    (index) => {
      const { differences } = replayOf({ ...run, events: swapped(run.events, index) });
      expect(differences[0]).toMatchObject({
        in: "run log",
        sequence: run.events[index]?.sequence,
        type: types[index + 1],
      });
    },
  );

  it("goes on after an event that cannot be read", () => {
    const { differences, events } = replayOf({ ...run, events: edited(run.events, "RunReady", () => "{") });
    expect(events).toBe(run.events.length);
    expect(differences.map(({ message }) => message).slice(0, 2)).toEqual([
      expect.stringContaining("was edited"),
      expect.stringContaining("cannot be read"),
    ]);
  });

  it("finds an edited fact by what follows from it, even when the chain was made anew", () => {
    const events = chainedAnew(
      edited(run.events, "ZoneFinished", (body) => body.replace('"completed":40', '"completed":39')),
    );
    const { differences } = replayOf({ ...run, events });
    expect(differences[0]).toMatchObject({ in: "summary" });
    expect(differences.map(({ path }) => path)).toContain('ledger.agents["a-1"].completed');
    expect(differences.at(-1)).toMatchObject({ in: "verdict" });
  });
});

describe("replay without the summary", () => {
  it.each([
    ["before the verdict", run],
    ["before handleSummary", finishedRun(true)],
  ])("prints the same one, %s, and says that it is missing", (_, logs) => {
    const replayed = replayOf({ ...logs, events: without(logs.events, "SummaryRecorded") });
    expect(replayed.ok).toBe(false);
    expect(replayed.differences.map(({ message }) => message)).toEqual([
      expect.stringMatching(/an event before \w+ is missing/),
      expect.stringMatching(/SummaryRecorded is missing/),
    ]);
    expect(canonicalJson(replayed.summary)).toBe(canonicalJson(stored(logs)));
    expect(replayed.summary === undefined ? "" : renderSummary(replayed.summary)).toBe(
      renderSummary(stored(logs)),
    );
  });

  it("prints the same one when the log ends before it", () => {
    const events = run.events.slice(0, indexOf("SummaryRecorded"));
    const { differences, summary } = replayOf({ ...run, events });
    expect(differences.map(({ type }) => type)).toEqual(["SummaryRecorded", "VerdictGiven"]);
    expect(canonicalJson(summary)).toBe(canonicalJson(stored()));
  });

  it("takes the state before it, not what was learned later", () => {
    const logs = finishedRun(true);
    // The agent that ran handleSummary was lost after the summary: that is not in it.
    const loss = {
      type: "AgentLost",
      zone: "a",
      loss: { agent: "a-1", incarnation: 1, reason: "silent", tallies: {}, intervals: 2, lastWindow: 1 },
      origin: { stream: "S", sequence: 9, id: "zone.a.9.1" },
    };
    const stage = logs.events.find(({ envelope }) => envelope.type === "StageAttempted");
    if (stage === undefined) throw new Error("the fixture has no stage");
    const lost = {
      ...stage,
      envelope: { ...stage.envelope, type: "AgentLost", id: `${RUN}.x.1` },
      data: new TextEncoder().encode(JSON.stringify(loss)),
    };
    const whole = chainedAnew(logs.events.flatMap((each) => (each === stage ? [lost, each] : [each])));
    expect(replayOf({ ...logs, events: whole }).differences).toEqual([]);
    const { summary } = replayOf({ ...logs, events: without(whole, "SummaryRecorded") });
    expect(canonicalJson(summary)).toBe(canonicalJson(stored(logs)));
  });
});

describe("replay of a stored summary that was changed", () => {
  it("names the path and both values", () => {
    const events = chainedAnew(
      edited(run.events, "SummaryRecorded", (body) => body.replace('"exitCode":99', '"exitCode":0')),
    );
    const { differences } = replayOf({ ...run, events });
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatchObject({ in: "summary", path: "exitCode", stored: 0, replayed: 99 });
  });

  it("notices a wrong hash over the right summary", () => {
    const other = (digit: string) => (digit === "f" ? "0" : "f");
    const events = chainedAnew(
      edited(run.events, "SummaryRecorded", (body) =>
        body.replace(/"sha256":"(.)/, (_, digit: string) => `"sha256":"${other(digit)}`),
      ),
    );
    const { differences } = replayOf({ ...run, events });
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatchObject({ in: "summary", path: "sha256" });
  });

  it("names the verdict that does not follow", () => {
    const events = chainedAnew(
      edited(run.events, "VerdictGiven", (body) => body.replace('"exitCode":99', '"exitCode":0')),
    );
    const { differences } = replayOf({ ...run, events });
    expect(differences).toHaveLength(1);
    expect(differences[0]).toMatchObject({ in: "verdict", path: "exitCode", stored: 0, replayed: 99 });
  });
});

describe("replay of an interval log that was changed", () => {
  const [first, second] = run.intervals;
  if (first === undefined || second === undefined) throw new Error("the fixture has two intervals");

  it.each([
    ["its first interval is missing", [second], /interval 0 is missing or moved/],
    ["its last interval is missing", [first], /the summary read 2 intervals, the log ends after 1/],
    ["its intervals changed places", [second, first], /interval 0 is missing or moved/],
    ["an interval is there twice", [first, first, second], /interval 0 comes after 0/],
    ["an interval cannot be read", [{ ...first, data: first.data.slice(0, 40) }, second], /cannot be read/],
  ] as const)("finds that %s", (_, intervals, words) => {
    const { differences, ok } = replayOf({ ...run, intervals });
    expect(ok).toBe(false);
    expect(differences[0]).toMatchObject({ in: "interval log" });
    expect(differences[0]?.message).toMatch(words);
  });
});
