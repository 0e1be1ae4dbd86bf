/** Separately started roles on one server: the same script, split exactly, again and again, and each ends cleanly. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CountingTarget, startCountingTarget } from "../support/counting-target.ts";
import { createScriptFolder, script } from "../support/scripts.ts";
import { startNats } from "../support/nats.ts";
import { createMeshHome } from "../support/run-mesh.ts";
import { countOf, documentOf, expectBalanced, expectNothingLeft } from "./documents.ts";
import { startSeparateMesh } from "./separate-mesh.ts";

let target: CountingTarget;
beforeAll(async () => {
  target = await startCountingTarget();
});
afterAll(() => target.stop());

describe("a mesh of separate processes", () => {
  it("counts exactly, twice in a row, and every daemon ends with 0 at SIGTERM", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1", "a2"], b: ["b1"] });
    using files = createScriptFolder();
    const args = ["--zones", "a=2,b", "--agents", "3", "--env", `TARGET_URL=${target.url}`, "--json"];
    for (const [n, run] of ["first", "second"].entries()) {
      const before = await target.stats();
      const command = ["run", script("whole-life"), ...mesh.where, ...args];
      const exit = await mesh.home.run(command, { cwd: files.folder });
      const document = documentOf(exit);
      expect(exit.code, `${run}: ${exit.stderr}`).toBe(0);
      expectBalanced(document);
      expect(document.ledger.total).toMatchObject({ planned: 200, completed: 200 });
      expect(Object.keys(document.ledger.agents)).toEqual(["a1", "a2", "b1"]);
      expect(document.completeness).toMatchObject({ agents: { finished: 3 }, mismatches: [] });
      const after = await target.stats();
      expect(after.total - before.total).toBe(202);
      expect(countOf(document, "http_reqs")).toBe(202);
      const zones = Object.values(document.zones ?? {});
      expect(Object.keys(document.zones ?? {})).toEqual(["a", "b"]);
      expect(zones.reduce((sum, { requests }) => sum + requests, 0)).toBe(202);
      expect(zones.reduce((sum, { iterations }) => sum + iterations, 0)).toBe(200);
      expect([after.paths["/setup"], after.paths["/teardown/setup-got-200"]]).toEqual([n + 1, n + 1]);
    }

    const early = mesh.home.start(["agent", "--zone", "nowhere", ...mesh.where]);
    await early.stderr.line(/^waiting for zone nowhere: mesh zone nowhere$/);
    const daemons = [early, ...mesh.agents.values(), ...mesh.zones.values(), ...mesh.roots];
    for (const daemon of daemons) daemon.signal("SIGTERM");
    const exits = await Promise.all(daemons.map((daemon) => daemon.exit(5_000)));
    expect(exits.map(({ code, signal, stderr }) => [code, signal, stderr])).toEqual(
      exits.map(({ stderr }) => [0, null, stderr]),
    );
    await expectNothingLeft(mesh.home);
  });

  it("runs each setup and teardown of a scenario once, over four agents, with the data that is its own", async () => {
    await using target = await startCountingTarget();
    await using mesh = await startSeparateMesh({ a: ["a1", "a2"], b: ["b1", "b2"] });
    const args = ["--zones", "a,b", "--agents", "4", "--env", `TARGET_URL=${target.url}`, "--json"];
    const exit = await mesh.home.run(["run", script("scenario-stages"), ...mesh.where, ...args]);
    expect(exit.code, exit.stderr).toBe(0);
    const document = documentOf(exit);
    expectBalanced(document);
    const { paths, total } = await target.stats();
    expect(paths).toEqual({
      "/setup": 1,
      "/setup/pay/got/run": 1,
      "/setup/sell/got/run": 1,
      "/pay/got/pay": 40,
      "/look/got/run": 40,
      "/sell/got/sell": 40,
      "/teardown/look/got/run": 1,
      "/teardown/pay/got/pay": 1,
      "/teardown/got/run": 1,
    });
    expect(countOf(document, "http_reqs")).toBe(total);
    const stages = exit.stderr.split("\n").filter((line) => / on agent /.test(line));
    expect(stages.map((line) => line.slice(0, line.indexOf(" on agent")))).toEqual([
      "setup",
      "setup of scenario pay",
      "setup of scenario sell",
      "teardown of scenario look",
      "teardown of scenario pay",
      "teardown",
    ]);
  });

  it("goes on under the second root when the leading one is killed in mid-run", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1"], b: ["b1"] }, 2);
    const before = await target.stats();
    const env = ["--env", `TARGET_URL=${target.url}`, "--env", "SECONDS=5"];
    const args = [script("steady"), ...mesh.where, "--zones", "a,b", ...env, "--json"];
    const run = mesh.home.start(["run", ...args]);
    await run.stderr.line(/^1s\/5s/);
    mesh.roots[0]?.signal("SIGKILL");
    await mesh.roots[1]?.stderr.line(/took over run/, 8_000);
    const exit = await run.exit(25_000);
    const document = documentOf(exit);
    expect(exit.code, exit.stderr).toBe(0);
    expect(exit.stderr).toMatch(/^root \S+ leads now$/m);
    expectBalanced(document);
    expect(document.completeness).toMatchObject({ agents: { finished: 2, lost: [] }, mismatches: [] });
    expect(countOf(document, "http_reqs")).toBe((await target.stats()).total - before.total);
    const { paths } = await target.stats();
    expect([paths["/setup"], paths["/teardown"]].map((n) => n ?? 0)).toEqual(
      [before.paths["/setup"], before.paths["/teardown"]].map((n) => (n ?? 0) + 1),
    );
  });

  it("loses nothing when a zone is killed in mid-run and started again", async () => {
    await using target = await startCountingTarget();
    await using mesh = await startSeparateMesh({ a: ["a1"], b: ["b1"] });
    const env = ["--env", `TARGET_URL=${target.url}`, "--env", "SECONDS=4"];
    const args = [script("steady"), ...mesh.where, "--zones", "a,b", ...env, "--json"];
    const run = mesh.home.start(["run", ...args]);
    await run.stderr.line(/^1s\/4s/);
    mesh.zones.get("a")?.signal("SIGKILL");
    const again = mesh.home.start(["zone", "a", ...mesh.where]);
    await again.stderr.line(/incarnation 2$/);
    const exit = await run.exit(25_000);
    const document = documentOf(exit);
    expect(exit.code, exit.stderr).toBe(0);
    expectBalanced(document);
    expect(document.completeness).toMatchObject({ agents: { finished: 2, lost: [] }, mismatches: [] });
    expect(countOf(document, "http_reqs")).toBe((await target.stats()).total);
  });

  it("says within seconds when it is not there, has no such zone or too few agents", async () => {
    await using empty = await startNats();
    await using mesh = await startSeparateMesh({ a: [] });
    await using home = createMeshHome();
    const began = performance.now();
    const load = ["run", script("plain"), "--iterations", "1", "--env", `TARGET_URL=${target.url}`];
    const [noRoot, noZone, noAgent] = await Promise.all([
      home.run([...load, "--nats", empty.url]),
      home.run([...load, ...mesh.where, "--zones", "nowhere"]),
      home.run([...load, ...mesh.where, "--zones", "a"]),
    ]);
    expect(performance.now() - began).toBeLessThan(16_000);

    expect(noRoot.code, noRoot.stderr).toBe(111);
    expect(noRoot.stderr).toContain("no root answered within 10 s");
    expect(noRoot.stderr).toContain("mesh root");
    expect(noZone.code, noZone.stderr).toBe(112);
    expect(noZone.stdout).toContain(
      "zone nowhere was never heard (known: a); name another one, or start it: mesh zone nowhere",
    );
    expect(noAgent.code, noAgent.stderr).toBe(112);
    expect(noAgent.stdout).toContain("zone a has 0 of the 1 idle agents it needs");
    expect(noAgent.stdout).toContain("mesh agent --zone a");
    await expectNothingLeft(home);
  });
});
