/** What a terminal or a supervisor sends to a whole process group: the agent decides when its workers end. */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { inspectScript } from "../../../src/bundle/inspect-script.ts";
import { collectOutput } from "../../support/child-output.ts";
import { assignmentOf, bundleText, writeFiles } from "./worker-bench.ts";

const engine = fileURLToPath(new URL("../../../src/engine/worker.ts", import.meta.url));
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A process like an agent's, with a group of its own: asked to end, it lets its worker's iteration end. */
async function startAgent(text: string) {
  const assignment = await assignmentOf(text);
  const folder = writeFiles({
    "agent.ts": `
      import { startWorker } from ${JSON.stringify(engine)};
      const worker = startWorker();
      worker.onLog((line) => console.log(line));
      for (const signal of ${JSON.stringify(SIGNALS)}) process.on(signal, () => worker.stop("drain"));
      const assignment = ${JSON.stringify(assignment)};
      await worker.init({ ...assignment, bundle: Buffer.from(assignment.bundle, "base64") });
      worker.start(process.hrtime.bigint(), undefined);
      const lost = worker.lost.then(({ cause }) => "lost: " + cause);
      const ended = worker.ended.then(({ tallies }) => "ended: " + JSON.stringify(tallies.a));
      console.log(await Promise.race([lost, ended]));
      await worker.kill();`,
  });
  const stdio = ["ignore", "pipe", "inherit"] as const;
  const agent = spawn(process.execPath, [`${folder}/agent.ts`], { detached: true, stdio: [...stdio] });
  if (agent.pid === undefined) throw new Error("the agent could not be started");
  const group = -agent.pid;
  onTestFinished(() => {
    if (agent.exitCode === null && agent.signalCode === null) process.kill(group, "SIGKILL");
  });
  return { group, output: collectOutput(agent.stdout, "the agent") };
}

describe("a worker whose whole process group gets", () => {
  it.each(SIGNALS)("%s ends its iteration, because its agent lets it", async (signal) => {
    const { group, output } = await startAgent(`
      import { sleep } from "loadmesh";
      export default async () => { console.log("begun"); await sleep(0.5); };`);
    await output.line(/begun/);
    process.kill(group, signal);
    const [line] = await output.line(/^(?:ended|lost): .*/);
    expect(line).toMatch(/^ended: /);
    expect(JSON.parse(line.slice("ended: ".length))).toMatchObject({ completed: 1, interrupted: 0 });
  });
});

describe("an inspection whose whole process group gets", () => {
  it.each(SIGNALS)("%s goes on, because its command decides", async (signal) => {
    const bundle = await bundleText(`
      process.kill(process.pid, "${signal}");
      export const options = { vus: 3 };
      export default () => {};`);
    expect(await inspectScript(bundle, { env: {}, seed: 1 })).toMatchObject({ options: { vus: 3 } });
  });
});
