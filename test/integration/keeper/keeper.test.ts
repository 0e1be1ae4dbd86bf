/** The keeper with a real nats-server: leases, races, ends. Each test has a home of its own. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect, nkeyAuthenticator } from "@nats-io/transport-node";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { holdKeeper, inspectKeeper, pinKeeper, stopKeeper } from "../../../src/keeper/keeper.ts";
import type { KeeperLease } from "../../../src/keeper/keeper.ts";
import { findNatsServer } from "../../../src/keeper/provision-nats.ts";
import { fixture, isRunning, keeperHome } from "./keeper-home.ts";

beforeAll(async () => {
  process.env["MESH_CACHE"] ??= "/tmp/mesh-test-cache";
  await findNatsServer();
}, 200_000);

async function natsOf(lease: KeeperLease) {
  const authenticator = nkeyAuthenticator(readFileSync(lease.nats.nkeyFile));
  return connect({ servers: lease.nats.url, authenticator, maxReconnectAttempts: 0 });
}

const serverPid = async () => (await inspectKeeper())?.servers[0]?.pid ?? expect.fail("no server runs");
const parentOf = (pid: number) =>
  Number(execFileSync("ps", ["-o", "ppid=", "-p", String(pid)], { encoding: "utf8" }));
const within = (timeout: number) => ({ timeout, interval: 20 });

describe("keeper", () => {
  it("starts a nats-server with JetStream that only the holder of the seed can use", async () => {
    await using home = keeperHome();
    const lease = await holdKeeper();
    expect(lease.nats.url).toMatch(/^nats:\/\/127\.0\.0\.1:\d+$/);
    const connection = await natsOf(lease);
    expect(connection.info?.max_payload).toBe(8 * 1024 * 1024);
    expect((await (await jetstreamManager(connection)).getAccountInfo()).limits).toBeDefined();
    await connection.close();
    await expect(connect({ servers: lease.nats.url, maxReconnectAttempts: 0 })).rejects.toThrow(
      /authorization/i,
    );
    for (const name of ["nats/mesh.nk", "nats/server.conf", "keeper.json"]) {
      expect(statSync(join(home.path, name)).mode & 0o777, name).toBe(0o600);
    }
    const seed = readFileSync(lease.nats.nkeyFile, "utf8").trim();
    expect(readFileSync(join(home.path, "nats/server.conf"), "utf8")).not.toContain(seed);
    expect(execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" })).not.toContain(seed);
    await lease.release();
  });

  it("is one, however many commands start it at once, and numbers their leases", async () => {
    await using home = keeperHome();
    const holders = Array.from({ length: 4 }, () => fixture("hold"));
    try {
      const own = await Promise.all([holdKeeper(), holdKeeper()]);
      const theirs = (await Promise.all(holders.map((holder) => holder.line()))).map((line) =>
        JSON.parse(line),
      );
      const status = await inspectKeeper();
      expect(new Set(theirs.map(({ keeper }) => keeper))).toEqual(new Set([status?.pid]));
      expect(new Set(theirs.map(({ url }) => url))).toEqual(new Set([own[0].nats.url]));
      const slots = [...own, ...theirs].map(({ slot }) => slot as number);
      expect(slots.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5]);
      expect(status?.leases).toBe(6);
      // The keeper, its guard with the watcher, and the server: no second of anything.
      expect(home.processes()).toHaveLength(4);
      await own[0].release();
      const again = await holdKeeper();
      expect(again.slot).toBe(own[0].slot);
      await Promise.all([own[1].release(), again.release()]);
    } finally {
      for (const holder of holders) holder[Symbol.dispose]();
    }
    await vi.waitFor(() => expect(home.processes()).toEqual([]), within(2000));
  });

  it("leaves no process, socket or record behind after the last lease", async () => {
    await using home = keeperHome();
    const leases = [await holdKeeper(), await holdKeeper()];
    await leases[0]?.release();
    expect(await inspectKeeper()).toMatchObject({ leases: 1, pinned: false });
    await leases[1]?.release();
    await vi.waitFor(() => expect(home.processes()).toEqual([]), within(2000));
    expect(existsSync(join(home.path, "keeper.sock"))).toBe(false);
    expect(existsSync(join(home.path, "keeper.json"))).toBe(false);
    expect(await inspectKeeper()).toBeUndefined();
  });

  it("takes the lease of a killed command back", async () => {
    await using home = keeperHome();
    using holder = fixture("hold");
    await holder.line();
    holder.child.kill("SIGKILL");
    await vi.waitFor(() => expect(home.processes()).toEqual([]), within(2000));
  });

  it("serves a command that comes while it is ending", async () => {
    await using home = keeperHome();
    for (let round = 0; round < 5; round += 1) {
      const lease = await holdKeeper();
      await lease.release();
    }
    await vi.waitFor(() => expect(home.processes()).toEqual([]), within(2000));
  });

  it("stays while pinned, and ends when stopped", async () => {
    await using home = keeperHome();
    const pinned = await pinKeeper();
    expect(pinned).toMatchObject({ pinned: true, leases: 0, home: home.path });
    await (await holdKeeper()).release();
    await vi.waitFor(async () => expect(await inspectKeeper()).toMatchObject({ leases: 0, pid: pinned.pid }));
    const lease = await holdKeeper();
    expect(await stopKeeper()).toBe(true);
    expect(await lease.lost).toMatchObject({ reason: "lost", message: expect.stringContaining("mesh down") });
    await vi.waitFor(() => expect(home.processes()).toEqual([]), within(2000));
    expect(await stopKeeper()).toBe(false);
  });

  it("listens elsewhere when its home is too long for a socket", async () => {
    await using home = keeperHome("long".repeat(40));
    const lease = await holdKeeper();
    expect(await inspectKeeper()).toMatchObject({ leases: 1 });
    expect(existsSync(join(home.path, "keeper.sock"))).toBe(false);
    const { socket } = JSON.parse(readFileSync(join(home.path, "keeper.json"), "utf8"));
    expect(existsSync(socket)).toBe(true);
    await lease.release();
    await vi.waitFor(() => expect(existsSync(socket)).toBe(false), within(2000));
  });

  it("tells its holders what it does while they wait", async () => {
    await using home = keeperHome();
    const old = join(home.path, "bin/nats-server");
    mkdirSync(join(home.path, "bin"));
    writeFileSync(old, "#!/bin/sh\necho nats-server: v2.10.27\n", { mode: 0o755 });
    const { PATH } = process.env;
    process.env["PATH"] = `${join(home.path, "bin")}:${PATH}`;
    const notes: string[] = [];
    const lease = await holdKeeper({ onNote: (line) => notes.push(line) }).finally(
      () => (process.env["PATH"] = PATH),
    );
    expect(notes).toContain(`passing over ${old}: it is version 2.10.27, mesh needs 2.15.0 or newer`);
    process.env["MESH_NATS_PORT"] = "1";
    const later = await holdKeeper({ onNote: (line) => notes.push(line) });
    expect(notes.at(-1)).toBe(`nats-server runs at ${lease.nats.url}; port 1 counts after mesh down`);
    await Promise.all([lease.release(), later.release()]);
  });

  it("refuses a port that is taken, and says how to change it", async () => {
    await using _home = keeperHome();
    const taken = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => taken.once("listening", resolve));
    const { port } = taken.address() as AddressInfo;
    process.env["MESH_NATS_PORT"] = String(port);
    const refusal = { reason: "port", message: expect.stringContaining(`port ${port} is taken`) };
    await expect(holdKeeper()).rejects.toMatchObject({
      ...refusal,
      hint: expect.stringContaining("MESH_NATS_PORT"),
    });
    await new Promise((resolve) => taken.close(resolve));
    const lease = await holdKeeper();
    expect(lease.nats.url).toBe(`nats://127.0.0.1:${port}`);
    await lease.release();
  });

  it("refuses a home that cannot be written, naming it", async () => {
    await using home = keeperHome("file-not-folder/home");
    process.env["MESH_HOME"] = `/dev/null${home.path}`;
    const refusal = { reason: "home", message: expect.stringContaining(process.env["MESH_HOME"]) };
    await expect(holdKeeper()).rejects.toMatchObject({
      ...refusal,
      hint: expect.stringContaining("MESH_HOME"),
    });
  });
});

describe("keeper's death", () => {
  it("takes nats-server along within 5 s when killed; the next command finds its data", async () => {
    await using home = keeperHome();
    const lease = await holdKeeper();
    const connection = await natsOf(lease);
    await (await jetstreamManager(connection)).streams.add({ name: "KEPT", subjects: ["kept.>"] });
    await connection.close();
    const status = await inspectKeeper();
    process.kill(status?.pid ?? 0, "SIGKILL");
    expect(await lease.lost).toMatchObject({ reason: "lost" });
    // At once, while the old server may still be ending: two must never share a store.
    const next = await holdKeeper();
    expect(isRunning(status?.servers[0]?.pid ?? 0)).toBe(false);
    const connected = await natsOf(next);
    expect((await (await jetstreamManager(connected)).streams.info("KEPT")).config.name).toBe("KEPT");
    await connected.close();
    await next.release();
    await vi.waitFor(() => expect(home.processes()).toEqual([]), within(2000));
  });

  it("takes nats-server along when nobody comes after", async () => {
    await using home = keeperHome();
    await holdKeeper();
    process.kill((await inspectKeeper())?.pid ?? 0, "SIGKILL");
    await vi.waitFor(() => expect(home.processes()).toEqual([]), within(5000));
  });

  it("by SIGTERM is clean and told to holders", async () => {
    await using home = keeperHome();
    const lease = await holdKeeper();
    process.kill((await inspectKeeper())?.pid ?? 0, "SIGTERM");
    expect(await lease.lost).toMatchObject({ reason: "lost", message: expect.stringContaining("SIGTERM") });
    await vi.waitFor(() => expect(home.processes()).toEqual([]), within(2000));
    expect(existsSync(join(home.path, "keeper.json"))).toBe(false);
  });

  it("together with its guard's still takes the server along", async () => {
    await using home = keeperHome();
    const lease = await holdKeeper();
    const server = await serverPid();
    const keeper = (await inspectKeeper())?.pid ?? 0;
    for (const pid of [parentOf(server), keeper]) process.kill(pid, "SIGKILL");
    await lease.lost;
    await vi.waitFor(() => expect(home.processes()).toEqual([]), within(5000));
  });

  it("comes with the death of its server, which holders are told", async () => {
    await using home = keeperHome();
    const lease = await holdKeeper();
    process.kill(await serverPid(), "SIGKILL");
    expect(await lease.lost).toMatchObject({
      reason: "lost",
      message: expect.stringContaining("nats-server"),
    });
    await vi.waitFor(() => expect(home.processes()).toEqual([]), within(2000));
  });

  it("comes with the death of the guard, which takes the server along", async () => {
    await using home = keeperHome();
    const lease = await holdKeeper();
    process.kill(parentOf(await serverPid()), "SIGKILL");
    expect(await lease.lost).toMatchObject({ reason: "lost" });
    await vi.waitFor(() => expect(home.processes()).toEqual([]), within(3000));
  });

  it("can be forced by stopKeeper when it hangs", async () => {
    await using home = keeperHome();
    const { pid } = await pinKeeper();
    process.kill(pid, "SIGSTOP");
    await expect(holdKeeper()).rejects.toMatchObject({
      reason: "start",
      hint: expect.stringContaining("mesh down"),
    });
    expect(await stopKeeper()).toBe(true);
    expect(home.processes()).toEqual([]);
  });
});
