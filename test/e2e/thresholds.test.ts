/**
 * Thresholds that end a run while it goes on, as a person sees it: every agent stops, the cause is in the log with its
 * evidence, and the numbers are those of the target. What bad thresholds and bad samples are told.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RunEvent } from "../../streams/events/run.ts";
import { type CountingTarget, startCountingTarget } from "../support/counting-target.ts";
import { createMeshHome, type MeshHome, type MeshProcess } from "../support/run-mesh.ts";
import { createScriptFolder, script, type ScriptFolder } from "../support/scripts.ts";
import { countOf, documentOf, expectBalanced } from "./documents.ts";
import { startSeparateMesh } from "./separate-mesh.ts";

let target: CountingTarget;
let files: ScriptFolder;
beforeAll(async () => {
  target = await startCountingTarget();
  files = createScriptFolder();
});
afterAll(async () => {
  files[Symbol.dispose]();
  await target.stop();
});

const env = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).flatMap(([name, value]) => ["--env", `${name}=${value}`]);

const breach = (values: Readonly<Record<string, string>>, ...more: readonly string[]) => [
  "run",
  script("breach"),
  "--json",
  ...more,
  ...env({ TARGET_URL: target.url, ...values }),
];

const shows = (run: MeshProcess, line: RegExp) => run.stderr.line(line, 20_000);

/** The run's log as `mesh events --json` prints it. */
async function eventsOf(home: MeshHome, run: string, where: readonly string[]): Promise<readonly RunEvent[]> {
  const exit = await home.run(["events", run, ...where, "--json"]);
  expect(exit.code, exit.stderr).toBe(0);
  return exit.stdout
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as { body: RunEvent }).body);
}

const only = <T extends RunEvent["type"]>(events: readonly RunEvent[], type: T) =>
  events.filter((event): event is RunEvent & { type: T } => event.type === type);

describe("a threshold with abortOnFail", () => {
  it("stops every agent of two zones when it is crossed, and the log tells where and when", async () => {
    await target.behave({ status: 200 });
    const before = await target.stats();
    await using mesh = await startSeparateMesh({ a: ["a1", "a2"], b: ["b1", "b2"] });
    const run = mesh.home.start(breach({}, "--zones", "a,b", "--agents", "4", ...mesh.where));
    await shows(run, /^2s\/60s/);
    await target.behave({ status: 500 });
    const exit = await run.exit(30_000);
    await target.behave({ status: 200 });
    expect(exit.code, exit.stderr).toBe(99);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(document.outcome).toBe("failed");
    expect(document.cause).toMatch(/^http_req_failed was 0\.\d+, must be rate<0\.05 \(window \d+\)$/);
    expect(document.durationMs).toBeLessThan(20_000);
    const { agents, interruptedRequests = 0, mismatches, stopped } = document.completeness;
    expect({ agents, mismatches }).toEqual({
      agents: { expected: 4, finished: 4, lost: [] },
      mismatches: [],
    });

    // What the target counted, the report has: as samples, or as declared requests that were cut.
    const seen = (await target.stats()).total - before.total;
    const counted = countOf(document, "http_reqs") ?? 0;
    expect(seen).toBeGreaterThanOrEqual(counted);
    expect(seen).toBeLessThanOrEqual(counted + interruptedRequests);

    const events = await eventsOf(mesh.home, document.run, mesh.where);
    const [stopping] = only(events, "RunStopping");
    const [start] = only(events, "RunStarted");
    expect(stopping?.cause).toMatchObject({ kind: "threshold", message: document.cause });
    expect(stopping?.evidence).toMatchObject({ metric: "http_req_failed", threshold: "rate<0.05" });
    expect(stopping?.evidence?.observed).toBeGreaterThanOrEqual(0.05);
    expect(stopping?.evidence?.window).toBe(stopped?.window);
    const windowEnd = (start?.startAt ?? 0) + 200_000 * ((stopping?.evidence?.window ?? 0) + 1);
    const finishes = only(events, "ZoneFinished").flatMap((zone) => zone.agents);
    expect(finishes.map(({ agent }) => agent).toSorted()).toEqual(["a1", "a2", "b1", "b2"]);
    for (const { agent, lastRequestAt } of finishes) {
      // Every agent was still at work when the window ended, and none was a moment later.
      expect(lastRequestAt - windowEnd, agent).toBeGreaterThan(-1_000_000);
      expect(lastRequestAt - windowEnd, agent).toBeLessThan(3_000_000);
      expect(stopped?.lastRequestMs[agent]).toBe((lastRequestAt - (start?.startAt ?? 0)) / 1000);
    }
    const text = await mesh.home.run(["events", document.run, ...mesh.where]);
    expect(text.stdout).toMatch(/ZoneFinished .*last requests: \w+ at \d\d:\d\d:\d\d/);
    const replayed = await mesh.home.run(["replay", document.run, ...mesh.where, "--json"]);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ ok: true, summary: document });
  });

  it("is not judged before its delayAbortEval is over", async () => {
    await using home = createMeshHome();
    await target.behave({ status: 500 });
    const run = home.start(breach({ DELAY: "3s", SECONDS: "6" }));
    await shows(run, /^1s\/6s/);
    await target.behave({ status: 200 });
    const exit = await run.exit(40_000);
    expect(exit.code, exit.stderr).toBe(99);
    const { stopped } = documentOf(exit).completeness;
    // The delay is over when it is less than the time that has passed: not in the window that ends with it.
    expect(stopped?.windowEndMs).toBe(3_200);
  });

  it("does not stop a run without it: what recovers by the end passes, what does not fails", async () => {
    await using home = createMeshHome();
    await target.behave({ status: 500 });
    const file = files.write(
      "recovers.ts",
      `import { http, sleep } from "loadmesh";
       const executor = "per-vu-iterations";
       export const options = {
         scenarios: { s: { executor, vus: 2, iterations: 40 } },
         thresholds: { http_req_failed: ["rate<0.5"], "http_req_duration{status:404}": ["avg<100"] },
       };
       export default async () => {
         await http.get(__ENV.TARGET_URL + (__ITER < 8 ? "/status/500" : "/status/200"));
         await sleep(0.05);
       };`,
    );
    const exit = await home.run(["run", file, "--json", ...env({ TARGET_URL: target.url })]);
    await target.behave({ status: 200 });
    expect(exit.code, exit.stderr).toBe(99);
    const document = documentOf(exit);
    expect(document.ledger.total).toMatchObject({ planned: 80, completed: 80 });
    expect(document.thresholds).toEqual([
      { metric: "http_req_failed", threshold: "rate<0.5", judgement: "pass", observed: 0.2 },
      { metric: "http_req_duration{status:404}", threshold: "avg<100", judgement: "no data" },
    ]);
    expect(document.cause).toBe("thresholds failed: http_req_duration{status:404} avg<100 (no data)");
  });
});

describe("a threshold with a timeframe", () => {
  it("on one zone ends the run with 99, names its windows and zone, and is found again by a replay", async () => {
    await using home = createMeshHome();
    const file = files.write(
      "timeframe.ts",
      `import { Counter, http, sleep } from "loadmesh";
       const asked = new Counter("asked");
       export const options = {
         vus: 4,
         duration: "60s",
         thresholds: {
           "http_req_failed{zone:b}": [{ threshold: "rate<0.5 for 2s", abortOnFail: true, delayAbortEval: "1s" }],
           "http_reqs{zone:a}": ["count>0", "rate>0 within 2s"],
           "http_reqs{zone:b}": ["count>0"],
           "asked{part:second}": ["count>0 for 1s"],
         },
       };
       export default async () => {
         const isLate = __ITER >= 20;
         await http.get(__ENV.TARGET_URL + (isLate ? "/status/500" : "/status/200"), { tags: { zone: "mine" } });
         asked.add(1, { part: isLate ? "second" : "first" });
         await sleep(0.05);
       };`,
    );
    const load = ["--zones", "a,b", "--agents", "2", "--json", ...env({ TARGET_URL: target.url })];
    const exit = await home.run(["run", file, ...load]);
    expect(exit.code, exit.stderr).toBe(99);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(document.cause).toMatch(
      /^http_req_failed\{zone:b\} was 1, must be rate<0\.5 for 2s \(windows \d+ to \d+\)$/,
    );
    expect(document.thresholds).toMatchObject([
      { judgement: "fail", observed: 1 },
      ...["pass", "pass", "pass", "pass"].map((judgement) => ({ judgement })),
    ]);
    // Two seconds, and found as soon as they were over.
    const { frame } = document.thresholds?.[0] ?? {};
    expect((frame?.toMs ?? 0) - (frame?.fromMs ?? 0)).toBe(2000);
    expect(document.completeness.stopped?.windowEndMs).toBe(frame?.toMs);

    // A zone's samples are its own, whatever the script calls it, and all of them together are the run's.
    const [a = 0, b = 0] = ["a", "b"].map((zone) => countOf(document, `http_reqs{zone:${zone}}`));
    expect([a + b, a > 0, b > 0]).toEqual([countOf(document, "http_reqs"), true, true]);
    expect(exit.stderr.match(/timeframe\.ts:15:\d+: the tag "zone" is the mesh's own/g)).not.toBeNull();
    const replayed = await home.run(["replay", document.run, "--json"]);
    expect(JSON.parse(replayed.stdout)).toMatchObject({ ok: true, summary: document });
    const told = await home.run(["events", document.run]);
    expect(told.stdout).toContain(document.cause);
  });
});

describe("a threshold on what is not there", () => {
  it("is refused with 104 before anything runs, with what was probably meant", async () => {
    await using home = createMeshHome();
    const before = await target.stats();
    const file = files.write(
      "unknown.ts",
      `import { Counter, http, Trend } from "loadmesh";
       const orders = new Counter("orders");
       const wait = new Trend("wait", true);
       export const options = {
         thresholds: {
           http_req_duraton: ["p(95)<500"],
           "order{kind:a}": ["count>0"],
           orders: ["p(95)<3", "count>=1"],
           wait: ["mean<4"],
         },
       };
       export default async () => void (await http.get(__ENV.TARGET_URL));`,
    );
    const exit = await home.run(["run", file, ...env({ TARGET_URL: target.url })]);
    expect(exit.code, exit.stderr).toBe(104);
    expect(exit.stderr).toContain("has 4 problems in its options");
    expect(exit.stderr).toMatch(
      /options\.thresholds\.http_req_duraton: .*did you mean `http_req_duration`\?/,
    );
    expect(exit.stderr).toMatch(/options\.thresholds\["order\{kind:a\}"\]: .*did you mean `orders`\?/);
    expect(exit.stderr).toContain(`options.thresholds.orders[0]: "orders" is a counter, which has no p(N)`);
    expect(exit.stderr).toContain(`options.thresholds.wait[0]: "mean<4" is not a threshold`);
    expect(await target.stats()).toEqual(before);
  });
});

describe("bad samples", () => {
  it("are rejected, told once with their place, and counted; nothing else is lost", async () => {
    await using home = createMeshHome();
    const file = files.write(
      "samples.ts",
      `import { Counter, Gauge, Rate, Trend } from "loadmesh";
const [errors, level] = [new Counter("errors"), new Gauge("level")];
const [wait, ok] = [new Trend("wait", true), new Rate("ok")];
const never = new Counter("never");
export const options = {
  thresholds: { never: ["count==0"], "never{kind:a}": ["count<1"], errors: ["count==20"], wait: ["max<=7"] },
};
export default () => {
  errors.add(Number.NaN);
  errors.add("3" as never);
  errors.add(2);
  wait.add(-1);
  wait.add(7);
  level.add(Infinity);
  level.add(-5);
  ok.add("yes" as never);
  ok.add(true);
};
`,
    );
    const load = ["--vus", "1", "--iterations", "10"];
    const exit = await home.run(["run", file, ...load, "--json"]);
    expect(exit.code, exit.stderr).toBe(0);
    const document = documentOf(exit);
    expect(document.ledger.total).toMatchObject({ planned: 10, completed: 10 });
    expect(document.completeness.faults).toEqual({
      errors: { rejected: 20, saturated: 0 },
      level: { rejected: 10, saturated: 0 },
      ok: { rejected: 10, saturated: 0 },
      wait: { rejected: 10, saturated: 0 },
    });
    expect(document.metrics["level"]?.values).toEqual({ value: -5, min: -5, max: -5 });
    expect(document.metrics["ok"]?.values).toEqual({ rate: 1, passes: 10, fails: 0 });
    for (const [line, text] of [
      [9, "errors.add(NaN): a counter takes finite numbers"],
      [12, "wait.add(-1): a trend takes finite numbers that are not negative"],
      [14, "level.add(Infinity): a gauge takes finite numbers"],
      [16, 'ok.add("yes"): a rate takes true, false and numbers'],
    ] as const) {
      const told = exit.stderr.split("\n").filter((each) => each.includes(text));
      expect(told, exit.stderr).toHaveLength(1);
      expect(told[0]).toMatch(new RegExp(`samples\\.ts:${line}:\\d+: `));
    }
  });

  it("of a metric that is made twice are never taken: 107, with the place", async () => {
    await using home = createMeshHome();
    const text = `import { Counter, Trend } from "loadmesh";\nnew Counter("twice");\nnew Trend("twice");\nexport default () => {};\n`;
    const exit = await home.run(["run", files.write("twice.ts", text)]);
    expect(exit.code, exit.stderr).toBe(107);
    expect(exit.stderr).toMatch(
      /^mesh: .*twice\.ts:3:\d+: .*metric "twice" is a counter already; it cannot be a trend/,
    );
  });
});

describe("more tag values than are told apart", () => {
  it("are counted together, to the last one, and the summary says of which metric and tag", async () => {
    await using home = createMeshHome();
    const file = files.write(
      "many.ts",
      `import { Counter, exec, Trend } from "loadmesh";
       const [seen, size] = [new Counter("seen"), new Trend("size")];
       export const options = { scenarios: { s: { executor: "shared-iterations", vus: 4, iterations: 200 } } };
       export default () => {
         for (let n = 0; n < 100; n++) {
           const user = String(exec.scenario.iterationInTest * 100 + n);
           seen.add(1, { user, kind: "k" });
           size.add(n, { user, kind: "k" });
         }
       };`,
    );
    const exit = await home.run(["run", file, "--zones", "a,b", "--agents", "2"]);
    expect(exit.code, exit.stderr).toBe(0);
    expect(exit.stdout).toMatch(/seen\.+: 20000 /);
    expect(exit.stdout.replaceAll(/\s+/g, " ")).toContain(
      '! tag "user" of seen, size has too many values: beyond 500 series of a metric in a worker, 2000 in a zone, they are counted together as __other__; totals are exact',
    );
  });
});

describe("an open scenario", () => {
  it("of 300/s for 6 s plans exactly 1,800, over agents of two zones", async () => {
    await using home = createMeshHome();
    const file = files.write(
      "open.ts",
      `import { http } from "loadmesh";
       const executor = "constant-arrival-rate";
       export const options = { scenarios: { o: { executor, rate: 300, duration: "6s", preAllocatedVUs: 30 } } };
       export default async () => void (await http.get(__ENV.TARGET_URL + "/open"));`,
    );
    const where = ["--zones", "a=2,b", "--agents", "3"];
    const exit = await home.run(["run", file, ...where, "--json", ...env({ TARGET_URL: target.url })]);
    expect(exit.code, exit.stderr).toBe(0);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(document.ledger.scenarios["o"]?.planned).toBe(1800);
    const planned = Object.values(document.ledger.agents).map((line) => line.planned);
    expect(planned).toEqual([600, 600, 600]);
    expect((await target.stats()).paths["/open"]).toBe(document.ledger.total.completed);
  });
});
