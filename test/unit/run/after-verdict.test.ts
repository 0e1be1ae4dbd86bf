/** What may still happen to a run that has its verdict: late data, closing, landing; and nothing else. */
import { describe, expect, it } from "vitest";
import { instruct } from "../../../src/domain/run/instruct.ts";
import type { RunInput } from "../../../src/domain/run/input.ts";
import { awaitsLanding, isClosed } from "../../../src/domain/run/state.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import {
  fact,
  given,
  person,
  plan,
  running,
  shareFinished,
  START,
  stopping,
  zoneFinished,
  lossOf,
  origin,
} from "./fixture.ts";

const until = START + 3_600_000_000;
const zoneLost: RunEvent = { type: "ZoneLost", zone: "iad", reason: "not heard for 300 s" };
const cause = { kind: "agents-lost", message: "not heard for 300 s", by: "zone iad" } as const;
const summarised: RunEvent = { type: "SummaryRecorded", intervals: 12, sha256: "a".repeat(64), summary: {} };
const awaited: RunEvent = { type: "LateDataAwaited", until, zones: ["iad"] };
const verdict: RunEvent = {
  type: "VerdictGiven",
  revision: 0,
  outcome: "errored",
  exitCode: 112,
  message: "not heard for 300 s (zone iad)",
};
const closed: RunEvent = { type: "RunClosed", reason: "everything is in" };
const before = [...running(), zoneLost, stopping(cause), zoneFinished("fra"), summarised];
const ended = given(...before, verdict);
const late = given(...before, awaited, verdict);
const revise: RunInput = {
  type: "Revised",
  intervals: 15,
  sha256: "b".repeat(64),
  summary: { more: true },
  findings: { incomplete: [], failedThresholds: [] },
};
const findings = { incomplete: [], failedThresholds: [] };

describe("verdict without all data", () => {
  it("says first what is awaited, so that whoever reads the verdict knows", () => {
    const run = given(...before);
    run.when({ type: "Judged", findings, late: { until, zones: ["iad"] } }).leadsTo(awaited, verdict);
    run.when({ type: "Judged", findings }).leadsTo(verdict);
  });

  it("lets go of the zones that are whole, and of the others when the run is closed", () => {
    const told = (events: readonly RunEvent[], event: RunEvent) =>
      instruct("r", given(...events, event).state, event).map(({ zone, command }) => [zone, command.type]);
    expect(told([...before, awaited], verdict)).toEqual([["fra", "ForgetRun"]]);
    expect(told([...before, awaited, verdict], closed)).toEqual([["iad", "ForgetRun"]]);
  });
});

describe("late data", () => {
  it("of a zone that was given up and came back are taken, and end nothing a second time", () => {
    const back = late.when(fact("iad", shareFinished("iad")));
    back.leadsTo(zoneFinished("iad"));
    expect(back.given().state.zones.find(({ zone }) => zone === "iad")).toMatchObject({
      lost: false,
      finished: true,
      intervals: 11,
    });
    back
      .given()
      .when(fact("iad", shareFinished("iad")))
      .leadsTo();
  });

  it("tell of agents that were lost, for the books, and stop nothing any more", () => {
    const loss = lossOf("i1");
    late
      .when(fact("iad", { type: "AgentLost", run: "r", loss }))
      .leadsTo({ type: "AgentLost", zone: "iad", loss, origin: origin(1) });
  });

  it("revise the report, one revision after the other, and never the verdict", () => {
    const first = late.when(revise).given();
    const second = first.when({ ...revise, intervals: 16, sha256: "c".repeat(64) }).given();
    expect(second.events.slice(-2)).toMatchObject([
      { type: "ReportRevised", revision: 1, intervals: 15, outcome: "errored", exitCode: 112 },
      { type: "ReportRevised", revision: 2, intervals: 16 },
    ]);
    expect(second.state.verdict).toEqual(late.state.verdict);
    expect(second.state.summary).toEqual(late.state.summary);
  });

  it("are not taken any more once the run is closed", () => {
    const shut = late.when({ type: "Close", reason: "everything is in" }).given();
    expect(shut.events.at(-1)).toEqual(closed);
    expect([isClosed(late.state), isClosed(shut.state), isClosed(ended.state)]).toEqual([false, true, true]);
    for (const input of [fact("iad", shareFinished("iad")), revise, { type: "Close", reason: "" } as const]) {
      shut.when(input).leadsTo();
      ended.when(input).leadsTo();
    }
  });

  it("change nothing while the run goes on", () => {
    for (const input of [revise, { type: "Close", reason: "" }, { type: "Land" }] as const) {
      given(...running())
        .when(input)
        .leadsTo();
    }
  });
});

describe("landing", () => {
  const landed: RunInput = { type: "Landed", revision: 0, intervals: 12, rows: { trends: 4 } };

  it("is an attempt first, and once it has landed there is no other", () => {
    const tried = ended.when({ type: "Land" });
    tried.leadsTo({ type: "LandingAttempted", attempt: 1 });
    const again = tried.given().when({ type: "Land" });
    again.leadsTo({ type: "LandingAttempted", attempt: 2 });
    const done = again.given().when(landed);
    done.leadsTo({ type: "HistoryLanded", attempt: 2, revision: 0, intervals: 12, rows: { trends: 4 } });
    done.given().when({ type: "Land" }).leadsTo();
  });

  it("is due again after a revision, and never where the plan wants no history", () => {
    const after = given(...late.events, { type: "LandingAttempted", attempt: 1 })
      .when(landed)
      .given();
    expect(awaitsLanding(after.state)).toBe(false);
    const revised = after.when(revise).given();
    expect(awaitsLanding(revised.state)).toBe(true);
    revised.when(landed).leadsTo(); // what landed is not the last word any more
    const none = given(...running({ ...plan, history: false }), stopping(person), summarised, verdict);
    none.when({ type: "Land" }).leadsTo();
  });
});
