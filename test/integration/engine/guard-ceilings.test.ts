/** Ceilings of a zone's owner in a real worker: what the target counts never goes beyond them, whatever the script does. */
import { createServer } from "node:http";
import { describe, expect, it } from "vitest";
import type { Guard } from "../../../streams/schema/guard.ts";
import { Rails } from "../../../src/script/guard/rails.ts";
import { RequestCeilings } from "../../../src/script/guard/request-ceilings.ts";
import { startTimedTarget } from "../../support/timed-target.ts";
import { listen, openHttp } from "./http-bench.ts";
import { looping, orLost, planOf, prepare, shared, soon, totalOf } from "./worker-bench.ts";

const timedTarget = () =>
  startTimedTarget((request, response) => {
    if (request.url === "/moved") response.writeHead(302, { location: "/" });
    response.end("ok");
  });

async function started(
  text: string,
  plan: Parameters<typeof prepare>[1],
  guards: readonly Guard[],
  url: string,
) {
  const harness = await prepare(text, plan, { env: { URL: url } });
  const ceilings: string[] = [];
  harness.worker.onCeiling((reason) => ceilings.push(reason));
  const result = await harness.worker.init({ ...harness.assignment, guards });
  if (!result.ok) throw new Error(result.error.message);
  harness.worker.start(soon(), undefined);
  return { harness, ceilings };
}

describe("maxRate", () => {
  it("holds requests back, redirects and members of a batch among them, and blocked time tells so", async () => {
    await using target = await timedTarget();
    const text = `import { http } from "loadmesh";
      export default async function () {
        await http.batch([__ENV.URL + "/a", __ENV.URL + "/b", __ENV.URL + "/moved"]);
        await http.get(__ENV.URL + "/moved");
      }`;
    const plan = planOf({ a: looping(8, 3_000) });
    const { harness } = await started(text, plan, [{ zone: "eu", maxRate: 60 }], target.url);
    const { guarded = [] } = await orLost(harness, harness.worker.ended);
    expect(target.mostPerSecond()).toBeLessThanOrEqual(target.mostAt(60) + 3);
    expect(target.total()).toBeGreaterThan(150);
    expect(guarded).toEqual([
      { rail: "maxRate of zone eu", did: "held", requests: expect.any(Number) as number },
    ]);
    expect(guarded[0]?.requests).toBeGreaterThan(100);
    expect(totalOf(harness.frames, "http_reqs")).toBeLessThanOrEqual(target.total());
  });

  it("tells the time that a request waited as blocked", async () => {
    const port = await listen(createServer((_request, response) => response.end("ok")));
    const rails = new Rails();
    const ceilings = RequestCeilings.of([{ zone: "eu", maxRate: 10 }], rails, () => undefined);
    const { http, of } = openHttp({}, { ceilings, rails });
    const url = `http://127.0.0.1:${port}/`;
    const [first, second] = await Promise.all([http.get(url), http.get(url)]);
    expect(first?.timings.blocked).toBeLessThan(50);
    expect(second?.timings.blocked).toBeGreaterThan(45);
    expect(second?.timings.duration).toBeLessThan(45);
    expect(of("http_req_blocked")[1]?.value).toBeGreaterThan(45_000);
    expect(rails.all).toEqual([{ rail: "maxRate of zone eu", did: "held", requests: 1 }]);
  });

  it("is the lowest of all owners', each with this worker's part", async () => {
    await using target = await timedTarget();
    const text = `import { http } from "loadmesh";
      export default async () => { await http.get(__ENV.URL); };`;
    const guards = [
      { zone: "world", maxRate: 1000 },
      { zone: "eu", maxRate: 80, part: { rate: 20_000 } },
    ];
    const { harness } = await started(text, planOf({ a: looping(3, 2_000) }), guards, target.url);
    await orLost(harness, harness.worker.ended);
    expect(target.mostPerSecond()).toBeLessThanOrEqual(target.mostAt(20) + 2);
    expect(target.total()).toBeGreaterThan(30);
  });

  it("sends nothing later that waited in an iteration which was cut, and lets the worker end", async () => {
    await using target = await timedTarget();
    const text = `import { http } from "loadmesh";
      export default async () => { await http.get(__ENV.URL); };`;
    const { harness } = await started(
      text,
      planOf({ a: looping(20, 20_000) }),
      [{ zone: "eu", maxRate: 2 }],
      target.url,
    );
    await expect.poll(target.total, { timeout: 5_000 }).toBeGreaterThan(0);
    harness.worker.stop("now");
    const { stopped, tallies } = await orLost(harness, harness.worker.ended);
    expect([stopped, tallies["a"]?.interrupted]).toEqual([true, 20]);
  });
});

describe("maxRequests", () => {
  const text = `import { http } from "loadmesh";
    export default async function () {
      await http.batch([__ENV.URL, __ENV.URL + "/moved"]);
    }`;

  it("lets exactly so many out, says so once, and starts nothing any more", async () => {
    await using target = await timedTarget();
    const plan = planOf({ a: { ...shared(4, 1_000), gracefulStopMs: 300 } });
    const guards = [{ zone: "eu", maxRequests: 400, part: { requests: 100 } }];
    const { ceilings, harness } = await started(text, plan, guards, target.url);
    const end = await orLost(harness, harness.worker.ended);
    expect(target.total()).toBe(100);
    expect(ceilings).toEqual([
      "the owner of zone eu allows a run 400 requests (maxRequests), and the 100 of them that this worker has are used up",
    ]);
    const { completed = 0, interrupted = 0 } = end.tallies["a"] ?? {};
    expect(completed).toBeLessThan(34);
    expect(interrupted).toBeGreaterThan(0);
  });

  it("of which nothing fell to a worker lets nothing out", async () => {
    await using target = await timedTarget();
    const plan = planOf({ a: { ...shared(1, 5), gracefulStopMs: 100 } });
    const guards = [{ zone: "eu", maxRequests: 3, part: { requests: 0 } }];
    const { ceilings, harness } = await started(text, plan, guards, target.url);
    await orLost(harness, harness.worker.ended);
    expect([target.total(), ceilings.length]).toEqual([0, 1]);
  });

  it("counts what waits for its turn when it goes, not when it asks", async () => {
    await using target = await timedTarget();
    const plan = planOf({ a: { ...shared(10, 100), gracefulStopMs: 200 } });
    const guards = [{ zone: "eu", maxRate: 100, maxRequests: 15 }];
    const { ceilings, harness } = await started(text, plan, guards, target.url);
    await orLost(harness, harness.worker.ended);
    expect([target.total(), ceilings.length]).toEqual([15, 1]);
  });
});
