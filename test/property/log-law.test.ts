/**
 * The log law: `evolve` accepts everything that `decide` and `proceed` emit, whatever is asked in whatever order; what
 * they emit follows the schemas; a fold of the log is the state. Seeded walks through the life of runs and zones.
 */
import { describe, expect, it } from "vitest";
import { decodeBody, encodeBody } from "../../src/domain/log/codec.ts";
import { decide as decideRun } from "../../src/domain/run/decide.ts";
import { evolve as evolveRun } from "../../src/domain/run/evolve.ts";
import type { RunInput } from "../../src/domain/run/input.ts";
import { proceed as proceedRun } from "../../src/domain/run/proceed.ts";
import { newRun, type RunState } from "../../src/domain/run/state.ts";
import { decide as decideZone, proceed as proceedZone } from "../../src/domain/zone/decide.ts";
import { evolve as evolveZone } from "../../src/domain/zone/evolve.ts";
import type { ZoneInput } from "../../src/domain/zone/input.ts";
import { newZone, type ZoneState } from "../../src/domain/zone/state.ts";
import type { Family } from "../../streams/index.ts";
import type { MeshEvent } from "../../streams/events/mesh.ts";
import type { RunEvent } from "../../streams/events/run.ts";
import type { ZoneEvent } from "../../streams/events/zone.ts";
import { decideMesh, type MeshInput } from "../../src/domain/mesh/decide.ts";
import { evolveMesh, type MeshState, newMesh } from "../../src/domain/mesh/state.ts";
import { samples } from "../golden/samples.ts";
import { requestOf } from "../unit/plan/request.ts";
import { around, finishOf, lossOf, person, shareFinished, shareReady } from "../unit/run/fixture.ts";
import { hello, measured, plan, says, share } from "../unit/zone/fixture.ts";
import { pick, type Random, randomFrom } from "./random.ts";

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);
const STEPS = 80;

interface Walk<S, I, E> {
  readonly initial: S;
  readonly input: (random: Random) => I;
  readonly decide: (state: S, input: I) => readonly E[];
  readonly proceed: (state: S, step: number) => readonly E[];
  readonly evolve: (state: S, event: E) => S;
}

/** Walks, and returns the log and the last state. Bounded: `proceed` may not go on for ever. */
function walk<S, I, E>(
  random: Random,
  way: Walk<S, I, E>,
): { readonly log: readonly E[]; readonly state: S } {
  const log: E[] = [];
  let state = way.initial;
  const record = (events: readonly E[]) => {
    for (const event of events) state = way.evolve(state, event);
    log.push(...events);
    return events.length > 0;
  };
  for (let step = 0; step < STEPS; step += 1) {
    record(way.decide(state, way.input(random)));
    for (let more = 0; record(way.proceed(state, step)); more += 1) {
      if (more > 20) throw new Error("what follows from the state never ends");
    }
  }
  return { log, state };
}

function expectDecodable(family: Family, log: readonly { readonly type: string }[]): void {
  for (const body of log) {
    const envelope = { ...blank, type: body.type };
    expect(decodeBody(family, envelope, encodeBody(body))).toEqual(JSON.parse(JSON.stringify(body)));
  }
}
const blank = { id: "x", type: "", version: 1, time: 0, epoch: 0, actor: "", correlation: "", causation: "" };

const request = requestOf(
  { scenarios: { s: { executor: "constant-vus", vus: 30, duration: "1s" } } },
  {
    zones: [
      { zone: "fra", weight: 2 },
      { zone: "iad", weight: 1 },
    ],
    agents: 3,
    exports: ["default", "options", "setup", "teardown", "handleSummary"],
  },
);
const badRequest = requestOf({ vus: -1 });
const workerFailed = (agent: string): ZoneEvent => ({
  type: "AgentFailed",
  run: "r",
  agent,
  incarnation: 0,
  failure: {
    kind: "lost",
    message: "gone",
    death: { worker: `${agent}.0/w0`, cause: "was killed", lastLines: [] },
  },
});

const findings = { incomplete: [], failedThresholds: [] };
const zoneSamples = Object.values(samples["zone event"]) as readonly ZoneEvent[];

function runInput(random: Random): RunInput {
  const zone = pick(random, ["fra", "iad"] as const);
  const agent = pick(random, zone === "fra" ? ["f1", "f2"] : ["i1"]);
  const stage = pick(random, ["setup", "teardown", "summary"] as const);
  const fact = (event: ZoneEvent): RunInput => ({
    type: "ZoneFact",
    zone,
    event,
    origin: { stream: "s", sequence: 1, id: "i" },
  });
  const late = random() < 0.5 ? {} : { late: { until: 9, zones: [zone] } };
  const reported = { type: "StageReported", run: "r", stage, agent, incarnation: 0, intervals: 4 } as const;
  return pick<() => RunInput>(random, [
    () => ({ type: "Plan", request: random() < 0.1 ? badRequest : request, actor: "ana" }),
    () => fact(shareReady(zone)),
    () => fact(shareReady(zone)),
    () => fact(shareFinished(zone)),
    () => fact(reported),
    () => fact({ ...reported, failure: { kind: "threw", message: "no" } }),
    () => fact({ type: "AgentLost", run: "r", loss: lossOf(agent) }),
    () => fact(pick(random, zoneSamples)),
    () => fact(workerFailed(agent)),
    () => ({ type: "StageExpired", stage }),
    () => ({ type: "TakeOver", root: "b", epoch: 9 }),
    () => ({ type: "Summarised", intervals: 3, sha256: "0".repeat(64), summary: {} }),
    () => (random() < 0.1 ? { type: "Stop", cause: person } : fact(shareReady(zone))),
    () => (random() < 0.1 ? { type: "ZoneSilent", zone, reason: "quiet" } : fact(reported)),
    () => (random() < 0.1 ? { type: "Judged", findings, ...late } : fact(shareFinished(zone))),
    () => ({ type: "Revised", intervals: 4, sha256: "1".repeat(64), summary: {}, findings }),
    () => (random() < 0.1 ? { type: "Close", reason: "enough" } : fact(reported)),
    () => ({ type: "Note", id: pick(random, ["n1", "n2"]), text: "cold cache", actor: "ana" }),
    () => ({ type: "Land" }),
    () => ({ type: "Landed", revision: pick(random, [0, 0, 1]), intervals: 4, rows: { trends: 3 } }),
  ])();
}

const refusal = { server: "hub", principal: "zone-fra", operation: "publish", subject: "x", at: 1, count: 1 };

function meshInput(random: Random): MeshInput {
  const zone = pick(random, ["fra", "iad", "lhr"]);
  const actor = pick(random, ["ana@laptop", "door-ana (ana@laptop)"]);
  const origin = { stream: `up-${zone}`, sequence: Math.floor(random() * 50), id: "x" };
  const reason = pick(random, [undefined, "the rack is moved"]);
  return pick<() => MeshInput>(random, [
    () => {
      const parent = pick(random, [undefined, "eu"]);
      const word = { zone, program: pick(random, ["mesh/1", "mesh/2"]), protocol: 1, host: "h", parent };
      return { type: "Heard", word, at: Math.floor(random() * 40_000_000), teller: parent ?? zone };
    },
    () => ({ type: "Silent", zone, since: Math.floor(random() * 20_000_000) }),
    () => ({ type: "Drain", zone, undo: random() < 0.5, actor, reason }),
    () => ({ type: "Revoked", zone, actor, at: Math.floor(random() * 20_000_000), reason }),
    () => ({ type: "Access", refusal }),
    () => ({ type: "ZoneAccess", zone, refusal, origin }),
    () => ({ type: "ScriptRefused", zone, run: "r", reason: "not on the list", origin }),
    () => ({ type: "Removed", run: pick(random, ["r", "second"]), actor, script: "a.ts" }),
  ])();
}

const offers = [{ zone: "lab", cores: [2] }];
const below = (agent: string) => ({ agent, incarnation: 0, workers: 1, host: "h", zone: "lab" });

/** What a zone below may say, in any order and also twice. */
function childInput(random: Random, run: string): ZoneInput {
  const said = { run, agent: "b1", incarnation: 0 };
  const finish = { ...finishOf("b1"), zone: "lab" };
  const event = pick<ZoneEvent>(random, [
    { type: "ShareReady", run, incarnation: 2, members: [below("b1")] },
    { type: "ShareFinished", run, incarnation: 2, agents: [finish], intervals: pick(random, [3, 4]) },
    { type: "StageReported", ...said, stage: "setup", intervals: 1 },
    { type: "AbortRequested", run, agent: "b1", cause: person },
    { type: "AgentFailed", ...said, failure: { kind: "threw", message: "no" } },
    { type: "AgentLost", run, loss: lossOf("b1") },
    { type: "ShareRefused", run, cause: person },
  ]);
  const id = pick(random, ["i1", "i2", "i3", "i4"]);
  return { type: "ChildFact", child: "lab", event, origin: { stream: "s", sequence: 1, id } };
}

function zoneInput(random: Random): ZoneInput {
  const agent = pick(random, ["a1", "a2", "a3"]);
  const run = pick(random, ["r", "second"]);
  const incarnation = pick(random, [0, 1]);
  const command = (asked: (ZoneInput & { type: "Command" })["command"]): ZoneInput => ({
    type: "Command",
    command: asked,
    zoneStartAt: 5,
  });
  return pick<() => ZoneInput>(random, [
    () => ({ type: "Start", zone: "fra", protocol: 1, program: "mesh" }),
    () => hello(agent, pick(random, ["s1", "s2"]), pick(random, [1, 1, 2])),
    () => command({ type: "AssignShare", run, plan, share, agents: 2, workers: 0 }),
    () => command({ type: "StartRun", run, startAt: 6 }),
    () =>
      random() < 0.2
        ? command({ type: "StopRun", run, cause: person })
        : { type: "Arrived", run, agent, incarnation },
    () =>
      random() < 0.2 ? command({ type: "ForgetRun", run }) : { type: "Arrived", run, agent, incarnation },
    () => ({ type: "Arrived", run, agent, incarnation }),
    () => ({ type: "Silent", agent, reason: "quiet" }),
    () => ({ type: "Access", refusal }),
    () => childInput(random, run),
    () => childInput(random, run),
    () => ({ type: "ChildSilent", run, zone: "lab", reason: "quiet" }),
    () => ({ type: "Merged", run, intervals: 3 }),
    () => ({ type: "WaitedLongEnough", run, seconds: 10 }),
    () => says(agent, { type: "PartFinished", run, finish: { ...finishOf(agent), incarnation } }),
    () => says(agent, { type: "StageDone", run, incarnation, stage: "setup", intervals: 2 }, 4),
    () => says(agent, { type: "AbortCalled", run, incarnation, cause: person }),
    () => says(agent, { type: "Goodbye", session: "s1", incarnation }),
    () => says(agent, { type: "PartFailed", run, incarnation, failure: { kind: "threw", message: "no" } }),
  ])();
}

const runWay: Walk<RunState, RunInput, RunEvent> = {
  initial: newRun,
  input: runInput,
  decide: decideRun,
  proceed: (state, step) => proceedRun(state, around(1_000_000 * step)),
  evolve: evolveRun,
};
const zoneWay: Walk<ZoneState, ZoneInput, ZoneEvent> = {
  initial: newZone,
  input: zoneInput,
  decide: (state, input) => decideZone(state, input, () => measured),
  proceed: (state) => proceedZone(state, offers),
  evolve: evolveZone,
};

const meshWay: Walk<MeshState, MeshInput, MeshEvent> = {
  initial: newMesh,
  input: meshInput,
  decide: decideMesh,
  proceed: () => [],
  evolve: evolveMesh,
};

/** What was copied once is not copied again, whatever is read again. */
function holdsForMesh(seed: number): void {
  const { log, state } = walk(randomFrom(seed), meshWay);
  expect(log.reduce(evolveMesh, newMesh), `seed ${seed}`).toEqual(state);
  const origins = log.flatMap((event) =>
    "origin" in event && event.origin ? [`${event.origin.stream} ${event.origin.sequence}`] : [],
  );
  expect(new Set(origins).size, `seed ${seed}`).toBe(origins.length);
  expectDecodable("mesh event", log);
}

function holdsForRun(seed: number): void {
  const { log, state } = walk(randomFrom(seed), runWay);
  const count = (isSuch: (event: RunEvent) => boolean) => log.filter(isSuch).length;
  expect(state.revision, `seed ${seed}`).toBe(log.length);
  expect(log.reduce(evolveRun, newRun), `seed ${seed}`).toEqual(state);
  for (const once of ["RunPlanned", "RunStarted", "RunStopping", "VerdictGiven"])
    expect(
      count(({ type }) => type === once),
      `${once}, seed ${seed}`,
    ).toBeLessThanOrEqual(1);
  for (const stage of ["setup", "teardown", "summary"]) {
    const attempts = count((event) => event.type === "StageAttempted" && event.stage === stage);
    expect(attempts, `${stage}, seed ${seed}`).toBeLessThanOrEqual(1);
  }
  expectDecodable("run event", log);
}

function holdsForZone(seed: number): void {
  const { log, state } = walk(randomFrom(seed), zoneWay);
  expect(state.revision, `seed ${seed}`).toBe(log.length);
  expect(log.reduce(evolveZone, newZone), `seed ${seed}`).toEqual(state);
  expectDecodable("zone event", log);
}

describe("log law", () => {
  it("holds for runs", () => {
    for (const seed of SEEDS) holdsForRun(seed);
  });

  it("holds for zones", () => {
    for (const seed of SEEDS) holdsForZone(seed);
  });

  it("holds for the mesh log", () => {
    for (const seed of SEEDS) holdsForMesh(seed);
  });

  it("is tried on walks that go far", () => {
    const types = new Set(
      SEEDS.flatMap((seed) => [
        ...walk(randomFrom(seed), runWay).log.map(({ type }) => `run ${type}`),
        ...walk(randomFrom(seed), meshWay).log.map(({ type }) => `mesh ${type}`),
        ...walk(randomFrom(seed), zoneWay).log.map(({ type }) => `zone ${type}`),
      ]),
    );
    const expected = [
      ...Object.keys(samples["run event"]).map((type) => `run ${type}`),
      ...Object.keys(samples["mesh event"]).map((type) => `mesh ${type}`),
      ...Object.keys(samples["zone event"]).map((type) => `zone ${type}`),
    ];
    const never = expected.filter((type) => !types.has(type));
    expect(never).toEqual([]);
  });
});
