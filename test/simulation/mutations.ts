/**
 * Mistakes that must not go unnoticed: each changes one or two places of the program and must turn the simulation red,
 * by a law that is named, within a number of seeds. First the traps that the field fell into (`anchors.md` G), then what
 * the simulator itself found in ours. A place that is not there any more fails loudly: then the mutation is out of date.
 */

import type { FaultPlan, StrikeKind, When } from "./fault-plan.ts";
import { CALM } from "./net/weather.ts";
import type { RunPlan, SeedPlan } from "./swarm.ts";

export interface Edit {
  /** From the root of the checkout. */
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly find: string;
  readonly replace: string;
}

export interface Mutation {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** Any of these laws may be the first to notice. */
  readonly laws: readonly string[];
  /** It must be noticed in one of these seeds. */
  readonly seeds: readonly number[];
  /** Bends a seed's plan, so that what it takes to show comes up soon. */
  readonly shape?: (plan: SeedPlan) => SeedPlan;
}

/** So many seeds from the first one. */
const from = (first: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => first + index);

const one = (file: string, find: string, replace: string): readonly Edit[] => [{ file, find, replace }];

/** One fault: whoever publishes the event, or whoever there is. */
const strike = (kind: StrikeKind, when: When, lastsUs = 0): FaultPlan => ({
  kind,
  when,
  draw: 0,
  strikesWriter: true,
  lastsUs,
  backAfterUs: 1_000_000,
});

/** The first run of a plan, with some of its options changed. */
const withOptions = ([first]: readonly RunPlan[], options: object): readonly RunPlan[] =>
  first === undefined
    ? []
    : [
        {
          ...first,
          stopAfterUs: undefined,
          request: { ...first.request, options: { ...(first.request.options as object), ...options } },
        },
      ];

/** Calm but for these faults, with a run that nobody stops. */
const only =
  (...faults: readonly FaultPlan[]) =>
  (plan: SeedPlan): SeedPlan => ({
    ...plan,
    rates: CALM,
    faults,
    calmFromUs: 15_000_000,
    runs: withOptions(plan.runs, {}),
  });

/** All of the load is an open model's, and workers stand still for two seconds of it. */
const standsStill = (plan: SeedPlan): SeedPlan => {
  const executor = "constant-arrival-rate";
  const open = { executor, rate: 40, duration: "10s", preAllocatedVUs: 40, maxVUs: 40 };
  const stops = strike("stop-worker", { type: "Interval", nth: 8, isLost: false }, 2_000_000);
  const calm = only(stops, { ...stops, draw: 0.4 }, { ...stops, draw: 0.8 })(plan);
  const [first] = withOptions(calm.runs, { scenarios: { s1: open }, thresholds: {} });
  const model = first?.model.scenarios["s1"];
  if (first === undefined || model === undefined) return calm;
  return { ...calm, runs: [{ ...first, model: { ...first.model, scenarios: { s1: model } } }] };
};

/** An agent dies for good as the load begins, and the run goes on without it. */
const losesAnAgent = (plan: SeedPlan): SeedPlan => ({
  ...only({ ...strike("kill-agent", { type: "Interval", nth: 3, isLost: false }), backAfterUs: undefined })(
    plan,
  ),
  runs: withOptions(plan.runs, { onAgentLoss: { tolerate: 100 } }),
});

/** Whoever is asked to run setup dies; who that is nobody knows before, so everybody does. The run need not end of it. */
const losesWhoRunsSetup = (plan: SeedPlan, nth = 1): SeedPlan => {
  const when = { type: "StageAttempted", nth, isLost: false } as const;
  const dies = { ...strike("kill-agent", when), backAfterUs: undefined };
  const everybody = plan.layout.zones.flatMap(({ agents }) => agents.map(() => ({ ...dies })));
  return {
    ...only(...everybody)(plan),
    runs: withOptions(plan.runs, { onAgentLoss: { tolerate: 100 } }).map(withSetup),
  };
};

const withSetup = (run: RunPlan): RunPlan => ({
  ...run,
  model: { ...run.model, setup: { requests: 3, serviceUs: 900_000, throws: false } },
  request: { ...run.request, exports: [...new Set([...run.request.exports, "setup"])] },
});

/** A calm run whose every scenario has a setup and a teardown of its own. */
const hasScenarioStages = (plan: SeedPlan): SeedPlan => {
  const stage = { requests: 2, serviceUs: 20_000, throws: false };
  const calm = only()(plan);
  return {
    ...calm,
    runs: calm.runs.map((run) => {
      const { scenarios } = run.request.options as { readonly scenarios: Readonly<Record<string, object>> };
      const names = Object.keys(scenarios);
      const own = names.map((name) => [name, { ...scenarios[name], setup: "begin", teardown: "end" }]);
      const models = Object.entries(run.model.scenarios);
      return {
        ...run,
        model: {
          ...run.model,
          scenarios: Object.fromEntries(
            models.map(([name, model]) => [name, { ...model, setup: stage, teardown: stage }]),
          ),
        },
        request: {
          ...run.request,
          options: { ...(run.request.options as object), scenarios: Object.fromEntries(own) as object },
          exports: [...run.request.exports, "begin", "end"],
        },
      };
    }),
  };
};

/**
 * The first run is asked for before anybody is up, so that its zones are given their share as soon as they are heard; a
 * moment later whoever leads dies. Messages take long, so that links are set up for a while.
 */
const assignsAndDies = (plan: SeedPlan): SeedPlan => ({
  ...only(strike("kill-root", { type: "RunAssigned", nth: 1, isLost: false }))(plan),
  rates: { ...CALM, hiccup: 0.5 },
  calmFromUs: 4_000_000,
  runs: withOptions(plan.runs, {}).map((run) => ({ ...run, askAtUs: 10_000 })),
});

/** A zone is away until its load is over; it is given up, and comes back at some time around the end of the run. */
const comesBack = (plan: SeedPlan): SeedPlan => {
  const awayUs = 4_600_000 + plan.seed * 150_000;
  const away = strike("stop-zone", { type: "Interval", nth: 8, isLost: false }, awayUs);
  const scenarios = { s1: { executor: "constant-vus", vus: 6, duration: "2s", gracefulStop: "0s" } };
  const options = { scenarios, onSilence: { stop: "4s" }, thresholds: {} };
  return {
    ...only(away)(plan),
    runs: withOptions(plan.runs, options).map((run) => ({
      ...run,
      model: { ...run.model, summary: { requests: 3, serviceUs: 900_000, throws: false } },
      request: { ...run.request, exports: [...new Set([...run.request.exports, "handleSummary"])] },
    })),
  };
};

/** The lease is gone just before a run is asked for: another root leads, and the one of the past does not know it yet. */
const plansLate = (plan: SeedPlan): SeedPlan => ({
  ...only(strike("lease-expiry", { atUs: 3_600_000 }))(plan),
  layout: { ...plan.layout, roots: ["root-a", "root-b"] },
  runs: withOptions(plan.runs, {}).map((run) => ({ ...run, askAtUs: 3_700_000 })),
});

/** A run whose target fails and is slow now and then, judged second by second; nothing else happens to it. */
const judgesTimeframes = (plan: SeedPlan): SeedPlan => {
  const thresholds = {
    http_req_failed: ["rate<0.2 for 2s", "rate<0.25 within 2s", "rate<0.2 over 3s"],
    http_req_duration: ["p(90)<150 for 3s", "avg<120 within 3s", "avg<100 over 2s"],
  };
  const failing = (run: RunPlan): RunPlan => ({
    ...run,
    model: {
      ...run.model,
      scenarios: Object.fromEntries(
        Object.entries(run.model.scenarios).map(([name, each]) => [name, { ...each, failure: 0.2 }]),
      ),
    },
  });
  return { ...only()(plan), runs: withOptions(plan.runs, { thresholds }).map(failing) };
};

const LOOKS = "src/domain/threshold/looks.ts";

const MERGER = "src/domain/interval/merger.ts";

const DROPS_LATE: Edit = {
  file: MERGER,
  find: "const { accumulator, adds, health, presence } = this.#windows.close(window, expected);",
  replace: `const { accumulator, adds, health, presence } = this.#windows.close(window, expected);
    if (window < this.#nextWindow) accumulator.reset();`,
};

const SETUP_BY_ANOTHER = one(
  "src/domain/run/from-zone.ts",
  "if (inAttempt) events.push(stageLost(stage, `agent ${loss.agent} was lost`));",
  `const other = state.members.find(({ agent }) => agent !== loss.agent);
  if (inAttempt && other !== undefined) {
    const { zone, agent, incarnation } = other;
    events.push({ type: "StageAttempted", stage, zone, agent, incarnation });
  }`,
);

const TRAPS: readonly Mutation[] = [
  { name: "late batches are deleted", edits: [DROPS_LATE], laws: ["merge"], seeds: from(3, 8) },
  {
    name: "whoever runs setup dies, and another runs it in silence",
    edits: SETUP_BY_ANOTHER,
    laws: ["stage attempted", "stage once"],
    seeds: from(1, 4),
    shape: (plan) => losesWhoRunsSetup(plan),
  },
  {
    name: "a window is closed before a live child has come, and what comes then is dropped",
    edits: [
      DROPS_LATE,
      ...one(
        MERGER,
        "if (elapsedMs >= (window + 1) * windowMs + latenessMs) return true;",
        "if (elapsedMs >= (window + 1) * windowMs - latenessMs) return true;",
      ),
    ],
    laws: ["merge"],
    seeds: from(1, 4),
  },
  {
    name: "the merge takes only series that its left side has",
    edits: one(
      "src/domain/interval/accumulator.ts",
      "readSeries(reader, (id, kind, body) => this.#fold(id, kind, body));",
      "readSeries(reader, (id, kind, body) => (this.#isEmpty || this.#slots.has(id)) && this.#fold(id, kind, body));",
    ),
    laws: ["merge"],
    seeds: from(1, 10),
  },
  {
    name: "a duplicate is counted",
    edits: one(MERGER, "if (this.#received.covers(head.source, head.number)) {", "if (head.number < 0) {"),
    laws: ["added once", "merge"],
    seeds: from(1, 10),
    shape: only(strike("kill-zone", { type: "Interval", nth: 20, isLost: false })),
  },
  {
    name: "overlap is summed: after a restart nothing counts as covered",
    edits: [
      ...one(MERGER, "for (const { ranges, source } of head.through) this.#cover(source, ranges);", ""),
      ...one(MERGER, "const twice = child.addedTwice(head.adds);", "const twice = undefined;"),
    ],
    laws: ["added once"],
    seeds: from(1, 10),
    shape: only(strike("kill-zone", { type: "Interval", nth: 20, isLost: false })),
  },
  {
    name: "a stage is run again when somebody asks again",
    edits: one("src/roles/agent/carry-part.ts", "if (part.begun.has(asked.stage)) return Effect.void;", ""),
    laws: ["stage once"],
    seeds: from(1, 10),
    shape: only(strike("kill-root", { type: "StageEnded", nth: 1, isLost: true })),
  },
  {
    name: "whoever runs a scenario's setup dies, and another runs it in silence",
    edits: SETUP_BY_ANOTHER,
    laws: ["stage attempted", "stage once", "stage order"],
    seeds: from(1, 4),
    // The first is the whole run's.
    shape: (plan) => losesWhoRunsSetup(hasScenarioStages(plan), 2),
  },
  {
    name: "a run starts when the first of its setups has succeeded",
    edits: one(
      "src/domain/run/proceed.ts",
      'const next = setupsOf(plan).find((stage) => state.stages[stage]?.result !== "succeeded");',
      'const next = setupsOf(plan).slice(0, 1).find((stage) => state.stages[stage]?.result !== "succeeded");',
    ),
    laws: ["stage left out"],
    seeds: from(1, 8),
    shape: hasScenarioStages,
  },
  {
    name: "an agent that is started again goes on under its old incarnation",
    edits: one(
      "src/domain/agent/membership.ts",
      "const incarnation = (known?.incarnation ?? state.incarnationsForgotten) + 1;",
      "const incarnation = known?.incarnation ?? state.incarnationsForgotten + 1;",
    ),
    laws: ["membership"],
    seeds: from(1, 8),
  },
  {
    name: "a barrier counts arrivals, also the same one twice",
    edits: [
      ...one("src/domain/zone/decide.ts", "|| share.ready.includes(agent)) return [];", ") return [];"),
      ...one(
        "src/domain/zone/decide.ts",
        "const everybody = isEverybodyReady(",
        "const everybody = share.ready.length + 1 >= share.parts.length || isEverybodyReady(",
      ),
    ],
    laws: ["barrier"],
    seeds: from(1, 10),
    shape: only(strike("kill-zone", { type: "AgentReady", nth: 2, isLost: false })),
  },
  {
    name: "an agent that is started again is there twice",
    edits: one(
      "src/domain/agent/membership.ts",
      `[...lose(state, agent, "it was started again", measured), joined]`,
      "[joined]",
    ),
    laws: ["membership"],
    seeds: from(1, 20),
  },
  {
    name: "every worker does the whole count",
    edits: one("src/roles/agent/get-ready.ts", "share: [...share, divisionAt(workers, index)],", "share,"),
    laws: ["ledger", "agent counts", "whole"],
    seeds: from(1, 20),
    shape: only(),
  },
  {
    name: "a metric without samples passes its threshold",
    edits: one(
      "src/domain/threshold/evaluate.ts",
      `return { judgement: "no data", observed };`,
      `return { judgement: "pass", observed };`,
    ),
    laws: ["thresholds"],
    seeds: from(1, 30),
  },
  {
    name: "a percentile may be above the maximum",
    edits: one(
      "src/domain/metric/trend.ts",
      "return Math.max(this.min, Math.min(value, this.max));",
      "return Math.max(this.min, value);",
    ),
    laws: ["percentiles", "thresholds"],
    seeds: from(74, 86),
  },
  {
    name: "a zone obeys a root of the past",
    edits: one(
      "src/roles/zone/commands.ts",
      "const isStale = envelope.epoch < self.epoch;",
      "const isStale = false;",
    ),
    laws: ["epochs", "no defect"],
    seeds: from(1, 10),
    shape: (plan) => ({
      ...only(
        strike("slow-link", { type: "RunStarted", nth: 1, isLost: false }, 6_000_000),
        strike("lease-expiry", { type: "RunStarted", nth: 1, isLost: false }),
      )(plan),
      layout: { ...plan.layout, roots: ["root-a", "root-b"] },
    }),
  },
  {
    name: "the report does not say who was lost",
    edits: one(
      "src/domain/summary/completeness.ts",
      ".filter((member) => isLost(state, member)).map(({ agent }) => agent);",
      ".filter(() => false).map(({ agent }) => agent);",
    ),
    laws: ["declared"],
    seeds: from(1, 6),
    shape: losesAnAgent,
  },
  {
    name: "the part of a lost agent is not in the ledger",
    edits: one("src/domain/summary/ledger.ts", "lost: isLossy ? Math.max(0, missing) : 0", "lost: 0"),
    laws: ["ledger", "whole"],
    seeds: from(1, 10),
    shape: losesAnAgent,
  },
  {
    name: "coverage is told before it is there",
    edits: [
      ...one(
        MERGER,
        "    for (const { ranges, source } of adds) {\n      for (const range of ranges) this.#closed.add(source, range);\n    }\n",
        "    const through = this.#closed.through;\n    for (const { ranges, source } of adds) {\n      for (const range of ranges) this.#closed.add(source, range);\n    }\n",
      ),
      ...one(MERGER, "      through: this.#closed.through,\n", "      through,\n"),
    ],
    laws: ["through"],
    seeds: from(1, 4),
  },
  {
    name: "an abort does not reach the workers",
    edits: one(
      "src/roles/agent/carry-part.ts",
      "if (part.start !== undefined) for (const worker of part.workers) worker.stop(mode);",
      "",
    ),
    laws: ["stop", "settling"],
    seeds: from(1, 6),
    shape: (plan) => ({
      ...only()(plan),
      runs: plan.runs.map((run) => ({ ...run, stopAfterUs: 2_500_000 })),
    }),
  },
  {
    name: "the log is not chained",
    edits: one(
      "src/domain/log/chain.ts",
      "const linked = { ...envelope, previous };",
      `const linked = { ...envelope, previous: "" };`,
    ),
    laws: ["hash chain"],
    seeds: from(1, 2),
  },
];

/** Thresholds with a timeframe that look at something else than they say. */
const TIMEFRAMES: readonly Mutation[] = [
  {
    name: "a timeframe is a second too long",
    edits: one(
      LOOKS,
      "return Math.max(0, end - this.#options.length + 1);",
      "return Math.max(0, end - this.#options.length);",
    ),
    laws: ["timeframes"],
    seeds: from(1, 10),
    shape: judgesTimeframes,
  },
  {
    name: "a good second does not end a row of bad ones",
    edits: one(
      LOOKS,
      "if (!crosses(expression, look.observed)) return undefined;",
      "if (!crosses(expression, look.observed)) continue;",
    ),
    laws: ["timeframes"],
    seeds: from(1, 10),
    shape: judgesTimeframes,
  },
  {
    name: "within waits for its whole timeframe, as over does",
    edits: one(LOOKS, '(logic === "over" && end < length - 1)', "end < length - 1"),
    laws: ["timeframes"],
    seeds: from(1, 10),
    shape: judgesTimeframes,
  },
  {
    name: "a breach is forgotten when it is over",
    edits: one(
      "src/domain/threshold/windowed.ts",
      "      if (judge.breach !== undefined) continue;\n",
      "      judge.breach = undefined;\n",
    ),
    laws: ["timeframes"],
    seeds: from(1, 10),
    shape: judgesTimeframes,
  },
];

/** What the simulator found in this program; the laws that found it would find it again. */
const FOUND: readonly Mutation[] = [
  {
    name: "a zone that comes back between summary and verdict is not waited for",
    edits: one(
      "src/roles/root/late-data.ts",
      "  intervals.settle(journal.state);\n  const zones",
      "  const zones",
    ),
    laws: ["ledger", "counts"],
    seeds: from(1, 30),
    shape: comesBack,
  },
  {
    name: "a run that a root of the past has planned is led by nobody",
    edits: one("src/roles/root/root.ts", "    hearPlans(self, from),\n", ""),
    laws: ["settling"],
    seeds: from(1, 30),
    shape: plansLate,
  },
  {
    name: "a zone that takes over does not make the inbox of an agent that has just joined",
    edits: one(
      "src/roles/zone/tell.ts",
      "    prepare(self, event),\n    Effect.andThen(",
      "    Effect.void,\n    Effect.andThen(",
    ),
    laws: ["settling"],
    seeds: from(1, 6),
    shape: only(strike("kill-zone", { type: "AgentJoined", nth: 2, isLost: false })),
  },
  {
    name: "silence before an assignment stops the part at once",
    edits: one("src/roles/agent/handle.ts", "Math.max(self.heardMs, part.sinceMs)", "self.heardMs"),
    laws: ["silence"],
    seeds: from(1, 10),
    shape: (plan) => ({
      ...only({ ...strike("kill-root", { atUs: 3_000_000 }), backAfterUs: 6_000_000 })(plan),
      layout: { ...plan.layout, roots: ["root-a"] },
      runs: withOptions(plan.runs, { onSilence: { stop: "4s" } }).map((run) => ({
        ...run,
        askAtUs: 4_000_000,
      })),
    }),
  },
  {
    name: "a zone that ends between the last arrival and its word never says that it is ready",
    edits: one(
      "src/domain/zone/decide.ts",
      "if (isReadyUnsaid(share)) return [shareReady(state, share)];",
      "",
    ),
    laws: ["settling"],
    seeds: from(1, 4),
    shape: only(strike("kill-zone", { type: "ShareReady", nth: 1, isLost: true })),
  },
  {
    name: "a root that ends between a loss and what follows from it leaves it undecided",
    edits: one("src/domain/run/proceed.ts", "if (loss !== undefined) return", "if (loss === null) return"),
    laws: ["verdict"],
    seeds: from(1, 8),
    shape: (plan) => ({
      ...only(
        { ...strike("kill-agent", { type: "RunStarted", nth: 1, isLost: false }), backAfterUs: undefined },
        strike("kill-root", { type: "RunStopping", nth: 1, isLost: true }),
      )(plan),
      runs: withOptions(plan.runs, { onAgentLoss: "fail" }),
    }),
  },
  {
    name: "a root tells a zone of a run before the zone's link is there",
    edits: one("src/roles/root/run-process.ts", "yield* prepare(process, event);", ""),
    laws: ["settling"],
    seeds: from(59, 66),
    shape: assignsAndDies,
  },
  {
    name: "what a zone said before root followed it is passed over",
    edits: one(
      "src/roles/follow-zone.ts",
      "fromStart() ? 1 : (last?.sequence ?? 0) + 1",
      "(last?.sequence ?? 0) + 1",
    ),
    laws: ["settling"],
    seeds: from(1, 8),
    shape: only(strike("kill-root", { type: "AgentReady", nth: 1, isLost: false })),
  },
  {
    name: "the last arrival of a ramp is not planned",
    edits: one(
      "src/domain/pace/rate-line.ts",
      "slots: slopes.at(-1)?.after ?? 0,",
      "slots: (slopes.at(-1)?.after ?? 1) - 1,",
    ),
    laws: ["ledger"],
    // Scenarios ramp from here on.
    seeds: from(31, 8),
  },
];

/** Generators that lie about themselves: a worker stands still in the middle of an open load. */
const LIES: readonly Mutation[] = [
  {
    name: "late arrivals break no budget",
    edits: one(
      "src/domain/summary/generator-watch.ts",
      "late > Math.max(1, arrivals * LATE_SHARE_MAX)",
      "late > arrivals",
    ),
    laws: ["generator"],
    seeds: from(1, 6),
    shape: standsStill,
  },
  {
    name: "a plan that only wants to be warned is judged all the same",
    edits: one("src/domain/summary/generator.ts", 'onBreach === "invalid"', "onBreach !== undefined"),
    laws: ["generator"],
    seeds: from(1, 6),
    shape: (plan) => {
      const { runs, ...rest } = standsStill(plan);
      return { ...rest, runs: withOptions(runs, { generator: "warn" }) };
    },
  },
];

/** Meshes with zones below zones. */
const DEEP = [73, 74, 76, 78, 84, 85, 86, 88, 94, 96, 98, 100];

/** All agents of a zone below another one die as the load begins; at its end there is still a lot to do. */
const losesAgentsBelow = (plan: SeedPlan): SeedPlan => {
  const { zones } = plan.layout;
  const inner = zones.findIndex(({ parent }) => parent !== undefined);
  const agentsOf = (some: typeof zones) => some.reduce((sum, { agents }) => sum + agents.length, 0);
  const [before, all] = [agentsOf(zones.slice(0, inner)), agentsOf(zones)];
  const when = { type: "Interval", nth: 12, isLost: false } as const;
  const deaths = Array.from({ length: zones[inner]?.agents.length ?? 0 }, (_, dead) => ({
    ...strike("kill-agent", when),
    draw: (before + 0.5) / (all - dead),
    strikesWriter: false,
    backAfterUs: undefined,
  }));
  return {
    ...only(...deaths)(plan),
    runs: withOptions(plan.runs, { onAgentLoss: { tolerate: 100 } }).map((run) => ({
      ...run,
      model: { ...run.model, summary: { requests: 3, serviceUs: 900_000, throws: false } },
      request: { ...run.request, exports: [...new Set([...run.request.exports, "handleSummary"])] },
    })),
  };
};

/** Zones below zones that are treated as what they are not. */
const BELOW: readonly Mutation[] = [
  {
    name: "what a zone below has said is copied each time that it is read",
    edits: [
      ...one("src/domain/zone/from-child.ts", "|| share.copied.includes(origin.id)", ""),
      ...one("src/domain/zone/from-child.ts", "if (part.finished && !isNews(part, event)) return [];", ""),
    ],
    laws: ["copied"],
    seeds: DEEP,
    shape: only(strike("kill-zone", { type: "ChildFinished", nth: 1, isLost: false })),
  },
  {
    name: "a zone states only what its own agents have stated",
    edits: one(
      "src/domain/zone/decide.ts",
      "agents: finishesOf(share), intervals",
      "agents: share.finishes, intervals",
    ),
    laws: ["statements"],
    seeds: DEEP.slice(0, 3),
    shape: only(),
  },
  {
    name: "the start instant is passed on as the hub's clock has it",
    edits: one("src/domain/zone/instruct.ts", "zoneStartAt: startAt } = event", "startAt } = event"),
    laws: ["last request", "settling", "counts", "verdict", "whole"],
    seeds: DEEP.slice(0, 6),
    shape: only(),
  },
  {
    name: "a zone below that has lost all of its agents is waited for in each window to the end",
    edits: one(
      "src/roles/zone/record.ts",
      "if (child.finished) intervals.ended(source, child.intervals);",
      "if (child.finished) return;",
    ),
    laws: ["empty windows"],
    seeds: DEEP,
    shape: losesAgentsBelow,
  },
];

export const MUTATIONS = [...TRAPS, ...TIMEFRAMES, ...FOUND, ...LIES, ...BELOW];
