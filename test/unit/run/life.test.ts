/** The life of a run, step by step: what is asked, and what follows from the state. */
import { describe, expect, it } from "vitest";
import { awaitsSummary, awaitsVerdict, proceed } from "../../../src/domain/run/proceed.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import { requestOf } from "../plan/request.ts";
import {
  around,
  assigned,
  attempted,
  fact,
  given,
  person,
  planned,
  ready,
  running,
  shareFinished,
  shareReady,
  stagedPlan,
  START,
  started,
  zoneFinished,
  zoneReady,
} from "./fixture.ts";

const ended = (stage: "setup" | "teardown" | "summary", value?: unknown): RunEvent => ({
  type: "StageEnded",
  stage,
  result: "succeeded",
  ...(value === undefined ? {} : { value }),
});
const summarised: RunEvent = {
  type: "SummaryRecorded",
  intervals: 11,
  sha256: "0".repeat(64),
  summary: { metrics: {} },
};
const END = START + 10_000_000;
const request = requestOf({ vus: 2, duration: "1s" });

describe("run", () => {
  it("begins with its plan", () => {
    const [event] = given().when({ type: "Plan", request, actor: "ana@laptop" }).events;
    expect(event).toMatchObject({ type: "RunPlanned", actor: "ana@laptop", plan: { agents: 1 } });
  });

  it("is refused with every problem at once, and is over then", () => {
    const bad = requestOf({ vus: -1, duration: "soon" });
    const asked = given().when({ type: "Plan", request: bad, actor: "ana@laptop" });
    expect(asked.events).toHaveLength(1);
    const [event] = asked.events;
    if (event?.type !== "RunRefused") throw new Error("it was not refused");
    expect(event.problems.map(({ path }) => path).length).toBeGreaterThan(1);
    const over = asked.given();
    expect(over.state).toMatchObject({ phase: "refused", problems: event.problems });
    over.when({ type: "Plan", request, actor: "ana@laptop" }).leadsTo();
    over.when({ type: "Stop", cause: person }).leadsTo();
    expect(proceed(over.state, around())).toEqual([]);
  });

  it("is planned once", () => {
    given(planned()).when({ type: "Plan", request, actor: "bob" }).leadsTo();
  });

  it("does nothing before it is planned", () => {
    given().when({ type: "Stop", cause: person }).leadsTo();
    expect(proceed(given().state, around())).toEqual([]);
  });

  it("is divided among its zones by weight as soon as all of them are heard", () => {
    const { state } = given(planned());
    expect(proceed(state, around(START, ["fra"]))).toEqual([]);
    expect(proceed(state, around())).toEqual([assigned]);
  });

  it("is ready when every zone is", () => {
    const one = given(planned(), assigned).when(fact("fra", shareReady("fra")));
    one.leadsTo(zoneReady("fra"));
    expect(proceed(one.given().state, around())).toEqual([]);
    one
      .given()
      .when(fact("fra", shareReady("fra")))
      .leadsTo(); // said twice
    const both = one
      .given()
      .when(fact("iad", shareReady("iad")))
      .given();
    expect(proceed(both.state, around())).toEqual([{ type: "RunReady" }]);
    expect(both.state.members.map(({ zone, agent }) => `${zone}/${agent}`)).toEqual([
      "fra/f1",
      "fra/f2",
      "iad/i1",
    ]);
  });

  it("starts a moment from now", () => {
    const { state } = given(planned(), assigned, ...ready);
    expect(proceed(state, around(START - 500_000))).toEqual([started]);
  });

  it("runs setup on one agent before it starts, and once", () => {
    const before = given(planned(stagedPlan), assigned, ...ready);
    expect(proceed(before.state, around())).toEqual([attempted("setup")]);
    const during = before.and(attempted("setup"));
    expect(proceed(during.state, around())).toEqual([]);
    expect(proceed(during.and(ended("setup", { token: 1 })).state, around(START - 500_000))).toEqual([
      started,
    ]);
  });

  it("drains when its regular duration is over, or when nobody has anything left to do", () => {
    const run = given(...running());
    expect(proceed(run.state, around(END - 1))).toEqual([]);
    expect(proceed(run.state, around(END))).toEqual([{ type: "RunDraining" }]);
    const early = run.and(zoneFinished("fra"), zoneFinished("iad"));
    expect(proceed(early.state, around(START + 1))).toEqual([{ type: "RunDraining" }]);
  });

  it("waits for its summary once every zone has finished, and then for its verdict", () => {
    const draining = given(...running(), { type: "RunDraining" });
    expect(awaitsSummary(draining.state)).toBe(false);
    const one = draining.when(fact("fra", shareFinished("fra"))).given();
    expect(awaitsSummary(one.state)).toBe(false);
    const both = one.when(fact("iad", shareFinished("iad"))).given();
    expect([awaitsSummary(both.state), awaitsVerdict(both.state)]).toEqual([true, false]);
    both.when(fact("iad", shareFinished("iad"))).leadsTo();
    const done = both.when({ type: "Summarised", intervals: 11, sha256: "0".repeat(64), summary: {} });
    expect([awaitsSummary(done.given().state), awaitsVerdict(done.given().state)]).toEqual([false, true]);
    done
      .given()
      .when({ type: "Summarised", intervals: 12, sha256: "1".repeat(64), summary: {} })
      .leadsTo();
  });

  it("runs teardown and then handleSummary, each once", () => {
    const settled = given(
      ...running(stagedPlan).toSpliced(-1, 0, attempted("setup"), ended("setup", { token: 1 })),
      { type: "RunDraining" },
      zoneFinished("fra"),
      zoneFinished("iad"),
    );
    expect(proceed(settled.state, around())).toEqual([attempted("teardown")]);
    const torn = settled.and(attempted("teardown"));
    expect([proceed(torn.state, around()), awaitsSummary(torn.state)]).toEqual([[], false]);
    const after = torn.and(ended("teardown"));
    expect([proceed(after.state, around()), awaitsSummary(after.state)]).toEqual([[], true]);
    const shown = after.and(summarised);
    expect(awaitsVerdict(shown.state)).toBe(false);
    expect(proceed(shown.state, around())).toEqual([attempted("summary")]);
    expect(awaitsVerdict(shown.and(attempted("summary"), ended("summary")).state)).toBe(true);
  });

  it("ends with its verdict, after which nothing happens any more", () => {
    const asked = given(...running(), { type: "RunDraining" }, summarised).when({
      type: "Judged",
      findings: { incomplete: [], failedThresholds: [] },
    });
    const message = "the run went to its planned end";
    asked.leadsTo({ type: "VerdictGiven", revision: 0, outcome: "passed", exitCode: 0, message });
    const over = asked.given();
    expect(over.state).toMatchObject({ phase: "ended", verdict: { outcome: "passed", exitCode: 0 } });
    over.when({ type: "Stop", cause: person }).leadsTo();
    over.when(fact("fra", shareFinished("fra"))).leadsTo();
    expect(proceed(over.state, around())).toEqual([]);
    const revised: RunEvent = {
      type: "VerdictGiven",
      revision: 1,
      outcome: "failed",
      exitCode: 99,
      message: "later data",
    };
    expect(over.and(revised).state.verdict).toMatchObject({ outcome: "passed" });
  });

  it("goes on under another root", () => {
    const taken = given(...running()).when({ type: "TakeOver", root: "root-b", epoch: 7 });
    taken.leadsTo({ type: "LeaderChanged", root: "root-b", epoch: 7 });
    expect(taken.given().state).toMatchObject({ phase: "running", epoch: 7 });
  });

  it("ignores zones that are not its own", () => {
    const stranger = { ...fact("fra", shareReady("fra")), zone: "syd" };
    given(planned(), assigned).when(stranger).leadsTo();
  });
});
