/** A share of a run in a zone: divided by cores, ready, started, stopped, finished, forgotten. */
import { describe, expect, it } from "vitest";
import { scaleShare } from "../../../src/domain/segment/share.ts";
import { proceed } from "../../../src/domain/zone/decide.ts";
import type { ZoneInput } from "../../../src/domain/zone/input.ts";
import { idleAgents } from "../../../src/domain/zone/state.ts";
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { finishOf } from "../run/fixture.ts";
import {
  agentReady,
  assigned,
  divided,
  finished,
  given,
  joined,
  lost,
  part,
  person,
  plan,
  running,
  says,
  share,
  shareReady,
  shareStarted,
  started,
} from "./fixture.ts";

const told = (command: NodeCommand, zoneStartAt = 0): ZoneInput => ({
  type: "Command",
  command,
  zoneStartAt,
});
const assign = told({ type: "AssignShare", run: "r", plan, share, agents: 2, workers: 0 });
const start = told({ type: "StartRun", run: "r", startAt: 100 }, 90);
const stop = told({ type: "StopRun", run: "r", cause: person });
const stopping: ZoneEvent = { type: "ShareStopping", run: "r", cause: person };
const arrived = (agent: string, incarnation = 0): ZoneInput => ({
  type: "Arrived",
  run: "r",
  agent,
  incarnation,
});
const two = [started, joined("a1", 2), joined("a2", 6)] as const;

describe("zone", () => {
  it("starts under a new incarnation each time", () => {
    const again = { type: "Start", zone: "fra", protocol: 1, program: "mesh" } as const;
    const first = given().when(again);
    first.leadsTo(started);
    first
      .given()
      .when(again)
      .leadsTo({ ...started, incarnation: 2 } as ZoneEvent);
  });
});

describe("share", () => {
  it("is taken once", () => {
    given(...two)
      .when(assign)
      .leadsTo(assigned());
    given(...two, assigned())
      .when(assign)
      .leadsTo();
  });

  it("is divided by cores, nested in the zone's own share, and nothing is lost of it", () => {
    const [event] = proceed(given(...two, assigned()).state);
    expect(event).toEqual(divided);
    expect(proceed(given(...two, assigned(), divided).state)).toEqual([]);
    const parts = [part("a1", [2, 6], 0, 2), part("a2", [2, 6], 1, 6)];
    const vus = parts.map((each) => scaleShare(each.share, 30));
    expect(vus).toEqual([5, 15]); // 20 of the 30 belong to this zone
  });

  it("needs no more workers than there are VUs, but always one", () => {
    const few = { ...assigned(), plan: { ...plan, scenarios: {} } } as ZoneEvent;
    const [event] = proceed(given(...two, few).state);
    expect(event).toMatchObject({ parts: [{ workers: 1 }, { workers: 1 }] });
  });

  it("waits for enough idle agents, and says how many there are when it waited too long", () => {
    const waiting = given(started, joined("a1"), assigned());
    expect(proceed(waiting.state)).toEqual([]);
    const refused = waiting.when({ type: "WaitedLongEnough", run: "r", seconds: 10 });
    const message =
      "zone fra has 1 of the 2 idle agents it needs, after 10 s; start more: mesh agent --zone fra";
    refused.leadsTo({ type: "ShareRefused", run: "r", cause: { kind: "agents-missing", message, by: "" } });
    expect(proceed(refused.given().and(joined("a2")).state)).toEqual([]);
    refused.given().when({ type: "WaitedLongEnough", run: "r", seconds: 20 }).leadsTo();
    running.when({ type: "WaitedLongEnough", run: "r", seconds: 10 }).leadsTo();
  });

  it("does not use agents that are busy or gone", () => {
    const busy = running.and(joined("a3"), assigned(1, "second"));
    expect(proceed(busy.state)).toMatchObject([{ run: "second", parts: [{ agent: "a3" }] }]);
    const gone = busy.and({ type: "AgentLeft", agent: "a3", incarnation: 0 });
    expect(proceed(gone.state)).toEqual([]);
    const free = gone.and({ type: "ShareForgotten", run: "r" });
    expect(idleAgents(free.state).map(({ agent }) => agent)).toEqual(["a1", "a2"]);
    expect(proceed(free.state)).toMatchObject([{ run: "second", parts: [{ agent: "a1" }] }]);
  });

  it("is refused when the zone cannot serve its script", () => {
    given(...two, assigned())
      .when({ type: "CannotServe", run: "r", message: "no such bundle" })
      .leadsTo({
        type: "ShareRefused",
        run: "r",
        cause: { kind: "script-failed", message: "no such bundle", by: "zone fra" },
      });
  });

  it("is ready after all of its agents have arrived, each counted once", () => {
    const open = given(...two, assigned(), divided);
    const first = open.when(arrived("a2"));
    first.leadsTo(agentReady("a2"));
    first.given().when(arrived("a2")).leadsTo();
    first.given().when(arrived("stranger")).leadsTo();
    first.given().when(arrived("a1", 1)).leadsTo(); // another life of a1
    first.given().when(arrived("a1")).leadsTo(agentReady("a1"), shareReady);
    open.when({ type: "Arrived", run: "other", agent: "a1", incarnation: 0 }).leadsTo();
  });

  it("starts once, when it is ready and not stopped", () => {
    const ready = given(...two, assigned(), divided, agentReady("a1"), agentReady("a2"), shareReady);
    ready.when(start).leadsTo(shareStarted);
    ready.and(shareStarted).when(start).leadsTo();
    ready.and(stopping).when(start).leadsTo();
    given(...two, assigned(), divided)
      .when(start)
      .leadsTo();
  });

  it("stops once, for the first cause", () => {
    running.when(stop).leadsTo(stopping);
    running.and(stopping).when(stop).leadsTo();
    given(started).when(stop).leadsTo();
    const other: ZoneEvent = { type: "ShareStopping", run: "r", cause: { ...person, by: "bob" } };
    expect(running.and(stopping, other).state.shares["r"]?.stopping).toEqual(person);
  });

  it("is finished only after every part has stated its totals or is lost, and all of it is merged", () => {
    const merged: ZoneInput = { type: "Merged", run: "r", intervals: 12 };
    const one = running.and(finished("a1"));
    one.when(merged).leadsTo();
    const finishes = { agents: [finishOf("a1")], intervals: 12 };
    const done = one.and(lost("a2", "quiet")).when(merged);
    done.leadsTo({ type: "ShareFinished", run: "r", incarnation: 1, ...finishes });
    done.given().when(merged).leadsTo();
    const both = one.and(finished("a2")).when(merged).events;
    expect(both).toMatchObject([{ agents: [{ agent: "a1" }, { agent: "a2" }] }]);
  });

  it("says what of its agents' intervals could not be counted", () => {
    const aside = { intervals: 3, reason: "they did not arrive" };
    const settled = running.and(finished("a1"), finished("a2"));
    const [event] = settled.when({ type: "Merged", run: "r", intervals: 12, aside }).events;
    expect(event).toMatchObject({ type: "ShareFinished", intervals: 12, aside });
  });

  it("is finished anew when intervals arrive that were missing, and not otherwise", () => {
    const merged = (intervals: number, missing: number): ZoneInput => ({
      type: "Merged",
      run: "r",
      intervals,
      ...(missing === 0 ? {} : { aside: { intervals: missing, reason: "late", missing } }),
    });
    const settled = running.and(finished("a1"), finished("a2"));
    const first = settled.when(merged(5, 3)).given();
    first.when(merged(5, 3)).leadsTo();
    const second = first.when(merged(7, 1));
    expect(second.events).toMatchObject([{ type: "ShareFinished", intervals: 7, aside: { missing: 1 } }]);
    const whole = second.given().when(merged(8, 0)).given();
    expect(whole.events.at(-1)).toMatchObject({ type: "ShareFinished", intervals: 8 });
    expect(whole.events.at(-1)).not.toHaveProperty("aside");
    whole.when(merged(9, 0)).leadsTo();
  });

  it("is finished at once when it is stopped before it was divided", () => {
    const merged: ZoneInput = { type: "Merged", run: "r", intervals: 0 };
    given(started, assigned()).when(merged).leadsTo();
    given(started, assigned(), stopping)
      .when(merged)
      .leadsTo({ type: "ShareFinished", run: "r", incarnation: 1, agents: [], intervals: 0 });
  });

  it("is forgotten once, and then nothing of it is heard any more", () => {
    const forget = told({ type: "ForgetRun", run: "r" });
    const forgotten = running.when(forget);
    forgotten.leadsTo({ type: "ShareForgotten", run: "r" });
    forgotten.given().when(forget).leadsTo();
    forgotten
      .given()
      .when(says("a1", { type: "PartFinished", run: "r", finish: finishOf("a1") }))
      .leadsTo();
  });
});

describe("coordinator that takes over between the last arrival and its word", () => {
  const almost = [...two, assigned(), divided, agentReady("a1")] as const;

  it("says that the share is ready", () => {
    expect(proceed(given(...almost).state)).toEqual([]);
    expect(proceed(given(...almost, agentReady("a2")).state)).toEqual([shareReady]);
  });

  it("says it once, and not of a share that is being stopped", () => {
    expect(proceed(given(...almost, agentReady("a2"), shareReady).state)).toEqual([]);
    expect(proceed(given(...almost, agentReady("a2"), stopping).state)).toEqual([]);
  });
});
