/** Bad weather: signals, killed processes, scripts that go wrong. Every run ends, says why, and leaves nothing behind. */
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CountingTarget, startCountingTarget } from "../support/counting-target.ts";
import { createMeshHome, type MeshHome, type MeshProcess } from "../support/run-mesh.ts";
import { script } from "../support/scripts.ts";
import { countOf, documentOf, expectBalanced, expectNothingLeft } from "./documents.ts";
import { pidOf } from "../support/pid-of.ts";

/** What the design promises after any kill. */
const LEFT_AFTER_KILL_MS = 10_000;

let target: CountingTarget;
beforeAll(async () => {
  target = await startCountingTarget();
});
afterAll(() => target.stop());

const env = (values: Readonly<Record<string, string>>) =>
  Object.entries(values).flatMap(([name, value]) => ["--env", `${name}=${value}`]);

/** The pid of the one process of this home that has all of these words in its command line. */
function pidIn(home: MeshHome, ...words: readonly string[]): number {
  const found = home.processes().filter(({ command }) => words.every((word) => command.includes(word)));
  expect(found).toHaveLength(1);
  return pidOf(found[0]);
}

/** A run that goes on for a minute, once it is under way. */
async function startSteady(home: MeshHome, url: string, ...more: readonly string[]): Promise<MeshProcess> {
  const run = home.start(["run", script("steady"), ...env({ TARGET_URL: url }), ...more]);
  await run.stderr.line(/^1s\/60s/, 20_000);
  return run;
}

describe("Ctrl-C", () => {
  it("once lets iterations end, runs teardown and ends with 105", async () => {
    await using target = await startCountingTarget();
    await using home = createMeshHome();
    const run = await startSteady(home, target.url, "--json");
    run.signal("SIGINT");
    const exit = await run.exit(10_000);
    const document = documentOf(exit);
    expect(exit.code, exit.stderr).toBe(105);
    expect(document).toMatchObject({ outcome: "aborted", exitCode: 105 });
    expect(document.cause).toMatch(/^stopped by SIGINT \(\S+@\S+\)$/);
    expectBalanced(document);
    expect(document.ledger.total).toMatchObject({ interrupted: 0, dropped: 0, lost: 0 });
    const { paths, total } = await target.stats();
    expect(paths).toMatchObject({ "/setup": 1, "/teardown": 1 });
    expect(countOf(document, "http_reqs")).toBe(total);
    await expectNothingLeft(home);
  });

  it("during setup waits for it and tears down what it made", async () => {
    await using target = await startCountingTarget();
    await using home = createMeshHome();
    const values = env({ TARGET_URL: target.url, TROUBLE: "setup is slow" });
    const run = home.start(["run", script("trouble"), ...values]);
    await run.stderr.line(/^setup on agent local-1$/, 20_000);
    run.signal("SIGINT");
    const exit = await run.exit(15_000);
    expect(exit.code, exit.stderr).toBe(105);
    expect(exit.stderr).toContain("stopping: stopped by SIGINT");
    expect((await target.stats()).paths).toEqual({ "/setup": 1, "/teardown": 1 });
    await expectNothingLeft(home);
  });

  it("before anything ran ends with 105 at once", async () => {
    await using home = createMeshHome();
    const run = home.start(["run", script("plain"), ...env({ TARGET_URL: target.url })]);
    await run.stderr.line(/^run \S+: default over local$/);
    const signalledMs = performance.now();
    run.signal("SIGINT");
    const exit = await run.exit(15_000);
    expect(exit.code, exit.stderr).toBe(105);
    expect(performance.now() - signalledMs).toBeLessThan(4_000);
    await expectNothingLeft(home);
  });

  it("twice ends everything at once with 130", async () => {
    await using home = createMeshHome();
    const run = home.start(["run", script("slow"), ...env({ TARGET_URL: target.url })]);
    await run.stderr.line(/^1s\/60s/, 20_000);
    run.signal("SIGINT");
    await run.stderr.line(/^SIGINT: stopping the run.*again to force/);
    await run.stderr.line(/^stopping: stopped by SIGINT/);
    await pause(300); // within a quarter of a second it counts as the same key press
    run.signal("SIGINT");
    expect((await run.exit(5_000)).code).toBe(130);
    await expectNothingLeft(home, LEFT_AFTER_KILL_MS);
  });
});

describe("two runs at once in one state directory", () => {
  it("are both exact, and the last one to end takes the servers with it", async () => {
    await using target = await startCountingTarget();
    await using home = createMeshHome();
    const runs = ["/one", "/two"].map((path) =>
      home.run(
        ["run", script("plain"), "--vus", "2", "--iterations", "60", "--json"].concat(
          env({ TARGET_URL: target.url, ASK_FOR: path }),
        ),
      ),
    );
    const exits = await Promise.all(runs);
    expect(exits.map(({ code, stderr }) => [code, stderr])).toEqual(exits.map(({ stderr }) => [0, stderr]));
    for (const exit of exits) {
      const document = documentOf(exit);
      expectBalanced(document);
      expect(document.ledger.total.completed).toBe(60);
      expect(countOf(document, "http_reqs")).toBe(60);
    }
    expect((await target.stats()).paths).toEqual({ "/one": 60, "/two": 60 });
    const agents = exits.flatMap((exit) => Object.keys(documentOf(exit).ledger.agents));
    expect(new Set(agents).size).toBe(2);
    await expectNothingLeft(home);
  });
});

describe.concurrent("a kill -9", () => {
  /** After the kill: nothing is left, and the next run is as good as ever. */
  async function expectRecovery(home: MeshHome): Promise<void> {
    await expectNothingLeft(home, LEFT_AFTER_KILL_MS);
    const load = ["--iterations", "3", "--json", ...env({ TARGET_URL: target.url })];
    const next = await home.run(["run", script("plain"), ...load]);
    expect(next.code, next.stderr).toBe(0);
    expect(documentOf(next).ledger.total.completed).toBe(3);
  }

  it("of the command leaves nothing behind", async () => {
    await using home = createMeshHome();
    const run = await startSteady(home, target.url);
    run.signal("SIGKILL");
    expect((await run.exit(2_000)).signal).toBe("SIGKILL");
    await expectRecovery(home);
  });

  it("of the root ends the command with 111, and it says so", async () => {
    await using home = createMeshHome();
    const run = await startSteady(home, target.url);
    process.kill(pidIn(home, "cli/main.ts root"), "SIGKILL");
    const exit = await run.exit(10_000);
    expect(exit.code, exit.stderr).toBe(111);
    expect(exit.stderr).toContain("mesh: the root of this run ended by itself (SIGKILL)");
    await expectRecovery(home);
  });

  it("of the keeper ends the command with 111, and it says so", async () => {
    await using home = createMeshHome();
    const run = await startSteady(home, target.url);
    process.kill(pidIn(home, "keeper/main.ts"), "SIGKILL");
    const exit = await run.exit(10_000);
    expect(exit.code, exit.stderr).toBe(111);
    expect(exit.stderr).toContain("mesh: the keeper of the embedded servers is gone");
    expect(exit.stderr).toContain("Run the command again");
    await expectRecovery(home);
  });
});

describe("an agent killed in mid-run", () => {
  it("is noticed within 3 s, ends the run with 112, and the report names it and its gap", async () => {
    await using target = await startCountingTarget();
    await using home = createMeshHome();
    const run = await startSteady(home, target.url, "--agents", "2");
    await run.stderr.line(/^2s\/60s/);
    const pid = pidIn(home, "cli/main.ts agent", "--name local-2");
    process.kill(pid, "SIGKILL");
    const killedMs = performance.now();
    await run.stderr.line(
      /^lost agent local-2 of zone local: no heartbeat .*; nothing is known of it after [12]s/,
    );
    expect(performance.now() - killedMs).toBeLessThan(3_000);
    const exit = await run.exit(10_000);
    expect(exit.code, exit.stderr).toBe(112);
    expect(exit.stdout).toMatch(/agents\.*: 1 of 2 finished/);
    expect(exit.stdout).toMatch(/agents lost\.*: local-2/);
    expect(exit.stdout).toMatch(
      /local-2 \(zone local\): not measured from [12]s to [345](\.\d+)?s, no heartbeat/,
    );
    expect(exit.stdout).toMatch(/^ {6}local-2( +\d+)+$/m);
    expect(exit.stdout).toContain("lost agent local-2 of zone local");
    expect((await target.stats()).paths["/teardown"]).toBe(1);
    await expectNothingLeft(home);
  });
});

/** The end of a run of `trouble.ts`, with its document and what the target saw. */
async function runTrouble(trouble: string) {
  await using target = await startCountingTarget();
  await using home = createMeshHome();
  const args = ["run", script("trouble"), "--json", ...env({ TARGET_URL: target.url, TROUBLE: trouble })];
  const exit = await home.run(args);
  const document = documentOf(exit);
  expectBalanced(document);
  expect(document.exitCode).toBe(exit.code);
  const { paths, total } = await target.stats();
  await expectNothingLeft(home);
  return { exit, document, paths, total, cause: document.cause ?? "" };
}

describe.concurrent("a setup or teardown that goes wrong", () => {
  it("ends the run with 107 when setup throws, at the place where it did", async () => {
    const { exit, document, paths, cause } = await runTrouble("setup throws");
    expect(exit.code, exit.stderr).toBe(107);
    expect(cause).toMatch(/^setup threw: TypeError: no shop to set up at .*trouble\.ts:13:\d+ /);
    expect(document.outcome).toBe("errored");
    expect(document.ledger.total.planned).toBe(0);
    expect(paths).toEqual({});
    expect(exit.stderr).toContain("setup failed: TypeError: no shop to set up");
  });

  it("ends the run with 100 when setup takes too long", async () => {
    const { exit, paths, cause } = await runTrouble("setup hangs");
    expect(exit.code, exit.stderr).toBe(100);
    expect(cause).toMatch(/^setup timed out: setup took longer than 1 s/);
    expect(paths).toEqual({});
  });

  it("ends the run with 101 when teardown takes too long, and keeps what was measured", async () => {
    const { exit, document, paths, total, cause } = await runTrouble("teardown hangs");
    expect(exit.code, exit.stderr).toBe(101);
    expect(cause).toMatch(/^teardown timed out: teardown took longer than 1 s/);
    expect(paths["/teardown"]).toBe(1);
    expect(countOf(document, "http_reqs")).toBe(total);
  });
});

describe.concurrent("an iteration that goes wrong", () => {
  it("ends the run with 108 when it calls abort(), after teardown", async () => {
    const { exit, document, paths, total, cause } = await runTrouble("abort");
    expect(exit.code, exit.stderr).toBe(108);
    expect(cause).toMatch(/^the script called abort\(\): the stock is gone \(agent local-1\)$/);
    expect(document.outcome).toBe("aborted");
    expect(paths["/teardown"]).toBe(1);
    expect(countOf(document, "http_reqs")).toBe(total);
  });

  it("ends the run with 112 and says so when it calls process.exit(), and states what is not known", async () => {
    const { exit, document, total, cause } = await runTrouble("exit");
    expect(exit.code, exit.stderr).toBe(112);
    expect(cause).toMatch(
      /^a worker called process\.exit\(7\) in iteration \d+ of scenario steps \(VU \d\) \(agent local-1 in zone local\)$/,
    );
    expect(document.outcome).toBe("errored");
    // The worker took what it had not yet sent with it: the report says from when on nothing is known.
    expect(countOf(document, "http_reqs") ?? 0).toBeLessThanOrEqual(total);
    const gap = {
      // Whichever worker's VU came to it first.
      agent: expect.stringMatching(/^local-1\.0\/w[01]$/),
      zone: "local",
      fromMs: 0,
      reason: expect.stringMatching(
        /^a worker called process\.exit\(7\) in iteration \d+ of scenario steps \(VU \d\)$/,
      ),
    };
    expect(document.completeness.gaps).toContainEqual(expect.objectContaining(gap));
  });

  it("ends the run with 112 and says so when it uses up all memory", async () => {
    const { exit, cause } = await runTrouble("memory");
    expect(exit.code, exit.stderr).toBe(112);
    expect(cause).toMatch(
      /a worker (ran out of memory|did not respond for [\d.]+ s \(it uses \d+ MB of memory\))/,
    );
    expect(cause).toContain("agent local-1");
  });
});
