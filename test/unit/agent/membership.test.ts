/** Membership: joining, coming back, leaving, and being lost. */
import { describe, expect, it } from "vitest";
import { answerBeat } from "../../../src/domain/agent/membership.ts";
import { instruct } from "../../../src/domain/zone/instruct.ts";
import { idleAgents, liveAgents } from "../../../src/domain/zone/state.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { finished, given, hello, joined, lost, running, says, started } from "../zone/fixture.ts";

const withoutRun = (agent: string, reason: string): ZoneEvent => ({
  type: "AgentLost",
  loss: { agent, incarnation: 0, reason, tallies: {}, intervals: 0, lastWindow: -1 },
});
const rejoined: ZoneEvent = {
  type: "AgentJoined",
  agent: "a1",
  session: "new",
  incarnation: 1,
  cores: 2,
  host: "h",
  labels: {},
};
const live = (zone: { readonly state: typeof running.state }) =>
  liveAgents(zone.state).map(({ agent, incarnation }) => `${agent}.${incarnation}`);

describe("agent", () => {
  it("joins under incarnation 0, and is told so", () => {
    const decided = given(started).when(hello("a1", "a1-0"));
    decided.leadsTo(joined("a1"));
    const { state, events } = decided.given();
    expect(live({ state })).toEqual(["a1.0"]);
    expect(instruct(state, events.at(-1) as ZoneEvent)).toEqual([
      { agent: "a1", command: { type: "Admit", session: "a1-0", incarnation: 0 } },
    ]);
  });

  it("that says it has cores without end is taken with so many as can be summed, under a name that is one", () => {
    const said = hello("a1", "a1-0");
    const report = {
      ...(said.type === "Report" && said.report),
      cores: Number.MAX_SAFE_INTEGER,
      host: "h".repeat(9000),
    };
    const [event] = given(started).when({ ...said, report } as typeof said).events;
    expect(event?.type === "AgentJoined" && [event.cores, event.host.length]).toEqual([100_000, 255]);
  });

  it("may say hello again without becoming another", () => {
    given(started, joined("a1")).when(hello("a1", "a1-0")).leadsTo();
  });

  it("is refused when it speaks another protocol, with both versions named", () => {
    const decided = given(started).when(hello("a1", "s", PROTOCOL + 1));
    const reason = `agent speaks protocol ${PROTOCOL + 1}, this zone ${PROTOCOL}: install the same version of Mesh on both`;
    decided.leadsTo({ type: "AgentRefused", agent: "a1", session: "s", reason });
    const { state, events } = decided.given();
    expect(live({ state })).toEqual([]);
    expect(instruct(state, events.at(-1) as ZoneEvent)).toEqual([
      { agent: "a1", command: { type: "Refuse", session: "s", reason } },
    ]);
  });

  it("loses what it had when it comes back as a new incarnation", () => {
    const decided = running.when(hello("a1", "new"));
    decided.leadsTo(lost("a1", "it was started again"), rejoined);
    const zone = decided.given();
    expect(live(zone)).toEqual(["a1.1", "a2.0"]);
    expect(idleAgents(zone.state).map(({ agent }) => agent)).toEqual(["a1"]);
    zone.when({ type: "Silent", agent: "a2", reason: "quiet" }).leadsTo(lost("a2", "quiet"));
  });

  it("loses no part when it had none, or has stated its totals", () => {
    const reason = "it was started again";
    given(started, joined("a1")).when(hello("a1", "new")).leadsTo(withoutRun("a1", reason), rejoined);
    running.and(finished("a1")).when(hello("a1", "new")).leadsTo(withoutRun("a1", reason), rejoined);
  });

  it("comes back under a new incarnation after it was lost or left", () => {
    const silent = running.when({ type: "Silent", agent: "a1", reason: "quiet" }).given();
    silent.when(hello("a1", "new")).leadsTo(rejoined);
    const left = given(started, joined("a1"), { type: "AgentLeft", agent: "a1", incarnation: 0 });
    left.when(hello("a1", "new")).leadsTo(rejoined);
  });

  it("is lost once, with what its merged intervals hold", () => {
    const silent = running.when({ type: "Silent", agent: "a1", reason: "quiet" });
    silent.leadsTo(lost("a1", "quiet"));
    expect(live(silent.given())).toEqual(["a2.0"]);
    silent.given().when({ type: "Silent", agent: "a1", reason: "quiet" }).leadsTo();
    given(started).when({ type: "Silent", agent: "never", reason: "quiet" }).leadsTo();
  });

  it("leaves in order when it owes nothing, and is lost when it does", () => {
    const goodbye = (incarnation: number) => says("a1", { type: "Goodbye", session: "a1-0", incarnation });
    const idle = given(started, joined("a1"));
    idle.when(goodbye(0)).leadsTo({ type: "AgentLeft", agent: "a1", incarnation: 0 });
    expect(live(idle.when(goodbye(0)).given())).toEqual([]);
    idle.when(goodbye(3)).leadsTo(); // of another life
    running.when(goodbye(0)).leadsTo(lost("a1", "it left in the middle of the run"));
  });

  it("joins as another when its session was given up, and is not taken for the one it was", () => {
    const lostNow = given(started, joined("a1"))
      .when({ type: "Silent", agent: "a1", reason: "quiet" })
      .given();
    lostNow.when(hello("a1", "a1-0")).leadsTo(joined("a1", 2, 1, "a1-0"));
  });

  it("is forgotten when it is gone and owes nothing, but its incarnations are not used again", () => {
    const gone = given(started, joined("a1", 2, 4), { type: "AgentLeft", agent: "a1", incarnation: 4 });
    expect(Object.keys(gone.state.agents)).toEqual([]);
    gone.when(hello("a1", "new")).leadsTo({ ...rejoined, incarnation: 5 });
    gone.when(hello("a9", "a9-5")).leadsTo(joined("a9", 2, 5));
    const owing = running.and(lost("a1", "quiet"));
    expect(Object.keys(owing.state.agents)).toEqual(["a1", "a2"]);
    expect(Object.keys(owing.and({ type: "ShareForgotten", run: "r" }).state.agents)).toEqual(["a2"]);
  });
});

describe("heartbeat", () => {
  const zone = given(started, joined("a1"));

  it("of a member needs no answer", () => {
    expect(answerBeat(zone.state, "a1", "a1-0")).toBeUndefined();
  });

  it("of an agent that is unknown or was lost asks it to join again", () => {
    expect(answerBeat(zone.state, "a2", "s")).toEqual({ type: "Rejoin", session: "s" });
    const silent = running.when({ type: "Silent", agent: "a1", reason: "quiet" }).given();
    expect(answerBeat(silent.state, "a1", "a1-0")).toEqual({ type: "Rejoin", session: "a1-0" });
  });

  it("of a session that another one replaced says so", () => {
    const replaced = zone.when(hello("a1", "new")).given();
    expect(answerBeat(replaced.state, "a1", "new")).toBeUndefined();
    const reason = "another agent with the name a1 joined zone fra: give each agent a name of its own";
    expect(answerBeat(replaced.state, "a1", "a1-0")).toEqual({ type: "Refuse", session: "a1-0", reason });
  });
});
