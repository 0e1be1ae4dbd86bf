/** A server that needs its time to end gets it, whoever is killed beside it: the server itself was told once, and that is enough. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { startGuarded } from "../../../src/keeper/guard.ts";
import type { ProcessIdentity } from "../../../src/keeper/process-identity.ts";
import { collectOutput } from "../../support/child-output.ts";
import { isRunning } from "./keeper-home.ts";

/** Longer than the guard waits for a server that has said nothing, and than anybody waits for an embedded one. */
const SLOW_MS = 2500;
const PATIENCE_MS = 20_000;

const SERVER = `
  const { writeFileSync } = require("node:fs");
  let isAsked = false;
  process.on("SIGTERM", () => {
    if (isAsked) return;
    isAsked = true;
    setTimeout(() => { writeFileSync(process.argv[1], "all of it"); process.exit(); }, ${SLOW_MS});
  });
  setInterval(() => {}, 1000);
  console.log("serves " + process.pid);`;

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "mesh-guard-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const written = () => join(folder, "written");

async function start() {
  const ready = Promise.withResolvers<string>();
  const started: ProcessIdentity[] = [];
  const server = await startGuarded({
    program: process.execPath,
    args: ["-e", SERVER, written()],
    log: (line) => ready.resolve(line),
    apart: true,
    patienceMs: PATIENCE_MS,
    env: { PATH: process.env["PATH"] },
    onStarted: (identity) => void started.push(identity),
  });
  onTestFinished(() => server.signal("SIGKILL"));
  expect(await ready.promise).toBe(`serves ${server.pid}`);
  return { server, guard: started[0]?.pid ?? 0 };
}

describe("a guarded server has written what it has", () => {
  it.each([
    [
      "its whole group is told to end, as a supervisor does",
      (guard: number) => process.kill(-guard, "SIGTERM"),
    ],
    ["its guard alone is killed", (guard: number) => process.kill(guard, "SIGKILL")],
  ])("when %s", async (_, strike) => {
    const { guard, server } = await start();
    expect(guard).not.toBe(server.pid);
    strike(guard);
    await server.exited;
    expect(readFileSync(written(), "utf8")).toBe("all of it");
  });

  it("when its holder is killed", async () => {
    const guarded = fileURLToPath(new URL("../../../src/keeper/guard.ts", import.meta.url));
    const start = {
      program: process.execPath,
      args: ["-e", SERVER, written()],
      patienceMs: PATIENCE_MS,
      env: { PATH: process.env["PATH"] },
    };
    writeFileSync(
      join(folder, "holder.ts"),
      `import { startGuarded } from ${JSON.stringify(guarded)};
       const log = (line) => console.log(line);
       await startGuarded({ ...${JSON.stringify(start)}, log, onStarted: () => {} });`,
    );
    const holder = spawn(process.execPath, [join(folder, "holder.ts")], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    onTestFinished(() => void holder.kill("SIGKILL"));
    const [, pid = ""] = await collectOutput(holder.stdout, "the holder").line(/^serves (\d+)$/);
    holder.kill("SIGKILL");
    await vi.waitFor(() => expect(isRunning(Number(pid))).toBe(false), { timeout: 10_000, interval: 50 });
    expect(existsSync(written())).toBe(true);
  });
});
