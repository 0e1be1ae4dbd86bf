/** The runs of a seed: what their scripts do, how much load they are, and what may end them. */
import { agentsByZone } from "../../src/domain/segment/agents-by-zone.ts";
import { Chance } from "./kernel/chance.ts";
import {
  exportsOf,
  type ScenarioModel,
  type ScriptModel,
  type StageModel,
  stageOptionsOf,
} from "./load/script-model.ts";
import type { Layout } from "./mesh.ts";
import type { RunPlan } from "./swarm.ts";

const SECOND_RUN = 0.5;
/** A run has at least so many agents. */
const AGENTS_MIN = 5;

export function runsOf(chance: Chance, seed: number, layout: Layout): readonly RunPlan[] {
  const first = runOf(chance, seed, layout, 1);
  if (!chance.isTrue(SECOND_RUN)) return [first];
  const afterFirst = chance.isTrue(0.7);
  const askAtUs = afterFirst ? first.askAtUs : chance.whole(8_000_000, 30_000_000);
  return [first, { ...runOf(chance, seed, layout, 2), askAtUs, afterFirst }];
}

function runOf(chance: Chance, seed: number, layout: Layout, number: number): RunPlan {
  const plain = withRamps(new Chance(seed, `ramps ${number}`), seed, scenariosOf(chance));
  const drawn = modelOf(chance, seed * 10 + number, Object.keys(plain));
  const model = withOwnStages(new Chance(seed, `stages ${number}`), drawn);
  const scenarios = Object.fromEntries(
    Object.entries(plain).map(([name, options]) => [
      name,
      { ...options, ...stageOptionsOf(name, model.scenarios[name] as ScenarioModel) },
    ]),
  );
  return {
    run: `run-${number}`,
    askAtUs: chance.whole(1_500_000, 4_000_000),
    afterFirst: false,
    model,
    stopAfterUs: chance.isTrue(0.12) ? chance.whole(200_000, 12_000_000) : undefined,
    request: {
      script: "script.ts",
      options: {
        scenarios,
        ...policiesOf(chance),
        thresholds: {
          ...thresholdsOf(chance, Object.keys(scenarios)),
          ...timeframesOf(new Chance(seed, `timeframes ${number}`), seed, Object.keys(scenarios), layout),
        },
      },
      exports: [...exportsOf(model)],
      flags: {},
      ...placementOf(chance, layout),
      env: [],
      embedded: false,
      seed,
      ...(chance.isTrue(0.5) ? { history: false } : {}),
    },
  };
}

/** Mostly as many agents as the zones have, or some less, so that another can take the place of one; seldom too many. */
function placementOf(chance: Chance, { zones: all }: Layout) {
  const isTooMany = chance.isTrue(0.02);
  const zones = all.filter(({ parent }) => parent === undefined);
  const agentsIn = (name: string): number =>
    all
      .filter(({ parent, zone }) => zone === name || parent === name)
      .reduce((sum, { agents, zone }) => sum + (zone === name ? agents.length : agentsIn(zone)), 0);
  for (;;) {
    const weights = zones.map(() => chance.whole(1, 4));
    const agents = chance.whole(Math.max(AGENTS_MIN, zones.length), all.length * 4);
    const fits = agentsByZone(weights, agents).every(
      (count, zone) => count <= agentsIn(zones[zone]?.zone ?? ""),
    );
    if (!fits && !isTooMany) continue;
    return { agents, zones: zones.map(({ zone }, index) => ({ zone, weight: weights[index] ?? 1 })) };
  }
}

const EXECUTORS = [
  "constant-vus",
  "shared-iterations",
  "per-vu-iterations",
  "constant-arrival-rate",
] as const;

/** In some runs, scenarios with a setup, a teardown or both of their own. */
function withOwnStages(chance: Chance, model: ScriptModel): ScriptModel {
  if (!chance.isTrue(0.35)) return model;
  const stage = (): StageModel => ({
    requests: chance.whole(1, 3),
    serviceUs: chance.whole(1000, 300_000),
    throws: chance.isTrue(0.04),
  });
  const scenarios = Object.entries(model.scenarios).map(([name, scenario]): [string, ScenarioModel] => [
    name,
    {
      ...scenario,
      ...(chance.isTrue(0.6) ? { setup: stage() } : {}),
      ...(chance.isTrue(0.6) ? { teardown: stage() } : {}),
    },
  ]);
  return { ...model, scenarios: Object.fromEntries(scenarios) };
}

function scenariosOf(chance: Chance): Readonly<Record<string, object>> {
  const count = chance.whole(1, 3);
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`s${index + 1}`, scenarioOf(chance)]),
  );
}

function scenarioOf(chance: Chance): object {
  const executor = chance.pick(EXECUTORS);
  const seconds = chance.whole(3, 15);
  const common = {
    executor,
    startTime: `${chance.isTrue(0.3) ? chance.whole(1, 3000) : 0}ms`,
    gracefulStop: `${chance.pick([0, 500, 3000])}ms`,
  };
  const vus = chance.whole(1, 9);
  switch (executor) {
    case "constant-vus":
      return { ...common, vus, duration: `${seconds}s` };
    case "shared-iterations":
      return { ...common, vus, iterations: vus + chance.whole(0, 150), maxDuration: `${seconds}s` };
    case "per-vu-iterations":
      return { ...common, vus, iterations: chance.whole(1, 30), maxDuration: `${seconds}s` };
    case "constant-arrival-rate": {
      const rate = chance.whole(5, 40);
      return {
        ...common,
        rate,
        duration: `${seconds}s`,
        preAllocatedVUs: vus,
        maxVUs: vus + chance.whole(0, 6),
      };
    }
  }
}

/** From this seed on some scenarios ramp; those before, in which mistakes must be noticed, stay what they were. */
const RAMPS_FROM = 31;

/** Some scenarios with the same load, but in stages. */
function withRamps(
  chance: Chance,
  seed: number,
  plain: Readonly<Record<string, object>>,
): Readonly<Record<string, object>> {
  if (seed < RAMPS_FROM) return plain;
  return Object.fromEntries(
    Object.entries(plain).map(([name, scenario]) => [
      name,
      isSteady(scenario as Drawn) && chance.isTrue(0.5) ? rampOf(chance, scenario as Drawn) : scenario,
    ]),
  );
}

type Drawn = Readonly<Record<string, unknown>> & { readonly executor: string; readonly duration: string };

const isSteady = ({ executor }: Drawn): boolean => executor.startsWith("constant-");

function rampOf(chance: Chance, { duration, executor, rate, vus, ...others }: Drawn): object {
  const most = Number(executor === "constant-vus" ? vus : rate);
  const lengthMs = Number.parseInt(duration, 10) * 1000;
  const middleMs = chance.whole(0, lengthMs);
  const stages = [
    { duration: middleMs, target: most },
    { duration: chance.pick([0, 700]), target: chance.whole(0, most) },
    { duration: lengthMs - middleMs, target: chance.whole(0, most) },
  ];
  if (executor === "constant-vus") {
    const gracefulRampDown = `${chance.pick([0, 200, 5000])}ms`;
    return { ...others, executor: "ramping-vus", startVUs: chance.whole(0, most), stages, gracefulRampDown };
  }
  return { ...others, executor: "ramping-arrival-rate", startRate: chance.whole(1, most), stages };
}

function policiesOf(chance: Chance) {
  return {
    onSilence: chance.isTrue(0.4) ? "finish" : { stop: `${chance.whole(4, 15)}s` },
    onAgentLoss: chance.isTrue(0.35) ? "fail" : { tolerate: chance.pick([20, 50, 100, 100]) },
    setupTimeout: "4s",
    teardownTimeout: "4s",
    handleSummaryTimeout: "4s",
  };
}

/** The seeds to which mutations are matched: there, no run may end sooner than it did when they were. */
const MATCHED_SEEDS = 50;

/** In some runs thresholds with a timeframe, on parts that no other threshold is on; some end the run. */
function timeframesOf(chance: Chance, seed: number, scenarios: readonly string[], { zones }: Layout) {
  if (!chance.isTrue(0.3)) return {};
  const zone = chance.pick(zones).zone;
  const scenario = chance.pick(scenarios);
  const timeframe = () => `${chance.pick(["for", "within", "over"])} ${chance.whole(1, 3)}s`;
  const abortOnFail = chance.isTrue(0.4) && seed > MATCHED_SEEDS;
  const delayAbortEval = `${chance.pick([0, 0, 1500])}ms`;
  const failed = `rate<${chance.pick([0.02, 0.1, 0.3])} ${timeframe()}`;
  return {
    [`http_req_failed{zone:${zone}}`]: [{ threshold: failed, abortOnFail, delayAbortEval }],
    [`http_req_duration{zone:${zone}}`]: [`avg<${chance.whole(20, 600)} ${timeframe()}`],
    [`http_req_failed{scenario:${scenario}}`]: [`rate<${chance.pick([0.02, 0.1, 0.3])} ${timeframe()}`],
    "http_req_duration{expected_response:true}": [`p(90)<${chance.whole(20, 600)} ${timeframe()}`],
  };
}

function thresholdsOf(chance: Chance, scenarios: readonly string[]) {
  if (chance.isTrue(0.5)) return {};
  const scenario = chance.pick(scenarios);
  const abortOnFail = chance.isTrue(0.4);
  const candidates = {
    http_req_duration: [`p(95)<${chance.whole(50, 2000)}`, `avg<${chance.whole(20, 600)}`],
    [`http_req_duration{scenario:${scenario}}`]: [`p(99.9)<${chance.whole(200, 6000)}`],
    "http_req_duration{group:none}": ["max<60000"],
    http_req_failed: [
      { threshold: `rate<${chance.pick([0.02, 0.1, 0.5])}`, abortOnFail, delayAbortEval: "1s" },
    ],
    iterations: [`count>${chance.whole(1, 60)}`],
  };
  const kept = Object.entries(candidates).filter(([metric]) =>
    chance.isTrue(metric.includes("none") ? 0.1 : 0.4),
  );
  return Object.fromEntries(kept);
}

function modelOf(chance: Chance, seed: number, names: readonly string[]): ScriptModel {
  const scenario = (): ScenarioModel => ({
    requests: chance.whole(1, 3),
    medianUs: chance.whole(5000, 120_000),
    shape: 1.2 + chance.next() * 2,
    failure: chance.pick([0, 0, 0.05, 0.2]),
    thinkUs: chance.whole(0, 80_000),
  });
  const stage = (): StageModel => ({
    requests: chance.whole(1, 3),
    serviceUs: chance.whole(1000, 900_000),
    throws: chance.isTrue(0.03),
  });
  const aborts = chance.isTrue(0.08);
  return {
    seed,
    scenarios: Object.fromEntries(names.map((name) => [name, scenario()])),
    ...(chance.isTrue(0.5) ? { setup: stage() } : {}),
    ...(chance.isTrue(0.5) ? { teardown: stage() } : {}),
    ...(chance.isTrue(0.4) ? { summary: stage() } : {}),
    ...(aborts ? { abort: { scenario: chance.pick(names), index: chance.whole(0, 40) } } : {}),
    failsInit: chance.isTrue(0.02),
  };
}
