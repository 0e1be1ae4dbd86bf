/**
 * One `MESH_CACHE` for a whole test run, so that servers are provisioned once: the one that is set, else a temporary
 * folder that goes with the run. Set MESH_CACHE to keep it between runs.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findNatsServer } from "../../src/keeper/provision-nats.ts";

/** vitest calls it before the first worker starts, so every worker and every child inherits the variable. */
export default async function setup(): Promise<(() => void) | undefined> {
  const given = process.env["MESH_CACHE"];
  const folder = given || mkdtempSync(join(tmpdir(), "mesh-cache-"));
  process.env["MESH_CACHE"] = folder;
  // Here, so that no test is the one that meets the provisioning and its lines.
  await findNatsServer();
  if (given) return undefined;
  return () => {
    delete process.env["MESH_CACHE"];
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
}
