/** Where nats-server comes from: named, passed over, shelved, provisioned once. Binaries here are shell scripts. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findNatsServer, presentNatsServer } from "../../../src/keeper/provision-nats.ts";
import type { NatsProvisionWay } from "../../../src/keeper/provision-nats.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mesh-provision-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function program(path: string, version: string): string {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho "nats-server: v${version}"\n`);
  chmodSync(path, 0o755);
  return path;
}

const env = (more: Record<string, string> = {}) => ({
  PATH: join(folder, "bin"),
  MESH_CACHE: join(folder, "cache"),
  ...more,
});
const wayOf = (version: string, onGet = () => {}): NatsProvisionWay => ({
  name: "a script",
  get: async (place) => {
    onGet();
    await pause(50);
    return program(join(place, "made"), version);
  },
});
const noWay: NatsProvisionWay = {
  name: "nothing",
  get: () => Promise.reject(new Error("not on this machine")),
};

describe("nats-server provisioning", () => {
  it("takes the binary that is named, before any other", async () => {
    const path = program(join(folder, "named"), "2.15.4");
    program(join(folder, "bin/nats-server"), "2.16.0");
    expect(await findNatsServer({ env: env({ NATS_SERVER_BIN: path }), ways: [] })).toMatchObject({ path });
  });

  it("refuses a named binary that is too old or missing", async () => {
    const old = program(join(folder, "named"), "2.14.9");
    const tooOld = { reason: "provision", message: expect.stringContaining("2.14.9") };
    await expect(findNatsServer({ env: env({ NATS_SERVER_BIN: old }) })).rejects.toMatchObject(tooOld);
    const missing = { reason: "provision", message: expect.stringContaining("does not run") };
    const none = env({ NATS_SERVER_BIN: join(folder, "none") });
    await expect(findNatsServer({ env: none })).rejects.toMatchObject(missing);
  });

  it("takes a new one from PATH and passes over an old one with a line", async () => {
    const old = program(join(folder, "old/nats-server"), "2.10.27");
    const path = program(join(folder, "bin/nats-server"), "2.15.0");
    const notes: string[] = [];
    const both = env({ PATH: `${join(folder, "old")}:${join(folder, "bin")}` });
    expect(await findNatsServer({ env: both, onNote: (line) => notes.push(line), ways: [] })).toMatchObject({
      path,
    });
    expect(notes).toEqual([`passing over ${old}: it is version 2.10.27, mesh needs 2.15.0 or newer`]);
  });

  it("tells what is here without getting or writing anything", async () => {
    expect(await presentNatsServer({ env: env() })).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
    const path = program(join(folder, "bin/nats-server"), "2.15.0");
    expect(await presentNatsServer({ env: env() })).toMatchObject({ path });
  });

  it("provisions once for all who ask at the same time, and never again", async () => {
    let gets = 0;
    const ways = [noWay, wayOf("2.15.7", () => (gets += 1))];
    const found = await Promise.all(Array.from({ length: 4 }, () => findNatsServer({ env: env(), ways })));
    expect(new Set(found.map(({ path }) => path)).size).toBe(1);
    expect(await findNatsServer({ env: env(), ways: [] })).toEqual(found[0]);
    expect(gets).toBe(1);
    const shelf = readdirSync(join(folder, "cache/nats-server")).filter((name) => name !== ".lock");
    expect(shelf).toEqual([`2.15.7-${process.platform}-${process.arch}`]);
  });

  it("removes what a killed provisioner left", async () => {
    const left = join(folder, "cache/nats-server/.work-left");
    mkdirSync(left, { recursive: true });
    await findNatsServer({ env: env(), ways: [wayOf("2.15.7")] });
    expect(existsSync(left)).toBe(false);
  });

  it("does not shelve a binary that is too old, and names the official release when nothing works", async () => {
    const failing = findNatsServer({ env: env(), ways: [wayOf("2.12.0"), noWay] });
    await expect(failing).rejects.toMatchObject({
      reason: "provision",
      message: expect.stringMatching(/a script: it is version 2\.12\.0\nnothing: not on this machine/),
      hint: expect.stringMatching(/github\.com\/nats-io\/nats-server\/releases.*NATS_SERVER_BIN/),
    });
    expect(readdirSync(join(folder, "cache/nats-server"))).toEqual([".lock"]);
  });
});
