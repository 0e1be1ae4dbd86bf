/** Every way in which a script can end its worker: the loss names the cause, the last lines and the iteration. */
import { describe, expect, it } from "vitest";
import { planOf, prepare, runToEnd, shared, soon } from "./worker-bench.ts";

/** Two VUs and ten iterations, of which the seventh does it, behind a pause in which the other VU has its turn. */
async function lossBy(deed: string, over: { heapMb?: number; stop?: boolean } = {}) {
  const harness = await prepare(
    `import { exec, sleep } from "loadmesh";
     export default async () => {
       const n = exec.scenario.iterationInTest;
       await sleep(0.02);
       if (n !== 6) return;
       console.log("about to do it");
       ${deed}
     };`,
    planOf({ other: { ...shared(1, 1), startTimeMs: 15_000 }, a: shared(2, 10) }),
    over,
  );
  await harness.worker.init(harness.assignment);
  const begun = new Promise((resolve) => harness.worker.onLog(resolve));
  harness.worker.start(soon(), undefined);
  await begun;
  if (over.stop === true) harness.worker.stop();
  return harness.worker.lost;
}

const inTheSeventh = { scenario: "a", number: 6, vu: expect.any(Number) as number };
const lastLines = ["about to do it"];

describe("a script that ends its worker", () => {
  it.each([
    ["by process.exit", "process.exit(3);", "called process.exit(3)"],
    ["by a signal to itself", 'process.kill(process.pid, "SIGSEGV"); for (;;);', "was killed by SIGSEGV"],
    [
      "by SIGKILL, as the system does",
      'process.kill(process.pid, "SIGKILL"); for (;;);',
      /^was killed by SIGKILL/,
    ],
  ])("%s is told with its last lines and its iteration", async (_, deed, cause) => {
    const loss = await lossBy(deed);
    expect(loss).toMatchObject({ name: "local-1.1/w0", lastLines, iteration: inTheSeventh });
    expect(loss.cause).toMatch(cause);
  });

  it("by a native crash is told with the engine's own last lines", async () => {
    const loss = await lossBy("process.abort();");
    expect(loss).toMatchObject({ cause: "was killed by SIGABRT", iteration: inTheSeventh });
    expect(loss.lastLines.join("\n")).toContain("about to do it");
  });

  it("by running out of memory is told as that", async () => {
    const deed = "const all = []; for (;;) all.push(new Array(1000).fill({}));";
    const loss = await lossBy(deed, { heapMb: 60 });
    expect(loss).toMatchObject({ cause: "ran out of memory", iteration: inTheSeventh });
  });

  it("by blocking the event loop is told as that, from a thread that is not blocked", async () => {
    const loss = await lossBy("for (;;);", { stop: true });
    expect(loss.cause).toMatch(/^did not respond for 5 s/);
    expect(loss).toMatchObject({ lastLines, iteration: inTheSeventh });
  });
});

describe("an error that no iteration can catch", () => {
  it.each([
    ["in a timer", 'setTimeout(() => { throw new RangeError("late"); }, 1);'],
    ["in a promise that nobody awaits", 'void Promise.reject(new RangeError("late"));'],
  ])("%s costs nothing but a line that names it and what ran last", async (_, deed) => {
    const harness = await prepare(
      `import { sleep } from "loadmesh";
       export default async () => { ${deed} await sleep(0.05); };`,
      planOf({ a: shared(1, 2) }),
    );
    const end = await runToEnd(harness);
    expect(end.tallies["a"]?.completed).toBe(2);
    expect(harness.logs[0]).toMatch(
      /^an error outside any iteration \(last ran iteration 0 of a, VU 1\): RangeError: late \(.*script\.ts:2:/,
    );
  });
});
