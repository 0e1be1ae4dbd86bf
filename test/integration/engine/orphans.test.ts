import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { pidOf } from "../../support/pid-of.ts";
import { assignmentOf, writeFiles } from "./worker-bench.ts";

const engine = fileURLToPath(new URL("../../../src/engine/worker.ts", import.meta.url));

/** Starts an agent-like process whose worker runs `text`; resolves with both ids once the load has begun. */
async function startAgent(text: string): Promise<{ agent: number; worker: number }> {
  const assignment = await assignmentOf(text);
  const directory = writeFiles({
    "agent.ts": `
      import { startWorker } from ${JSON.stringify(engine)};
      const worker = startWorker();
      worker.onLog((line) => console.log(line + " " + worker.pid));
      const assignment = ${JSON.stringify(assignment)};
      await worker.init({ ...assignment, bundle: Buffer.from(assignment.bundle, "base64") });
      worker.start(process.hrtime.bigint(), undefined);`,
  });
  const agent = spawn(process.execPath, [`${directory}/agent.ts`], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void agent.kill("SIGKILL"));
  const line = await new Promise<string>((resolve) => agent.stdout.setEncoding("utf8").once("data", resolve));
  return { agent: pidOf(agent), worker: Number(/begun (\d+)/.exec(line)?.[1]) };
}

describe("a worker whose agent is killed", () => {
  it.each([
    [
      "sleeps",
      `import { sleep } from "loadmesh"; export default () => { console.log("begun"); return sleep(60); };`,
    ],
    ["blocks its event loop", `export default () => { console.log("begun"); for (;;); };`],
  ])("is gone within 5 s although its script %s", async (_what, text) => {
    const { agent, worker } = await startAgent(text);
    onTestFinished(() => {
      try {
        process.kill(worker, "SIGKILL");
      } catch {
        // It is gone, as it should be.
      }
    });
    expect(process.kill(worker, 0)).toBe(true);
    process.kill(agent, "SIGKILL");
    await vi.waitFor(() => expect(() => process.kill(worker, 0)).toThrow(), { timeout: 5_000, interval: 50 });
  });
});
