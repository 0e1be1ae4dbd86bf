/** Where a zone's server is put when nobody says where: never where another one of the same mesh is, or will be. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Folder, readFolder } from "../../../src/trust/folder.ts";
import { initHub } from "../../../src/trust/init-hub.ts";
import { initZone } from "../../../src/trust/init-zone.ts";

const dir = mkdtempSync("/tmp/mesh-ports-");
let hub: Folder;

beforeAll(async () => {
  const path = join(dir, "hub");
  await initHub({ path, listen: "127.0.0.1:4222", leaf: "127.0.0.1:7422", servers: 1 });
  hub = readFolder(path);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const made = async (zone: string, parent: Folder, path: string, leaf?: string) => {
  const { folder, listen } = await initZone({
    zone,
    path: join(dir, path),
    parent,
    urls: [],
    leaf,
    agents: [],
  });
  expect(folder.facts.servers[0]?.listen).toBe(listen);
  const { facts } = readFolder(join(dir, path));
  expect(facts.servers[0]?.listen).toBe(listen);
  return Number(listen.replace("127.0.0.1:", ""));
};

describe("a zone without an address", () => {
  it("gets one that no other zone of the hub has, none that its own leaf port is, none where somebody listens", async () => {
    const first = await made("a", hub, "zone-a");
    expect(first).toBeGreaterThanOrEqual(4223);
    const second = await made("b", hub, "elsewhere/zone-b", `127.0.0.1:${first + 1}`);
    expect(second).toBeGreaterThan(first + 1);
    const third = await made("c", readFolder(join(dir, "elsewhere/zone-b")), "zone-c");
    expect(third).toBeGreaterThan(second);
    const other = createServer().listen(third + 1, "127.0.0.1");
    // Whoever holds it, it is taken.
    await new Promise((resolve) => other.once("listening", resolve).once("error", resolve));
    expect(await made("d", hub, "zone-d")).toBeGreaterThan(third + 1);
    await new Promise((resolve) => other.close(resolve));
  });
});
