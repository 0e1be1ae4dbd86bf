/** `mesh doctor`: what it says when all is well, and of each thing that is not; that it starts and leaves nothing. */
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Diagnosis } from "../../src/cli/doctor/examine.ts";
import { identityOf } from "../../src/keeper/process-identity.ts";
import { collectOutput } from "../support/child-output.ts";
import { startNats } from "../support/nats.ts";
import { createMeshHome, type MeshExit, type MeshHome, seesProcesses } from "../support/run-mesh.ts";
import { expectNothingLeft } from "./documents.ts";
import { startSeparateMesh } from "./separate-mesh.ts";

const diagnosisOf = ({ stderr, stdout }: MeshExit): Diagnosis => {
  expect(stderr).toBe("");
  return JSON.parse(stdout) as Diagnosis;
};
const findings = ({ checks }: Diagnosis, name: string) => checks.filter((finding) => finding.name === name);
const failed = ({ checks }: Diagnosis) => checks.filter(({ status }) => status === "fail");

/** An address of this machine where nobody listens. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function oldNatsServer(home: MeshHome): { folder: string; path: string } & Disposable {
  const folder = mkdtempSync(`${home.folder}-bin-`);
  const path = join(folder, "nats-server");
  writeFileSync(path, '#!/bin/sh\necho "nats-server: v2.10.0"\n');
  chmodSync(path, 0o755);
  return { folder, path, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

describe("mesh doctor", () => {
  it("finds nothing wrong with a fresh home, starts nothing and writes nothing", async () => {
    await using home = createMeshHome();
    const exit = await home.run(["doctor", "--json"]);
    const diagnosis = diagnosisOf(exit);
    expect([exit.code, diagnosis.ok, failed(diagnosis)]).toEqual([0, true, []]);
    expect(findings(diagnosis, "keeper")).toMatchObject([{ status: "ok", message: /^not up/ }].map(matching));
    expect(findings(diagnosis, "broker")).toEqual([]);
    const text = await home.run(["doctor"]);
    expect([text.code, text.stdout]).toEqual([0, expect.stringMatching(/^✓ platform +\S+ \S+\n/)]);
    expect(readdirSync(home.folder)).toEqual([]);
    await expectNothingLeft(home);
  });

  it("looks at the embedded servers when they are up", async () => {
    await using home = createMeshHome({ pinned: true });
    expect((await home.run(["up"])).code).toBe(0);
    const diagnosis = diagnosisOf(await home.run(["doctor", "--json"]));
    expect(failed(diagnosis)).toEqual([]);
    expect(findings(diagnosis, "keeper").map(({ message }) => message)).toEqual([
      expect.stringMatching(/^up, pid \d+, no command uses it, stays until mesh down$/),
      expect.stringMatching(/^runs nats-server \d\S+ at nats:\/\/127\.0\.0\.1:\d+, pid \d+$/),
    ]);
    expect(findings(diagnosis, "broker").map(({ message }) => message)).toEqual([
      expect.stringMatching(/^nats:\S+ answers in \S+ ms: nats-server \d\S+, JetStream API level \d+$/),
    ]);
    expect((await home.run(["down"])).code).toBe(0);
  });

  it("looks at a mesh: who leads, zones with their protocol, the clock, and what the server keeps", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1"], b: [] });
    const exit = await mesh.home.run(["doctor", "--json", ...mesh.where]);
    const diagnosis = diagnosisOf(exit);
    expect([exit.code, failed(diagnosis)]).toEqual([0, []]);
    expect(findings(diagnosis, "root")).toMatchObject(
      [{ status: "ok", message: /leads, epoch \d+$/ }].map(matching),
    );
    expect(findings(diagnosis, "zone")).toMatchObject(
      [
        { status: "ok", message: /^a: one agent, mesh\/\S+, protocol 1$/ },
        { status: "warn", message: /^b: 0 agents/, hint: /mesh agent --zone b/ },
      ].map(matching),
    );
    // Both clocks are the same one here.
    expect(findings(diagnosis, "clock")).toMatchObject(
      [{ status: "ok", message: /ms (ahead of|behind) the/ }].map(matching),
    );
    expect(findings(diagnosis, "streams")).toMatchObject(
      [{ status: "ok", message: /^all \d of a hub are there/ }].map(matching),
    );
  });

  it("exits with 111 where nobody answers, and says what to do", async () => {
    await using home = createMeshHome();
    const url = `nats://127.0.0.1:${await closedPort()}`;
    const exit = await home.run(["doctor", "--nats", url]);
    expect(exit.code, exit.stdout).toBe(111);
    expect(exit.stdout).toMatch(
      new RegExp(`^✗ broker +cannot reach a NATS server at ${url}: .*\n +check the address`, "m"),
    );
    expect(exit.stdout).toMatch(/\none thing to mend before a mesh can be used \(exit code 111\)\n$/);
  });

  it("does not wait for a server that hangs", async () => {
    await using nats = await startNats();
    await using home = createMeshHome();
    nats.signal("SIGSTOP");
    const exit = await home.run(["doctor", "--nats", nats.url, "--json"], { boundMs: 20_000 });
    nats.signal("SIGCONT");
    expect([exit.code, failed(diagnosisOf(exit))]).toMatchObject([111, [{ name: "broker" }]]);
  });

  it("says that a server has no root, and that another has no JetStream", async () => {
    await using empty = await startNats();
    await using bare = await startNats({ jetstream: false });
    await using home = createMeshHome();
    const [noRoot, noStreams] = await Promise.all(
      [empty, bare].map(({ url }) => home.run(["doctor", "--nats", url, "--json"])),
    );
    if (noRoot === undefined || noStreams === undefined) throw new Error("not run");
    expect(noRoot.code).toBe(111);
    expect(failed(diagnosisOf(noRoot))).toMatchObject([
      { name: "root", hint: expect.stringContaining("mesh root") },
    ]);
    expect(noStreams.code).toBe(111);
    expect(failed(diagnosisOf(noStreams))).toMatchObject([
      { name: "broker", hint: expect.stringContaining("-js") },
    ]);
  });

  it("warns of an old nats-server in PATH, and fails for one that is named", async () => {
    await using home = createMeshHome();
    using old = oldNatsServer(home);
    const env = { NATS_SERVER_BIN: undefined, PATH: `${old.folder}:${process.env["PATH"]}` };
    const passed = await home.run(["doctor", "--json"], { env });
    expect(passed.code).toBe(0);
    expect(findings(diagnosisOf(passed), "nats-server")[0]).toMatchObject({
      status: "warn",
      message: `passing over ${old.path}: it is version 2.10.0, mesh needs 2.15.0 or newer`,
    });
    const named = await home.run(["doctor", "--json"], { env: { NATS_SERVER_BIN: old.path } });
    expect(named.code).toBe(111);
    expect(failed(diagnosisOf(named))).toMatchObject([
      { name: "nats-server", message: expect.stringContaining("2.10.0") },
    ]);
  });

  it("finds what a killed keeper left: its record, and what it had started", async () => {
    await using home = createMeshHome();
    const left = spawn("sleep", ["60"], { stdio: "ignore" });
    try {
      const started = [identityOf(left.pid ?? -1)];
      const record = { pid: process.pid, startedAt: "another", socket: join(home.folder, "s"), started };
      writeFileSync(join(home.folder, "keeper.json"), JSON.stringify(record));
      const exit = await home.run(["doctor", "--json"]);
      expect(exit.code).toBe(0);
      expect(findings(diagnosisOf(exit), "keeper")).toEqual([
        {
          name: "keeper",
          status: "warn",
          message: `keeper.json names pid ${process.pid}, which is gone; left running: pid ${left.pid}`,
          hint: `the next command that needs servers ends them; or now: kill ${left.pid}`,
        },
      ]);
    } finally {
      left.kill("SIGKILL");
    }
  });

  it.runIf(seesProcesses)("names a role whose command is gone, and the command that ends it", async () => {
    await using nats = await startNats();
    await using home = createMeshHome();
    const main = join(import.meta.dirname, "../../src/cli/main.ts");
    // The shell that starts it is gone at once; the pipe that would end it is held here, for as long as cat reads it.
    const script = '( exec 3<&0; "$@" <&3 & echo $! ); cat';
    const role = [process.execPath, main, "agent", "--zone", "nowhere", "--nats", nats.url];
    const env = { PATH: process.env["PATH"], MESH_HOME: home.folder, MESH_PARENT_PIPE: "1" };
    const shell = spawn("/bin/sh", ["-c", script, "sh", ...role], { env, stdio: ["pipe", "pipe", "pipe"] });
    try {
      const [pid] = await collectOutput(shell.stdout, "shell").line(/^\d+$/);
      await collectOutput(shell.stderr, "role").line(/^waiting for zone nowhere/, 20_000);
      const orphans = findings(diagnosisOf(await home.run(["doctor", "--json"])), "orphans");
      expect(orphans).toContainEqual({
        name: "orphans",
        status: "warn",
        message: `role pid ${pid} has no parent any more, of ${home.folder}`,
        hint: `end it: kill ${pid}`,
      });
    } finally {
      shell.stdin.end();
    }
  });
});

/** Patterns as what vitest compares with. */
const matching = (fields: Readonly<Record<string, string | RegExp>>) =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === "string" ? value : (expect.stringMatching(value) as unknown),
    ]),
  );
