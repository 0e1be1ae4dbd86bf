/** Agents and zones that come back, or whose name another one has taken. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CountingTarget, startCountingTarget } from "../support/counting-target.ts";
import { script } from "../support/scripts.ts";
import { documentOf, expectBalanced } from "./documents.ts";
import { type SeparateMesh, startSeparateMesh } from "./separate-mesh.ts";

let target: CountingTarget;
beforeAll(async () => {
  target = await startCountingTarget();
});
afterAll(() => target.stop());

/** A short run must pass on the agents that there are. */
async function expectWorks(mesh: SeparateMesh): Promise<void> {
  const load = ["--iterations", "6", "--env", `TARGET_URL=${target.url}`, "--json"];
  const exit = await mesh.home.run(["run", script("plain"), ...mesh.where, "--zones", "a", ...load]);
  expect(exit.code, exit.stderr).toBe(0);
  const document = documentOf(exit);
  expectBalanced(document);
  expect(document.ledger.total.completed).toBe(6);
}

describe("an agent", () => {
  it("that was given up but lives drops its part, joins again and is of use again", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1"] });
    const load = ["--env", `TARGET_URL=${target.url}`, "--env", "SECONDS=30"];
    const run = mesh.home.start(["run", script("steady"), ...mesh.where, "--zones", "a", ...load]);
    await run.stderr.line(/^1s\/30s/, 20_000);
    const agent = mesh.agents.get("a1");
    agent?.signal("SIGSTOP");
    await run.stderr.line(/^lost agent a1 of zone a: no heartbeat/);
    const exit = await run.exit(30_000);
    agent?.signal("SIGCONT");
    expect(exit.code, exit.stderr).toBe(112);
    await agent?.stderr.line(/^zone a had lost this agent; it joins again$/);
    await agent?.stderr.line(/^joined zone a as a1\.1$/);
    const { total } = await target.stats();
    await expectWorks(mesh);
    expect((await target.stats()).total - total).toBe(6);
  });

  it("ends with 111 and says why when another one of its name joins", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1"] });
    const second = mesh.home.start(["agent", "--zone", "a", "--name", "a1", "--cores", "1", ...mesh.where]);
    const first = await mesh.agents.get("a1")?.exit(15_000);
    expect(first?.code, first?.stderr).toBe(111);
    expect(first?.stderr).toContain("another agent with the name a1 joined zone a");
    await second.stderr.line(/^joined zone a as a1\.1$/);
    await expectWorks(mesh);
  });
});

describe("a zone", () => {
  it("ends with 111 and says why when another coordinator takes it over", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1"] });
    const second = mesh.home.start(["zone", "a", ...mesh.where]);
    await second.stderr.line(/incarnation 2$/);
    const first = await mesh.zones.get("a")?.exit(10_000);
    expect(first?.code, first?.stderr).toBe(111);
    expect(first?.stderr).toContain("another coordinator took over zone a");
    await expectWorks(mesh);
  });
});
