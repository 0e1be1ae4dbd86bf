import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import {
  planOf,
  prepare,
  looping,
  orLost,
  runToEnd,
  shared,
  soon,
  startTarget,
  totalOf,
} from "./worker-bench.ts";

const noLoad = planOf({ a: shared(1, 1) });

describe("a script that goes wrong", () => {
  it("is told once where an await is missing, and its requests are counted", async () => {
    const target = await startTarget();
    const harness = await prepare(
      [
        `import { http } from "loadmesh";`,
        `export default async function () {`,
        `  http.get(__ENV.TARGET_URL);`,
        `}`,
      ].join("\n"),
      planOf({ a: shared(2, 20) }),
      { env: { TARGET_URL: target.url } },
    );
    const end = await runToEnd(harness);
    expect(end.tallies["a"]?.completed).toBe(20);
    expect(target.total()).toBe(20);
    expect(totalOf(harness.frames, "http_reqs")).toBe(20);
    expect(harness.warnings).toHaveLength(1);
    expect(harness.warnings[0]).toMatch(/script\.ts:3:8: .*an await is missing/);
  });

  it("may throw what cannot be made a text: the iteration has failed, and the next begins", async () => {
    const harness = await prepare(
      `export default function () { throw Object.assign(Object.create(null), { n: 1n }); }`,
      planOf({ a: shared(1, 3) }),
    );
    const end = await runToEnd(harness);
    expect(end.tallies["a"]).toMatchObject({ completed: 3, interrupted: 0 });
    expect(harness.logs[0]).toBe("iteration failed: Error: [object Object]");
  });

  it("is told once of a request's parameter that nobody knows, with its place", async () => {
    const target = await startTarget();
    const harness = await prepare(
      [
        `import { http } from "loadmesh";`,
        `export default async function () {`,
        `  await http.get(__ENV.TARGET_URL, { timeuot: "3s" });`,
        `}`,
      ].join("\n"),
      planOf({ a: shared(2, 20) }),
      { env: { TARGET_URL: target.url } },
    );
    await runToEnd(harness);
    expect(target.total()).toBe(20);
    expect(harness.warnings).toEqual([
      expect.stringMatching(/script\.ts:3:\d+: "timeuot" is no parameter of a request and does nothing/),
    ]);
  });

  it("loses its worker, and says so, when it calls process.exit", async () => {
    const harness = await prepare(
      `export default () => { console.log("bye"); process.exit(3); };`,
      planOf({ a: shared(1, 1) }),
    );
    await harness.worker.init(harness.assignment);
    harness.worker.start(soon(), undefined);
    const loss = await harness.worker.lost;
    expect(loss).toMatchObject({ name: "local-1.1/w0", cause: "called process.exit(3)", lastLines: ["bye"] });
  });

  it("loses its worker, and says so, when it runs out of memory", async () => {
    const harness = await prepare(
      `export default () => { const all = []; for (;;) all.push(new Array(1000).fill({})); };`,
      planOf({ a: shared(1, 1) }),
      { heapMb: 60 },
    );
    await harness.worker.init(harness.assignment);
    harness.worker.start(soon(), undefined);
    expect((await harness.worker.lost).cause).toBe("ran out of memory");
  });

  it("that loops for ever is ended within the bound after a stop", async () => {
    const harness = await prepare(
      `export default () => { console.log("begun"); for (;;); };`,
      planOf({ a: looping(1, 2_000) }),
    );
    await harness.worker.init(harness.assignment);
    const begun = new Promise((resolve) => harness.worker.onLog(resolve));
    harness.worker.start(soon(), undefined);
    await begun;
    harness.worker.stop();
    expect((await harness.worker.lost).cause).toMatch(/^did not respond for 5 s/);
  });

  it("gets its errors with the place in its own file, and goes on", async () => {
    const harness = await prepare(
      [
        `import { http } from "loadmesh";`,
        `interface Shape { readonly sides: number }`,
        `enum Kind { Square = "square" }`,
        `const area = (shape?: Shape): number => shape!.sides;`,
        `export default async function () {`,
        `  await Promise.resolve(Kind.Square);`,
        `  area(undefined);`,
        `}`,
      ].join("\n"),
      planOf({ a: shared(1, 2) }),
    );
    const end = await runToEnd(harness);
    expect(end.tallies["a"]).toMatchObject({ completed: 2, interrupted: 0 });
    expect(harness.logs[0]).toMatch(/^iteration failed: TypeError: .*\(.*script\.ts:4:48\)$/);
  });

  it("that throws in module scope fails its initialisation with its place", async () => {
    const harness = await prepare(
      `const text: string = "x";\nif (__VU > 1) throw new RangeError("not " + text);\nexport default () => {};`,
      planOf({ a: shared(2, 2) }),
    );
    const result = await harness.worker.init(harness.assignment);
    expect(result).toMatchObject({
      ok: false,
      error: { name: "RangeError", message: "not x", place: { line: 2 } },
    });
  });
});

describe("a stage", () => {
  it("that waits too long times out and leaves the worker usable", async () => {
    const harness = await prepare(
      `import { sleep } from "loadmesh"; export default () => {}; export const setup = () => sleep(30);`,
      noLoad,
    );
    await harness.worker.init(harness.assignment);
    expect(await orLost(harness, harness.worker.runStage("setup", undefined, 200))).toEqual({
      kind: "timeout",
    });
    harness.worker.start(soon(), undefined);
    expect((await orLost(harness, harness.worker.ended)).tallies["a"]?.completed).toBe(1);
  });

  it("that blocks the event loop times out and costs the worker", async () => {
    const harness = await prepare(
      `export default () => {}; export const setup = () => { for (;;); };`,
      noLoad,
    );
    await harness.worker.init(harness.assignment);
    expect(await harness.worker.runStage("setup", undefined, 200)).toEqual({ kind: "timeout" });
    expect((await harness.worker.lost).cause).toMatch(/^did not respond for 1.2 s/);
  });

  it("gives its value, its error with place, or what JSON cannot carry", async () => {
    const harness = await prepare(
      `export default () => {};
       export const setup = async () => ({ at: 7, when: undefined });
       export const teardown = (data) => { throw new Error("no " + data.at); };
       export const handleSummary = (data) => ({ stdout: "runs " + data.runs, "a.bin": new Uint8Array([0, 255, 1]).subarray(1), "b.bin": new Uint8Array([7]).buffer });`,
      noLoad,
    );
    await harness.worker.init(harness.assignment);
    expect(await harness.worker.runStage("setup", undefined, 1_000)).toEqual({
      kind: "done",
      value: { at: 7 },
    });
    expect(await harness.worker.runStage("teardown", { at: 7 }, 1_000)).toMatchObject({
      kind: "failed",
      error: { message: "no 7", place: { line: 3 } },
    });
    expect(await harness.worker.runStage("summary", { runs: 2 }, 1_000)).toEqual({
      kind: "done",
      value: { stdout: "runs 2", "a.bin": { base64: "/wE=" }, "b.bin": { base64: "Bw==" } },
    });
  });
});

describe("a target that misbehaves", () => {
  it("gives measurements: refused, reset, too slow", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => closed.once("listening", resolve));
    const refusedPort = (closed.address() as AddressInfo).port;
    await new Promise((resolve) => closed.close(resolve));
    const target = await startTarget((request, response) => {
      if (request.url === "/reset") request.socket.destroy();
      else if (request.url === "/missing") response.writeHead(404).end();
    });
    const harness = await prepare(
      `import { check, http } from "loadmesh";
       export default async () => {
         const refused = await http.get("http://127.0.0.1:${refusedPort}/", { tags: { name: "refused" } });
         check(refused, { refused: (r) => r.status === 0 && r.error_code === 1212 && r.error.includes("refused") });
         const reset = await http.get(__ENV.TARGET_URL + "/reset", { tags: { name: "reset" } });
         check(reset, { reset: (r) => r.status === 0 && r.error_code === 1220 });
         const slow = await http.get(__ENV.TARGET_URL + "/slow", { timeout: "100ms", tags: { name: "slow" } });
         const { blocked, duration } = slow.timings; // the timeout covers both
         check(slow, { slow: (r) => r.status === 0 && r.error_code === 1050 && blocked + duration >= 98 });
         const missing = await http.get(__ENV.TARGET_URL + "/missing", { tags: { name: "missing" } });
         check(missing, { missing: (r) => r.status === 404 && r.error_code === 1404 });
       };`,
      planOf({ a: shared(1, 1) }),
      { env: { TARGET_URL: target.url } },
    );
    await runToEnd(harness);
    expect(harness.logs).toEqual([]);
    const passed = ["refused", "reset", "slow", "missing"].filter((check) =>
      totalOf(harness.frames, "checks", { check }),
    );
    expect(passed).toEqual(["refused", "reset", "slow", "missing"]);
    expect(totalOf(harness.frames, "http_reqs")).toBe(4);
    expect(totalOf(harness.frames, "http_req_failed")).toBe(4);
    expect(
      totalOf(harness.frames, "http_reqs", { error_code: "1212", status: "0", expected_response: "false" }),
    ).toBe(1);
  });

  it("is followed through redirects, with cookies, every hop measured", async () => {
    const target = await startTarget((request, response) => {
      if (request.url === "/start")
        response.writeHead(302, { location: "/end", "set-cookie": "id=7; Path=/" }).end();
      else response.end(JSON.stringify({ method: request.method, cookie: request.headers.cookie ?? "" }));
    });
    const harness = await prepare(
      `import { check, http } from "loadmesh";
       export default async () => {
         const end = await http.post(__ENV.TARGET_URL + "/start", { a: 1 });
         check(end, {
           "is a get with the cookie": (r) => r.json("method") === "GET" && r.json("cookie") === "id=7",
           "names its url": (r) => r.url.endsWith("/end"),
         });
       };`,
      planOf({ a: shared(1, 3) }),
      { env: { TARGET_URL: target.url } },
    );
    await runToEnd(harness);
    expect(totalOf(harness.frames, "checks")).toBe(6);
    expect(totalOf(harness.frames, "http_reqs", { status: "302" })).toBe(3);
    expect(Object.fromEntries(target.counts)).toEqual({ "POST /start": 3, "GET /end": 3 });
  });
});
