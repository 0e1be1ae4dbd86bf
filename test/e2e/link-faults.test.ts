/**
 * Two private zones behind leaf links, each at a host of its own, and everything that may happen to such a link in mid-run.
 * Agents go on by plan, facts wait in the zone and arrive once and in order, and every number is that of the targets.
 */
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { carriedBy } from "../support/carried.ts";
import { type LeafMesh, type LeafZone, startLeafMesh } from "../support/leaf-mesh.ts";
import type { MeshExit, MeshProcess } from "../support/run-mesh.ts";
import { script } from "../support/scripts.ts";
import { startZoneTargets, type ZoneTargets } from "../support/zone-targets.ts";
import { countOf, documentOf, expectBalanced } from "./documents.ts";

const RATE = 100;
const SECONDS = 12;
/** How long a link is bad: longer than anybody tries to send one message without asking anew. */
const BAD_MS = 6_000;

let mesh: LeafMesh;
let targets: ZoneTargets;
beforeAll(async () => {
  mesh = await startLeafMesh({ agents: { a: 1, b: 1 }, later: { c: 1 } });
  targets = await startZoneTargets(mesh.network);
});
let current: MeshProcess | undefined;

/** Also what a failed test left: its faults, and its run, which would keep the agents busy. */
afterEach(async () => {
  for (const { link, site } of Object.values(mesh.zones)) {
    await link.set({});
    await site.heal();
  }
  current?.signal("SIGTERM");
  await current?.exit(90_000);
});
afterAll(async () => {
  await targets[Symbol.asyncDispose]();
  await mesh[Symbol.asyncDispose]();
});

const zone = (name: string): LeafZone => {
  const found = mesh.zones[name];
  if (found === undefined) throw new Error(`there is no zone ${name}`);
  return found;
};

interface Under {
  readonly run: MeshProcess;
  /** Requests that the targets counted since it was asked for. */
  readonly counted: () => Promise<number>;
}

/** A run over both zones, once it is under way. */
async function startRun(values: Readonly<Record<string, string>> = {}): Promise<Under> {
  const before = await targets.total();
  const env = { TARGET_URL: targets.url, RATE: String(RATE), SECONDS: String(SECONDS), ...values };
  const given = Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
  const run = mesh.start(["run", script("even"), "--zones", "a,b", "--agents", "2", "--json", ...given]);
  current = run;
  await run.stderr.line(/^2s\/\d+s/, 90_000);
  return { run, counted: async () => (await targets.total()) - before };
}

/** The run is as one without any fault, and each zone's facts are at the hub once and in order. */
async function expectUnharmed({ run, counted }: Under, boundMs = 60_000): Promise<MeshExit> {
  const exit = await run.exit(boundMs);
  expect(exit.code, exit.stderr).toBe(0);
  const document = documentOf(exit);
  expectBalanced(document);
  const { completed, dropped, ...rest } = document.ledger.total;
  expect(rest).toEqual({ planned: RATE * SECONDS, interrupted: 0, lost: 0 });
  // What a busy machine does not start in time is dropped. Of a zone that stood still half would be missing.
  expect(dropped).toBeLessThan(rest.planned / 4);
  expect(completed + dropped).toBe(rest.planned);
  expect(document.completeness).toMatchObject({ agents: { finished: 2, lost: [] }, mismatches: [] });
  expect(document.completeness.windows.complete).toBe(document.completeness.windows.total);
  expect(countOf(document, "http_reqs")).toBe(await counted());
  for (const name of ["a", "b"]) {
    expect(await carriedBy(mesh, name)).toMatchObject({ lost: 0, doubled: 0, inOrder: true });
  }
  return exit;
}

/** What the targets count meanwhile is what the plan says. Half of it would be missing if one zone stood still. */
async function expectLoadAtPlan(forMs: number): Promise<void> {
  const [before, began] = [await targets.total(), performance.now()];
  await pause(forMs);
  const planned = (RATE * (performance.now() - began)) / 1000;
  expect((await targets.total()) - before).toBeGreaterThan(planned * 0.75);
}

describe("a link that is cut in mid-run", () => {
  it("costs nothing: the load goes on at plan, and the zone's facts arrive when it heals", async () => {
    const under = await startRun();
    await zone("a").site.cut();
    await expectLoadAtPlan(BAD_MS);
    await zone("a").site.heal();
    await expectUnharmed(under);
  });

  it("and is refused for a while costs nothing, nor does one of 500 ms each way in the other zone", async () => {
    const under = await startRun();
    await zone("b").link.set({ delayMs: 500 });
    await zone("a").link.set({ refuse: true });
    await zone("a").link.reset();
    await expectLoadAtPlan(BAD_MS);
    await zone("a").link.set({});
    await expectUnharmed(under);
  });

  it("for longer than onSilence stops the zone by itself, and what it did is added when it heals", async () => {
    const under = await startRun({ SILENCE: "3s", SECONDS: "20" });
    const target = targets.byZone["a"];
    const [, id = ""] = await under.run.stderr.line(/^run (\S+):/);
    await zone("a").site.cut();
    const cutAt = Date.now();
    await pause(7_000); // what is tested is what happens in this time
    await zone("a").site.heal();
    const exit = await under.run.exit(60_000);
    // To root the zone and its agents are lost: that is the first cause.
    expect(exit.code, exit.stderr).toBe(112);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(document.cause).toMatch(/zone a was not heard for \d+ s/);
    if (target !== undefined) {
      const stoppedMs = (await target.stats()).lastAt - cutAt;
      expect(stoppedMs).toBeGreaterThan(2_000);
      expect(stoppedMs).toBeLessThan(4_000);
    }
    const revised = await eventOf(id, /ReportRevised/);
    expect(revised).toContain("zone a was not heard");
  });
});

/** The line of the run's log that says it, once it is there. */
async function eventOf(run: string, pattern: RegExp): Promise<string> {
  const until = performance.now() + 60_000;
  for (;;) {
    const { stdout } = await mesh.start(["events", run]).exit(30_000);
    const line = stdout.split("\n").find((each) => pattern.test(each));
    if (line !== undefined) return line;
    if (performance.now() > until) throw new Error(`no event like ${pattern}:\n${stdout}`);
    await pause(500);
  }
}

describe("a link that passes one way only", () => {
  it("costs nothing, whichever way it is", async () => {
    const under = await startRun();
    await zone("a").link.set({ hold: true, way: "out" });
    await zone("b").link.set({ hold: true, way: "back" });
    await expectLoadAtPlan(BAD_MS);
    await zone("a").link.set({});
    await zone("b").link.set({});
    await expectUnharmed(under);
  });
});

describe("a server that is killed in mid-run", () => {
  it("at the hub costs nothing when it is started again", async () => {
    const under = await startRun();
    await mesh.hub.kill();
    await expectLoadAtPlan(2_000);
    await mesh.hub.start();
    await expectUnharmed(under);
  });

  it("in a zone costs nothing when it is started again", async () => {
    const under = await startRun();
    await zone("a").server.kill();
    await expectLoadAtPlan(2_000);
    await zone("a").server.start();
    await expectUnharmed(under);
  });
});

describe("a zone that joins in mid-run", () => {
  it("does not disturb it, and takes part in the next", async () => {
    const under = await startRun();
    await mesh.join("c");
    await expectUnharmed(under);
    const status = await mesh.start(["status"]).exit(20_000);
    expect(status.stdout).toMatch(/\bc\b/);
  });
});

/** A file system of so many MB, where this process may mount one. */
function smallDisk(megabytes: number): (Disposable & { readonly folder: string }) | undefined {
  const folder = mkdtempSync("/tmp/mesh-disk-");
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder], { stdio: "pipe" });
  } catch {
    rmSync(folder, { recursive: true });
    return undefined;
  }
  return {
    folder,
    [Symbol.dispose]: () => {
      execFileSync("umount", ["-l", folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** Writes until nothing more fits. */
function fill(folder: string): void {
  const [megabyte, file] = [Buffer.alloc(1 << 20), openSync(join(folder, "filler"), "w")];
  try {
    for (;;) writeSync(file, megabyte);
  } catch (error) {
    expect((error as NodeJS.ErrnoException).code).toBe("ENOSPC");
  } finally {
    closeSync(file);
  }
}

describe("a zone whose disk becomes full in mid-run", () => {
  it("goes on by plan like the other one, and says at its end what to do", async ({ skip }) => {
    // Streams reserve their limits, so it must be large; what is not written costs nothing.
    using disk = smallDisk(1_500);
    if (disk === undefined) return skip("nothing can be mounted here");
    await using own = await startLeafMesh({
      agents: { a: 1, b: 1 },
      folderOf: (name) => (name === "a" ? join(disk.folder, "zone-a") : undefined),
    });
    await using counting = await startZoneTargets(own.network);
    const env = ["--env", `TARGET_URL=${counting.url}`, "--env", "RATE=40", "--env", "SECONDS=15"];
    const run = own.start(["run", script("even"), "--zones", "a,b", "--agents", "2", "--json", ...env]);
    await run.stderr.line(/^2s\/\d+s/, 90_000);
    fill(disk.folder);
    const exit = await run.exit(90_000);
    expect(exit.code, exit.stderr).toBe(112);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(document.cause).toContain("zone a did not finish in time");
    expect(own.home.words()).toContain("its disk is full: nothing more is stored; make room");
    const [there, here] = [counting.byZone["a"], counting.byZone["b"]];
    for (const target of [there, here]) {
      if (target !== undefined) expect((await target.stats()).total).toBeGreaterThan(225);
    }
  });
});
