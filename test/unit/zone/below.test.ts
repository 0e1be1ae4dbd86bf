/** A zone with another zone below it: what it gives it, what it makes of its words, and what it says itself. */
import { describe, expect, it } from "vitest";
import { evolveMesh, newMesh } from "../../../src/domain/mesh/state.ts";
import { meshInputOf } from "../../../src/domain/mesh/from-zone.ts";
import { proceed } from "../../../src/domain/zone/decide.ts";
import type { ZoneInput } from "../../../src/domain/zone/input.ts";
import { instructChildren } from "../../../src/domain/zone/instruct.ts";
import { childOf } from "../../../src/domain/zone/state.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { finishOf } from "../run/fixture.ts";
import { agentReady, assigned, finished, given, joined, person, plan, share, started } from "./fixture.ts";

const offers = [{ zone: "lab", cores: [4, 1, 8] }];
const origin = (id: string) => ({ stream: "MESH_UP_lab_EVENTS", sequence: 7, id });
const says = (event: ZoneEvent, id: string = event.type): ZoneInput => ({
  type: "ChildFact",
  child: "lab",
  event,
  origin: origin(id),
});

/** a1 with 2 cores here, two agents below. */
const three = given(started, joined("a1", 2), assigned(3));
const [divided] = proceed(three.state, offers) as [ZoneEvent & { type: "ShareDivided" }];
const below = (agent: string, zone?: string) => ({
  agent,
  incarnation: 0,
  workers: 1,
  host: "h",
  ...(zone === undefined ? {} : { zone }),
});
const labReady: ZoneEvent = {
  type: "ShareReady",
  run: "r",
  incarnation: 4,
  members: [below("l1"), below("c1", "cellar")],
};
const childReady: ZoneEvent = {
  type: "ChildReady",
  run: "r",
  zone: "lab",
  incarnation: 4,
  members: [below("l1", "lab"), below("c1", "cellar")],
  origin: origin("ShareReady"),
};
const ready = given(started, joined("a1", 2), assigned(3), divided, agentReady("a1"), childReady);
const labFinished: ZoneEvent = {
  type: "ShareFinished",
  run: "r",
  incarnation: 4,
  agents: [finishOf("l1"), { ...finishOf("c1"), zone: "cellar" }],
  intervals: 9,
};
const childFinished: ZoneEvent = {
  type: "ChildFinished",
  run: "r",
  zone: "lab",
  agents: [
    { ...finishOf("l1"), zone: "lab" },
    { ...finishOf("c1"), zone: "cellar" },
  ],
  intervals: 9,
  origin: origin("ShareFinished"),
};

describe("a zone above another", () => {
  it("divides among its own agents first and gives the rest below, by cores", () => {
    const weights = [2, 5];
    expect(divided.parts.map(({ agent, share: own }) => [agent, own.at(-1)])).toEqual([
      ["a1", { weights, index: 0 }],
    ]);
    expect(divided.zones).toEqual([{ zone: "lab", share: [...share, { weights, index: 1 }], agents: 2 }]);
    expect(instructChildren(given(started, assigned(3), divided).state, divided)).toEqual([
      {
        child: "lab",
        command: {
          type: "AssignShare",
          run: "r",
          plan,
          share: [...share, { weights, index: 1 }],
          agents: 2,
          workers: 0,
        },
      },
    ]);
  });

  it("waits while there are too few, here and below", () => {
    expect(proceed(three.state, [{ zone: "lab", cores: [1] }])).toEqual([]);
  });

  it("is ready when its agents and the zone below are, and names whose agents they are", () => {
    const waiting = given(started, joined("a1", 2), assigned(3), divided, agentReady("a1"));
    waiting.when(says(labReady)).leadsTo(childReady);
    expect(proceed(ready.state)).toEqual([
      {
        type: "ShareReady",
        run: "r",
        incarnation: 1,
        members: [
          { agent: "a1", incarnation: 0, workers: 2, host: "h" },
          below("l1", "lab"),
          below("c1", "cellar"),
        ],
      },
    ]);
  });

  it("knows by way of which zone an agent is reached", () => {
    const state = ready.state.shares["r"];
    const find = (agent: string, zone?: string) =>
      state && childOf(state, { agent, incarnation: 0, ...(zone === undefined ? {} : { zone }) })?.zone;
    expect([find("c1", "cellar"), find("l1", "lab"), find("a1"), find("l1", "cellar")]).toEqual([
      "lab",
      "lab",
      undefined,
      undefined,
    ]);
  });

  it("lets no zone below speak for this one, or for another below", () => {
    const loss = { incarnation: 0, reason: "gone", tallies: {}, intervals: 0, lastWindow: -1 };
    const lost = (agent: string, zone: string): ZoneEvent => ({
      type: "AgentLost",
      run: "r",
      loss: { ...loss, agent, zone },
    });
    const place = (event: ZoneEvent) =>
      ready.when(says(event)).events.map((each) => "loss" in each && each.loss);
    expect(place(lost("a1", "fra"))).toMatchObject([{ agent: "a1", zone: "lab" }]);
    expect(place(lost("c1", "cellar"))).toMatchObject([{ agent: "c1", zone: "cellar" }]);
  });

  it("takes the end of a stage from the zone in which it was asked for, and for an agent of it", () => {
    const reported = (agent: string, zone?: string): ZoneEvent => ({
      type: "StageReported",
      run: "r",
      stage: "setup",
      agent,
      incarnation: 0,
      intervals: 0,
      ...(zone === undefined ? {} : { zone }),
    });
    expect(ready.when(says(reported("a1"))).events).toEqual([]);
    expect(ready.when(says(reported("nobody", "cellar"))).events).toEqual([]);
    expect(ready.when(says(reported("c1", "cellar"))).events).toHaveLength(1);
    // Another agent that reports what it was not asked for does not keep the right one from being heard.
    const first = given(...ready.events, { ...reported("l1", "lab"), origin: origin("x") } as ZoneEvent);
    expect(first.when(says(reported("c1", "cellar"))).events).toHaveLength(1);
  });

  it("copies each fact once, however often it is read", () => {
    const abort: ZoneEvent = { type: "AbortRequested", run: "r", agent: "l1", cause: person };
    const copied: ZoneEvent = { ...abort, zone: "lab", origin: origin("AbortRequested") };
    ready.when(says(abort)).leadsTo(copied);
    const after = given(started, joined("a1", 2), assigned(3), divided, childReady, copied);
    after.when(says(abort)).leadsTo();
    after.when(says(labReady, "another id")).leadsTo();
  });

  it("states with its own what was stated below, when both are done", () => {
    ready.when(says(labFinished)).leadsTo(childFinished);
    const merged: ZoneInput = { type: "Merged", run: "r", intervals: 12 };
    const here = [started, joined("a1", 2), assigned(3), divided, agentReady("a1"), childReady] as const;
    given(...here, finished("a1"))
      .when(merged)
      .leadsTo();
    given(...here, finished("a1"), childFinished)
      .when(merged)
      .leadsTo({
        type: "ShareFinished",
        run: "r",
        incarnation: 1,
        agents: [finishOf("a1"), { ...finishOf("l1"), zone: "lab" }, { ...finishOf("c1"), zone: "cellar" }],
        intervals: 12,
      });
  });

  it("gives up a silent zone with all of its agents, and takes it back when it comes", () => {
    const reason = "zone lab below zone fra was not heard for 9 s";
    const lossOf = (agent: string, zone: string): ZoneEvent => ({
      type: "AgentLost",
      run: "r",
      loss: { agent, zone, incarnation: 0, reason, tallies: {}, intervals: 0, lastWindow: -1 },
    });
    const lost: ZoneEvent = { type: "ChildLost", run: "r", zone: "lab", reason };
    const losses = [lost, lossOf("l1", "lab"), lossOf("c1", "cellar")];
    ready.when({ type: "ChildSilent", run: "r", zone: "lab", reason }).leadsTo(...losses);
    const here = [started, joined("a1", 2), assigned(3), divided, childReady, ...losses, finished("a1")];
    const gone = given(...here);
    const without = { type: "ShareFinished", run: "r", incarnation: 1, agents: [finishOf("a1")] } as const;
    const merged = { type: "Merged", run: "r" } as const;
    const first: ZoneEvent = { ...without, intervals: 6, awaits: ["lab"] };
    gone.when({ ...merged, intervals: 6, awaits: ["lab"] }).leadsTo(first);
    const back = given(...here, first, childFinished);
    back.when({ ...merged, intervals: 6, awaits: [] }).leadsTo({
      ...without,
      agents: [finishOf("a1"), ...(childFinished.type === "ChildFinished" ? childFinished.agents : [])],
      intervals: 6,
    });
    back.when({ ...merged, intervals: 8, awaits: ["lab"] }).leadsTo();
  });

  it("refuses its own share when the zone below is gone before it was ready", () => {
    const reason = "zone lab below zone fra was not heard for 9 s";
    given(started, joined("a1", 2), assigned(3), divided)
      .when({ type: "ChildSilent", run: "r", zone: "lab", reason })
      .leadsTo(
        { type: "ChildLost", run: "r", zone: "lab", reason },
        {
          type: "ShareRefused",
          run: "r",
          zone: "lab",
          cause: { kind: "agents-lost", message: reason, by: "zone lab" },
        },
      );
  });
});

describe("what the server of a zone below refused", () => {
  const refused = {
    type: "AccessRefused",
    server: "lab",
    principal: "agent-l1",
    operation: "publish",
    subject: "mesh.z.fra.beat",
    at: 5,
    count: 1,
  } as const;
  const told = (sequence: number, event: ZoneEvent = refused): ZoneInput => {
    const id = `zone-lab.${sequence}`;
    return { type: "ChildFact", child: "lab", event, origin: { ...origin(id), sequence } };
  };
  const copyOf = (input: ZoneInput, zone = "lab") => ({
    ...refused,
    zone,
    ...("origin" in input ? { origin: input.origin } : {}),
  });

  it("is copied once into the zone's own log, with the zone where it was and its origin", () => {
    const first = given(started).when(told(7)).events;
    expect(first).toEqual([copyOf(told(7))]);
    const after = given(started, ...first);
    expect(after.when(told(7)).events).toEqual([]);
    expect(after.when(told(6)).events).toEqual([]);
    expect(after.when(told(8)).events).toEqual([copyOf(told(8))]);
  });

  it("keeps the name of a zone further down, which root then tells with the outer zone's origin", () => {
    const further: ZoneEvent = { ...refused, zone: "cellar", origin: origin("zone-cellar.3") };
    const [copy] = given(started).when(told(7, further)).events;
    expect(copy).toEqual(copyOf(told(7), "cellar"));
    const { type: _, ...refusal } = refused;
    const above = { stream: "MESH_UP_fra_EVENTS", sequence: 2, id: "zone-fra.9" };
    const heardBelow = (zone: string, parent: string) =>
      ({ type: "ZoneSeen", zone, program: "mesh", protocol: 1, host: "h", parent }) as const;
    const mesh = [heardBelow("lab", "fra"), heardBelow("cellar", "lab")].reduce(evolveMesh, newMesh);
    expect(copy && meshInputOf(mesh, "fra", copy, above)).toEqual({
      type: "ZoneAccess",
      zone: "cellar",
      refusal,
      origin: above,
    });
  });
});
