/** Options: defaults, types, and messages that say what was given, what is allowed, and what to do. */
import { describe, expect, it } from "vitest";
import { linesOf, planOf } from "./request.ts";

describe("options", () => {
  it("have k6's defaults when a script says nothing", () => {
    expect(planOf(undefined)).toMatchInlineSnapshot(`
      {
        "agents": 1,
        "bundle": "0000000000000000000000000000000000000000000000000000000000000000",
        "discardResponseBodies": false,
        "env": [],
        "generator": {
          "eventLoopDelayMs": 1000,
          "onBreach": "invalid",
          "scheduleLagMs": 500,
        },
        "handleSummaryTimeoutMs": 120000,
        "hasHandleSummary": false,
        "hasSetup": false,
        "hasTeardown": false,
        "insecureSkipTlsVerify": false,
        "latenessMs": 500,
        "noConnectionReuse": false,
        "onAgentLoss": {
          "do": "fail",
        },
        "onSilence": {
          "afterMs": 5000,
          "do": "stop",
        },
        "requestTimeoutMs": 60000,
        "scenarios": {
          "default": {
            "env": {},
            "exec": "default",
            "executor": "per-vu-iterations",
            "gracefulStopMs": 30000,
            "iterations": 1,
            "maxDurationMs": 600000,
            "startTimeMs": 0,
            "tags": {},
            "vus": 1,
          },
        },
        "script": "script.ts",
        "seed": 7,
        "setupTimeoutMs": 60000,
        "summaryTrendStats": [
          "avg",
          "min",
          "med",
          "max",
          "p(90)",
          "p(95)",
        ],
        "tags": {},
        "teardownTimeoutMs": 60000,
        "thresholds": {},
        "userAgent": "loadmesh",
        "windowMs": 1000,
        "zones": [
          {
            "weight": 1,
            "zone": "local",
          },
        ],
      }
    `);
  });

  it("are taken as given, durations in milliseconds", () => {
    const plan = planOf(
      {
        tags: { team: "shop" },
        setupTimeout: "5m",
        teardownTimeout: 1500,
        handleSummaryTimeout: "1h",
        requestTimeout: "2.5s",
        summaryTrendStats: ["avg", "p(99.9)", "count"],
        discardResponseBodies: true,
        noConnectionReuse: true,
        insecureSkipTLSVerify: true,
        userAgent: "me",
        onSilence: "finish",
        onAgentLoss: { tolerate: 2.5 },
        cloud: { projectID: 1 },
        ext: { loadimpact: {} },
        rps: undefined,
      },
      { exports: ["default", "setup", "handleSummary"], env: ["TOKEN"] },
    );
    expect(plan).toMatchObject({
      tags: { team: "shop" },
      env: ["TOKEN"],
      hasSetup: true,
      hasTeardown: false,
      hasHandleSummary: true,
      setupTimeoutMs: 300_000,
      teardownTimeoutMs: 1500,
      handleSummaryTimeoutMs: 3_600_000,
      requestTimeoutMs: 2500,
      summaryTrendStats: ["avg", "p(99.9)", "count"],
      discardResponseBodies: true,
      noConnectionReuse: true,
      insecureSkipTlsVerify: true,
      userAgent: "me",
      onSilence: { do: "finish" },
      onAgentLoss: { do: "tolerate", percent: 2.5 },
    });
  });

  it("treat null as not given, as k6 does", () => {
    expect(planOf({ vus: null, scenarios: null, userAgent: null })).toEqual(planOf({}));
  });

  it("wait for silence to end longer in a mesh than under a command's own servers", () => {
    expect(planOf({}, { embedded: true }).onSilence).toEqual({ do: "stop", afterMs: 5000 });
    expect(planOf({}, { embedded: false }).onSilence).toEqual({ do: "stop", afterMs: 300_000 });
    expect(planOf({ onSilence: { stop: "30s" } }).onSilence).toEqual({ do: "stop", afterMs: 30_000 });
  });

  it("are all checked at once", () => {
    expect(
      linesOf({
        vus: "ten",
        iterations: 2.5,
        duration: "10 minutes",
        setupTimeout: 0,
        teardownTimeout: "25d",
        requestTimeout: "1.0005s",
        tags: { run: 7 },
        discardResponseBodies: "yes",
        userAgent: 4,
        summaryTrendStats: ["avg", "p(101)", "mean"],
        onSilence: "wait",
        onAgentLoss: { tolerate: "5%" },
        ext: [],
      }),
    ).toMatchInlineSnapshot(`
      [
        "options.vus: must be a whole number from 1 to 1,000,000, but is "ten" (a string)",
        "options.iterations: must be a whole number from 1 to 1,000,000,000,000, but is 2.5",
        "options.duration: must be a duration, but is "10 minutes" (a string) (write "30s", "1m30s", "500ms" or a number of milliseconds)",
        "options.tags.run: must be a string, but is 7 (write "7")",
        "options.setupTimeout: must be at least 1ms, but is 0",
        "options.teardownTimeout: must be at most 576h, but is "25d"",
        "options.summaryTrendStats[1]: is not a statistic of a trend: "p(101)" (known: avg, min, med, max, count, p(N) with N from 0 to 100)",
        "options.summaryTrendStats[2]: is not a statistic of a trend: "mean" (known: avg, min, med, max, count, p(N) with N from 0 to 100)",
        "options.discardResponseBodies: must be true or false, but is "yes" (a string)",
        "options.userAgent: must be a string, but is 4 (write "4")",
        "options.requestTimeout: must be a whole number of milliseconds, but is "1.0005s"",
        "options.onSilence: must be "finish" or { stop: "30s" }, but is "wait" (a string)",
        "options.onAgentLoss.tolerate: must be a percentage of the agents from 0 to 100, but is "5%" (a string)",
        "options.ext: must be an object, but is an empty list",
      ]
    `);
  });

  it("take budgets for the generators, switch them off, or only warn", () => {
    const defaults = { onBreach: "invalid", scheduleLagMs: 500, eventLoopDelayMs: 1000 };
    expect(planOf({ generator: {} }).generator).toEqual(defaults);
    expect(planOf({ generator: "warn" }).generator).toEqual({ ...defaults, onBreach: "warn" });
    expect(planOf({ generator: "off" })).not.toHaveProperty("generator");
    const all = { scheduleLag: "20ms", eventLoopDelay: 50, gc: 10, cpu: 95, memory: 2000, onBreach: "warn" };
    expect(planOf({ generator: all }).generator).toEqual({
      onBreach: "warn",
      scheduleLagMs: 20,
      eventLoopDelayMs: 50,
      gcPercent: 10,
      cpuPercent: 95,
      memoryMb: 2000,
    });
    expect(linesOf({ generator: "on" })).toMatchInlineSnapshot(`
      [
        "options.generator: must be "off", "warn" or { scheduleLag: "500ms" }, but is "on" (a string)",
      ]
    `);
    expect(linesOf({ generator: { sheduleLag: "1s", scheduleLag: "fast", cpu: 0, onBreach: "fail" } }))
      .toMatchInlineSnapshot(`
      [
        "options.generator.sheduleLag: is not a known budget of a generator (did you mean \`scheduleLag\`?)",
        "options.generator.onBreach: must be "invalid" or "warn", but is "fail" (a string)",
        "options.generator.scheduleLag: must be a duration, but is "fast" (a string) (write "30s", "1m30s", "500ms" or a number of milliseconds)",
        "options.generator.cpu: must be a whole number from 1 to 1,000, but is 0",
      ]
    `);
  });

  it("are refused by name when unknown, with the nearest known name", () => {
    expect(linesOf({ thresholdz: {}, setupTimeOut: "1s", constructor: 1, "a b": 1 })).toMatchInlineSnapshot(`
      [
        "options.thresholdz: is not a known option (did you mean \`thresholds\`?)",
        "options.setupTimeOut: is not a known option (did you mean \`setupTimeout\`?)",
        "options.constructor: is not a known option (known: vus, iterations, duration, stages, scenarios, thresholds, tags, setupTimeout, teardownTimeout, handleSummaryTimeout, summaryTrendStats, discardResponseBodies, noConnectionReuse, insecureSkipTLSVerify, userAgent, requestTimeout, minIterationDuration, batch, batchPerHost, maxRedirects, noCookiesReset, noVUConnectionReuse, throw, hosts, blockHostnames, blacklistIPs, dns, targets, tlsVersion, tlsCipherSuites, tlsAuth, onSilence, onAgentLoss, generator, cloud, ext)",
        "options["a b"]: is not a known option (known: vus, iterations, duration, stages, scenarios, thresholds, tags, setupTimeout, teardownTimeout, handleSummaryTimeout, summaryTrendStats, discardResponseBodies, noConnectionReuse, insecureSkipTLSVerify, userAgent, requestTimeout, minIterationDuration, batch, batchPerHost, maxRedirects, noCookiesReset, noVUConnectionReuse, throw, hosts, blockHostnames, blacklistIPs, dns, targets, tlsVersion, tlsCipherSuites, tlsAuth, onSilence, onAgentLoss, generator, cloud, ext)",
      ]
    `);
  });

  it("of k6 that do not exist yet are never passed over in silence", () => {
    expect(linesOf({ rps: 100, noSetup: true, paused: true })).toMatchInlineSnapshot(`
      [
        "options.rps: is an option of k6 that is not supported yet (give the scenario an arrival rate: executor constant-arrival-rate)",
        "options.noSetup: is an option of k6 that is not supported yet (remove it)",
        "options.paused: is an option of k6 that is not supported yet (remove it)",
      ]
    `);
  });

  it("leave the tag `zone` to the mesh, for the whole run and for a scenario", () => {
    const scenario = { executor: "constant-vus", duration: "1s", tags: { zone: "mine" } };
    expect(linesOf({ tags: { zone: "mine" }, scenarios: { a: scenario } })).toMatchInlineSnapshot(`
      [
        "options.scenarios.a.tags.zone: is the tag that names the load zone of each sample: the mesh sets it (choose another name)",
        "options.tags.zone: is the tag that names the load zone of each sample: the mesh sets it (choose another name)",
      ]
    `);
  });

  it("must be an object", () => {
    expect(linesOf("fast")).toEqual(['options: must be an object, but is "fast" (a string)']);
    expect(linesOf([])).toEqual(["options: must be an object, but is an empty list"]);
  });
});

describe("thresholds", () => {
  it("are normalised to their long form", () => {
    const { thresholds } = planOf({
      thresholds: {
        http_req_failed: "rate<0.01",
        checks: ["rate>0.9", "rate>0.5"],
        "http_req_duration{scenario:default}": [{ threshold: "p(95)<500", abortOnFail: false }, "avg<200"],
      },
    });
    const short = (threshold: string) => ({ threshold, abortOnFail: false, delayAbortEvalMs: 0 });
    expect(thresholds).toEqual({
      http_req_failed: [short("rate<0.01")],
      checks: [short("rate>0.9"), short("rate>0.5")],
      "http_req_duration{scenario:default}": [short("p(95)<500"), short("avg<200")],
    });
  });

  it("may end the run, which then looks five times a second; the delay is a duration", () => {
    const long = (delayAbortEval: unknown) => ({ threshold: "rate>0.9", abortOnFail: true, delayAbortEval });
    const plan = planOf({ thresholds: { checks: [long("10s"), long(1500), long(undefined), "rate>0.5"] } });
    expect(
      plan.thresholds["checks"]?.map(({ abortOnFail, delayAbortEvalMs }) => [abortOnFail, delayAbortEvalMs]),
    ).toEqual([
      [true, 10_000],
      [true, 1500],
      [true, 0],
      [false, 0],
    ]);
    expect([plan.windowMs, plan.latenessMs]).toEqual([200, 500]);
    const patient = planOf({ thresholds: { checks: [{ threshold: "rate>0.9", delayAbortEval: "10s" }] } });
    expect(patient.windowMs).toBe(1000);
    expect(linesOf({ thresholds: { checks: [long("soon"), long(-1)] } })).toMatchInlineSnapshot(`
      [
        "options.thresholds.checks[0].delayAbortEval: must be a duration, but is "soon" (a string) (write "30s", "1m30s", "500ms" or a number of milliseconds)",
        "options.thresholds.checks[1].delayAbortEval: must be at least 0s, but is -1",
      ]
    `);
  });

  it("may speak of a zone of the run, and of no other", () => {
    const zones = [
      { zone: "eu", weight: 1 },
      { zone: "us", weight: 1 },
    ];
    const lines = (zone: string) =>
      linesOf({ thresholds: { [`http_req_duration{zone:${zone}}`]: "p(95)<500" } }, { zones, agents: 2 });
    const { thresholds } = planOf({ thresholds: { "checks{zone:us}": "rate>0.9" } }, { zones, agents: 2 });
    expect(Object.keys(thresholds)).toEqual(["checks{zone:us}"]);
    expect([...lines("ue"), ...lines("frankfurt")]).toMatchInlineSnapshot(`
      [
        "options.thresholds["http_req_duration{zone:ue}"]: there is no zone \`ue\` in this run (did you mean \`eu\`? this run has eu, us)",
        "options.thresholds["http_req_duration{zone:frankfurt}"]: there is no zone \`frankfurt\` in this run (this run has eu, us; to run there: --zones eu,us,frankfurt)",
      ]
    `);
    expect(linesOf({ thresholds: { "checks{zone:frankfurt}": "rate>0.9" } })[0]).toMatch(
      /this run has local; to run there: --zones frankfurt\)$/,
    );
  });

  it("may speak of a scenario of the run, and of no other", () => {
    const load = { executor: "shared-iterations" };
    const scenarios = { buyers: load, lookers: load };
    const of = (scenario: string) => ({ [`http_req_duration{scenario:${scenario}}`]: "p(95)<500" });
    const thresholds = of("lookers");
    expect(Object.keys(planOf({ scenarios, thresholds }).thresholds)).toEqual(Object.keys(thresholds));
    expect(linesOf({ scenarios, thresholds: of("buyer") })).toMatchInlineSnapshot(`
      [
        "options.thresholds["http_req_duration{scenario:buyer}"]: there is no scenario \`buyer\` in this run (did you mean \`buyers\`? this run has buyers, lookers)",
      ]
    `);
    expect(linesOf({ thresholds })).toMatchInlineSnapshot(`
      [
        "options.thresholds["http_req_duration{scenario:lookers}"]: there is no scenario \`lookers\` in this run (this run has default)",
      ]
    `);
    // A quick try by flags must not stumble over the thresholds of what they replace.
    for (const name of ["default", "lookers"]) {
      planOf({ scenarios, thresholds: of(name) }, { flags: { vus: 1, iterations: 1 } });
    }
  });

  it("may look at a timeframe, and not at a longer one than the load lasts", () => {
    const thresholds = {
      checks: ["rate>0.9 for 10s", "rate>0.9 within 1m"],
      "http_req_duration{group:::checkout}": [{ threshold: "p(99)<300 over 10s", abortOnFail: true }],
    };
    const load = { vus: 1, duration: "10s" };
    const plan = planOf({ ...load, thresholds });
    expect(plan.thresholds["checks"]?.map(({ threshold }) => threshold)).toEqual(thresholds.checks);
    expect(linesOf({ ...load, duration: "9s", thresholds })).toMatchInlineSnapshot(`
      [
        "options.thresholds.checks: "rate>0.9 for 10s" looks at 10s, and the load lasts 9s: it could never be breached (shorten the timeframe, or use within, which also looks at less)",
        "options.thresholds["http_req_duration{group:::checkout}"]: "p(99)<300 over 10s" looks at 10s, and the load lasts 9s: it could never be judged (shorten the timeframe, or use within, which also looks at less)",
      ]
    `);
    expect(linesOf({ ...load, thresholds: { checks: "rate>0.9 for 10" } })).toMatchInlineSnapshot(`
      [
        "options.thresholds.checks: "rate>0.9 for 10" is not a threshold: "10" has no unit: write 10s for seconds",
      ]
    `);
  });

  it("name the place of what is wrong with them", () => {
    expect(
      linesOf({
        thresholds: {
          checks: [7, { threshold: "rate>0.9", abortOnFail: "no" }, { abortOnfail: true }],
          "http_req_duration{a:b}": { threshold: "p(95)<500" },
        },
      }),
    ).toMatchInlineSnapshot(`
      [
        "options.thresholds.checks[0]: must be a string or an object, but is 7",
        "options.thresholds.checks[1].abortOnFail: must be true or false, but is "no" (a string)",
        "options.thresholds.checks[2].abortOnfail: is not a known field of a threshold (did you mean \`abortOnFail\`?)",
        "options.thresholds.checks[2].threshold: is required",
        "options.thresholds["http_req_duration{a:b}"]: must be a string or a list, but is an object",
      ]
    `);
  });

  it("are refused when they cannot be read, or do not fit a built-in metric", () => {
    expect(
      linesOf({
        thresholds: {
          http_req_duration: ["p(95<500", "rate>0.9", { threshold: "p(101)<1" }],
          "http_req_failed{scenario:default}": "avg<1",
          "checks{": "rate>0.9",
          my_own_metric: "count>=1",
        },
      }),
    ).toMatchInlineSnapshot(`
      [
        "options.thresholds.http_req_duration[0]: "p(95<500" is not a threshold: expected a method (count, rate, value, avg, min, max, med, p(N)), then <, <=, >, >=, ==, === or !=, then a number",
        "options.thresholds.http_req_duration[1]: "http_req_duration" is a trend, which has no rate; it has avg, min, max, med, p(N)",
        "options.thresholds.http_req_duration[2].threshold: "p(101)<1" is not a threshold: a percentile is written p(N) with N from 0 to 100, for example p(95)",
        "options.thresholds["http_req_failed{scenario:default}"]: "http_req_failed" is a rate, which has no avg; it has rate",
        "options.thresholds["checks{"]: "checks{" is not a metric: expected a metric name, with {tag:value} behind it to choose a part",
      ]
    `);
  });

  it("speak of metrics that are built in or that the script made, and ask them for what they have", () => {
    const metrics = [
      { name: "orders", kind: "counter" },
      { name: "basket_value", kind: "trend" },
    ] as const;
    const thresholds = {
      orders: ["count>1", "p(95)<3"],
      "basket_value{kind:a}": ["avg>1", "rate>1"],
      basket_valu: "avg>1",
      http_req_duratoin: ["p(95)<3"],
      "nothing_like_it{a:b}": ["rate<1"],
      "http_reqs{status:500}": ["count<1"],
      iterations_started: ["count>0"],
    };
    expect(linesOf({ thresholds }, { metrics })).toMatchInlineSnapshot(`
      [
        "options.thresholds.orders[1]: "orders" is a counter, which has no p(N); it has count, rate",
        "options.thresholds["basket_value{kind:a}"][1]: "basket_value" is a trend, which has no rate; it has avg, min, max, med, p(N)",
        "options.thresholds.basket_valu: there is no metric \`basket_valu\`: it is neither built in nor made in the script's module scope (did you mean \`basket_value\`? the script declares orders, basket_value)",
        "options.thresholds.http_req_duratoin: there is no metric \`http_req_duratoin\`: it is neither built in nor made in the script's module scope (did you mean \`http_req_duration\`? the script declares orders, basket_value)",
        "options.thresholds["nothing_like_it{a:b}"]: there is no metric \`nothing_like_it\`: it is neither built in nor made in the script's module scope (the script declares orders, basket_value)",
      ]
    `);
    expect(linesOf({ thresholds: { mine: ["rate<1"] } }, { metrics: [] })).toMatchInlineSnapshot(`
      [
        "options.thresholds.mine: there is no metric \`mine\`: it is neither built in nor made in the script's module scope (the script declares none of its own)",
      ]
    `);
  });

  it("on other metrics are taken as they come when nobody looked which the script makes", () => {
    expect(planOf({ thresholds: { mine: ["rate<1"] } }).thresholds).toHaveProperty("mine");
  });
});
