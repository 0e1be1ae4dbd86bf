/** `deploy/hub-and-zones.sh` with a stand-in for mesh: whatever ends at once is told at once, with its log. */
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { collectOutput } from "../../support/child-output.ts";

const script = join(import.meta.dirname, "../../../deploy/hub-and-zones.sh");
/** Far below the minute for which the script waits for somebody who lives. */
const AT_ONCE_MS = 10_000;

/** Says what the script waits to hear, by its command and its folder, and lives until it is told to end. */
const MESH = `#!/bin/sh
name=$(basename "$PWD")/$1
if [ "$name" = "$BROKEN" ]; then
  echo "cannot do it"
  exit 1
fi
case $name in
  hub/server) echo "listens on 127.0.0.1:4222 for commands" ;;
  */server) echo "linked to the parent" ;;
  */root) echo "leading" ;;
  */zone) echo "zone $2, incarnation 1" ;;
  */agent) echo "joined zone eu" ;;
esac
exec sleep 60
`;

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mesh-script-"));
  for (const name of ["hub", "zone-eu", "zone-us"])
    mkdirSync(join(folder, "demo", name), { recursive: true });
  writeFileSync(join(folder, "mesh"), MESH);
  chmodSync(join(folder, "mesh"), 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function start(broken: string) {
  const env = { PATH: process.env["PATH"], MESH: join(folder, "mesh"), BROKEN: broken };
  const child = spawn(script, [join(folder, "demo")], {
    detached: true,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${script} could not be started`);
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-pid, "SIGKILL");
  });
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [stdout, stderr] = [collectOutput(child.stdout, script), collectOutput(child.stderr, script)];
  return { child, exit, stdout, stderr };
}

describe("hub-and-zones.sh", () => {
  it.each([
    ["hub/server", "hub"],
    ["zone-us/server", "us-server"],
    ["hub/root", "root"],
    ["zone-us/zone", "us"],
    ["zone-us/agent", "us-agent"],
  ])("tells at once that %s has ended, with its log, and ends the others", async (broken, name) => {
    const { exit, stderr } = start(broken);
    await stderr.line(new RegExp(`^${name} is not at work: `), AT_ONCE_MS);
    expect(await exit).toBe(1);
    expect(stderr.text()).toContain(`${join(folder, "demo/log", `${name}.log`)}:\ncannot do it\n`);
  });

  it("is ready when all have said that they are, and ends all of them", async () => {
    const { child, exit, stdout } = start("none");
    await stdout.line(/^ready: .* --zones eu,us /, AT_ONCE_MS);
    child.kill("SIGINT");
    expect(await exit).toBe(0);
  });
});
