/** What is cut, and what is asked of a worker after its end, changes nothing of what was counted. */
import { createServer } from "node:http";
import { expect, it, onTestFinished, vi } from "vitest";
import { listen } from "./http-bench.ts";
import { looping, orLost, planOf, prepare, runToEnd, shared, startTarget, totalOf } from "./worker-bench.ts";

const cutSoon = { ...looping(1, 200), gracefulStopMs: 100 };

it("an iteration that was cut sends nothing more, where its script goes on by itself", async () => {
  const target = await startTarget();
  const harness = await prepare(
    `import { http } from "loadmesh";
     export default async function () {
       await new Promise((resolve) => setTimeout(resolve, 600));
       setTimeout(() => console.log("long after"), 300);
       await http.get(__ENV.TARGET_URL);
     }`,
    planOf({ a: cutSoon }),
    { env: { TARGET_URL: target.url } },
  );
  const longAfter = new Promise<void>((resolve) => {
    harness.worker.onLog((line) => line.includes("long after") && resolve());
  });
  const end = await runToEnd(harness);
  await orLost(harness, longAfter);
  await orLost(harness, harness.worker.flush());
  expect(end.tallies["a"]).toMatchObject({ started: 1, interrupted: 1 });
  expect([target.total(), totalOf(harness.frames, "http_reqs")]).toEqual([0, 0]);
});

it("a sleep longer than a timer can wait does not end at once", async () => {
  const script = `import { sleep } from "loadmesh"; export default () => sleep(Infinity);`;
  const end = await runToEnd(await prepare(script, planOf({ a: cutSoon })));
  expect(end.tallies["a"]).toMatchObject({ started: 1, interrupted: 1 });
});

it("a worker that has ended is not given up for want of an answer to a stop", async () => {
  const harness = await prepare("export default () => undefined;", planOf({ a: shared(1, 1) }));
  await runToEnd(harness);
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  harness.worker.stop("now");
  vi.advanceTimersByTime(60_000);
  vi.useRealTimers();
  await orLost(harness, harness.worker.flush());
});

it("a scenario that has ended keeps no connections open while others go on", async () => {
  const server = createServer((_request, response) => {
    server.getConnections((_error, open) => response.end(String(open)));
  });
  const port = await listen(server);
  const harness = await prepare(
    `import { exec, http, sleep } from "loadmesh";
     export default async function () {
       if (exec.scenario.name === "after") await sleep(1);
       const open = await http.get(__ENV.TARGET_URL);
       if (exec.scenario.name === "after") console.log("open: " + open.body);
     }`,
    planOf({ before: shared(5, 20), after: shared(1, 1) }),
    { env: { TARGET_URL: `http://127.0.0.1:${port}/` } },
  );
  await runToEnd(harness);
  expect(harness.logs).toEqual(["open: 1"]);
});
