/**
 * What ends a run in an unusual way leaves none of its values on the disk of MESH_HOME: a zone that is killed, a second
 * Ctrl-C, and – by the next command – a `mesh run` that was killed itself.
 */
import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { type CountingTarget, startCountingTarget } from "../support/counting-target.ts";
import { createMeshHome, type MeshHome, type MeshProcess, withoutProcesses } from "../support/run-mesh.ts";
import { script } from "../support/scripts.ts";
import { everythingBelow } from "../support/stores.ts";
import { pidOf } from "../support/pid-of.ts";

/** Roles end within 5 s when their command has gone, the keeper a second later. */
const LEFT_WITHIN_MS = 10_000;

/** A run that goes on for a minute, once it is under way. */
async function startSteady(home: MeshHome, { url }: CountingTarget, canary: string): Promise<MeshProcess> {
  const env = ["--env", `TARGET_URL=${url}`, "--env", `TOKEN=${canary}`];
  const run = home.start(["run", script("steady"), ...env]);
  await run.stderr.line(/^1s\/60s/, 20_000);
  return run;
}

/** Once nothing of the home is alive any more. */
async function isOnDisk(home: MeshHome, canary: string): Promise<boolean> {
  expect(await withoutProcesses(home.folder, LEFT_WITHIN_MS)).toEqual([]);
  return everythingBelow(home.folder).includes(canary);
}

it("no value is left by a zone that is killed, nor by a second Ctrl-C", async () => {
  await using target = await startCountingTarget();
  await using home = createMeshHome();
  const broken = await startSteady(home, target, "canary-of-a-zone");
  const zone = home.processes().find(({ command }) => / zone local /.test(command));
  process.kill(pidOf(zone), "SIGKILL");
  const { code, stderr } = await broken.exit(20_000);
  expect(code, stderr).toBe(111);
  expect(await isOnDisk(home, "canary-of-a-zone")).toBe(false);

  const forced = await startSteady(home, target, "canary-of-the-keys");
  forced.signal("SIGINT");
  await forced.stderr.line(/^SIGINT: stopping the run/);
  await pause(300); // within a quarter of a second it counts as the same key press
  forced.signal("SIGINT");
  await forced.exit(10_000);
  expect(await isOnDisk(home, "canary-of-the-keys")).toBe(false);
});

it("the next command erases what a killed mesh run left", async () => {
  await using target = await startCountingTarget();
  await using home = createMeshHome();
  const killed = await startSteady(home, target, "canary-of-the-killed");
  killed.signal("SIGKILL");
  await killed.exit(10_000);
  expect(await isOnDisk(home, "canary-of-the-killed")).toBe(true);
  const next = await home.run([
    "run",
    script("plain"),
    "--iterations",
    "1",
    "--env",
    `TARGET_URL=${target.url}`,
  ]);
  expect(next.code, next.stderr).toBe(0);
  expect(await isOnDisk(home, "canary-of-the-killed")).toBe(false);
});
