import { describe, expect, it } from "vitest";
import {
  looping,
  orLost,
  planOf,
  prepare,
  runToEnd,
  shared,
  soon,
  startTarget,
  totalOf,
} from "./worker-bench.ts";

const script = `
  import { check, group, http, sleep, Trend } from "loadmesh";
  const size = new Trend("body_size");
  export default async function (data: { user: string }) {
    const page = await http.get(__ENV.TARGET_URL + "/page/" + __ITER, { tags: { name: "page" } });
    check(page, { "is 200": (r) => r.status === 200, "greets": (r) => String(r.body).includes("hello") });
    size.add(String(page.body).length, { kind: "text" });
    await group("order", async () => {
      const made = await http.post(__ENV.TARGET_URL + "/order", JSON.stringify({ user: data.user }), {
        headers: { "Content-Type": "application/json" },
      });
      check(made, { "echoes": (r) => r.json("user") === "ada" });
      await sleep(0.001);
    });
  }
`;

describe("a worker", () => {
  it("counts exactly the requests that the target counted, and balances its ledger", async () => {
    const target = await startTarget((request, response) => {
      if (request.method === "POST") request.pipe(response.setHeader("content-type", "application/json"));
      else response.end("hello");
    });
    const plan = planOf({ shop: shared(5, 100) });
    const harness = await prepare(script, plan, { env: { TARGET_URL: target.url } });
    const end = await runToEnd(harness, { user: "ada" });
    const { frames } = harness;

    expect(end.tallies).toEqual({
      shop: { planned: 100, started: 100, completed: 100, interrupted: 0, dropped: 0 },
    });
    expect(target.total()).toBe(200);
    expect(totalOf(frames, "http_reqs")).toBe(200);
    expect(
      totalOf(frames, "http_reqs", { name: "page", scenario: "shop", method: "GET", status: "200" }),
    ).toBe(100);
    expect(totalOf(frames, "http_reqs", { group: "::order", method: "POST" })).toBe(100);
    expect(totalOf(frames, "http_req_duration")).toBe(200);
    expect(totalOf(frames, "http_req_failed")).toBe(0);
    expect(totalOf(frames, "iterations")).toBe(100);
    expect(totalOf(frames, "iterations_started", { scenario: "shop" })).toBe(100);
    expect(totalOf(frames, "checks")).toBe(300);
    expect(totalOf(frames, "checks", { check: "echoes", group: "::order" })).toBe(100);
    expect(totalOf(frames, "group_duration", { group: "::order" })).toBe(100);
    expect(totalOf(frames, "body_size", { kind: "text" })).toBe(100);
    expect(totalOf(frames, "data_received")).toBeGreaterThan(200 * 50);
    expect(end.interruptedRequests).toBe(0);
    expect(end.lastRequestAtNs).toBeLessThanOrEqual(process.hrtime.bigint());
    expect(harness.warnings).toEqual([]);
  });

  it("states the instant of the load's last request, not of one that setup() made", async () => {
    const target = await startTarget();
    const harness = await prepare(
      `import { http, sleep } from "loadmesh";
       export const setup = async () => { await sleep(0.3); await http.get(__ENV.TARGET_URL); };
       export default () => http.get(__ENV.TARGET_URL);`,
      planOf({ a: shared(1, 1) }),
      { env: { TARGET_URL: target.url } },
    );
    await harness.worker.init(harness.assignment);
    await orLost(harness, harness.worker.runStage("setup", undefined, 2_000));
    const startAtNs = soon();
    harness.worker.start(startAtNs, undefined);
    const { lastRequestAtNs } = await orLost(harness, harness.worker.ended);
    expect(lastRequestAtNs).toBeGreaterThanOrEqual(startAtNs);
    expect(lastRequestAtNs).toBeLessThanOrEqual(process.hrtime.bigint());
    expect(totalOf(harness.frames, "http_reqs")).toBe(2);
  });

  it("sends one frame per window, numbered, the last one final, and one more after teardown", async () => {
    const target = await startTarget();
    const harness = await prepare(
      `import { http, sleep } from "loadmesh";
       export default async () => { await http.get(__ENV.TARGET_URL); await sleep(0.02); };
       export async function teardown() { await http.get(__ENV.TARGET_URL + "/bye"); }`,
      planOf({ a: looping(2, 1_000) }),
      { env: { TARGET_URL: target.url } },
    );
    const end = await runToEnd(harness);
    const loaded = harness.frames.length;
    expect(end.frames).toBe(loaded);
    expect(harness.frames.map(({ head }) => head.number)).toEqual([...Array(loaded).keys()]);
    expect(harness.frames.map(({ head }) => head.window)).toEqual([...Array(loaded).keys()]);
    expect(harness.frames.map(({ head }) => head.final).indexOf(true)).toBe(loaded - 1);
    expect(harness.frames.every(({ head }) => head.health.length === 1)).toBe(true);

    const result = await orLost(harness, harness.worker.runStage("teardown", undefined, 2_000));
    expect(result).toEqual({ kind: "done", value: undefined });
    await orLost(harness, harness.worker.flush());
    expect(harness.frames).toHaveLength(loaded + 1);
    expect(totalOf(harness.frames, "http_reqs", { group: "::teardown" })).toBe(1);
    expect(totalOf(harness.frames, "http_reqs")).toBe(target.total());
    expect(totalOf(harness.frames, "iterations")).toBe(end.tallies["a"]?.completed);
  });
});
