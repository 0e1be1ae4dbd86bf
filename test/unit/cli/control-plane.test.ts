/** Which servers a process of the mesh keeps from scripts. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { controlPlaneOf } from "../../../src/cli/control-plane.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "mesh-plane-"));
  vi.stubEnv("MESH_HOME", folder); // nobody keeps servers there
  vi.stubEnv("MESH_CLICKHOUSE_URL", undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const notes: string[] = [];
const found = async (url: string, ...members: readonly string[]) =>
  (await controlPlaneOf(url, (line) => notes.push(line), folder))(members);
const facts = (more: object) =>
  writeFileSync(
    join(folder, "mesh-server.json"),
    JSON.stringify({ version: 1, kind: "hub", name: "hub", ...more }),
  );

describe("the control plane", () => {
  it("is every address of the URL, every member of the cluster, and the ClickHouse that is named now", async () => {
    const find = await controlPlaneOf(
      "nats://u:p@198.51.100.1:4222,tls://[2001:db8::1]:4333",
      () => {},
      folder,
    );
    expect(await find([])).toEqual(["198.51.100.1:4222", "[2001:db8::1]:4333"]);
    vi.stubEnv("MESH_CLICKHOUSE_URL", "https://me:secret@198.51.100.9:9440/mesh");
    expect(await find(["198.51.100.2:4222"])).toEqual([
      "198.51.100.1:4222",
      "[2001:db8::1]:4333",
      "198.51.100.2:4222",
      "198.51.100.9:9440",
    ]);
  });

  it("is where an address without a port leads, and where a server of its kind listens by itself", async () => {
    vi.stubEnv("MESH_CLICKHOUSE_URL", "http://198.51.100.9");
    expect(await found("198.51.100.1,nats://198.51.100.2:80")).toEqual([
      "198.51.100.1:4222",
      "198.51.100.1:7422",
      "198.51.100.2:80",
      "198.51.100.9:80",
      "198.51.100.9:8123",
    ]);
  });

  it("has all addresses of this machine where a server is on it", async () => {
    const own = Object.values(networkInterfaces()).flatMap((each) =>
      (each ?? []).map(({ address }) => address),
    );
    const all = await found("nats://localhost:4222");
    expect(all).toEqual(expect.arrayContaining(["localhost:4222", "127.0.0.1:4222"]));
    for (const address of own) {
      const bare = address.split("%")[0] ?? "";
      expect(all).toContain(`${bare.includes(":") ? `[${bare}]` : bare}:4222`);
    }
  });

  it("has a name that leads nowhere as it is written", async () => {
    expect(await found("nats://hub.invalid:4222")).toEqual(["hub.invalid:4222"]);
  });

  it("has the ports that the folder here knows: of leaf nodes, of the cluster, of the server above", async () => {
    facts({
      servers: [
        { folder: "hub-1", listen: "0.0.0.0:4222", leaf: "0.0.0.0:7422", route: "198.51.100.7:6222" },
        { folder: "hub-2", listen: "0.0.0.0:4223", leaf: "0.0.0.0:7423", route: "198.51.100.7:6223" },
      ],
      dials: ["tls://198.51.100.8:7422"],
    });
    expect((await found("tls://198.51.100.1:4222")).toSorted()).toEqual([
      "198.51.100.1:4222",
      "198.51.100.1:4223",
      "198.51.100.1:7422",
      "198.51.100.1:7423",
      "198.51.100.7:6222",
      "198.51.100.7:6223",
      "198.51.100.8:7422",
    ]);
  });

  it("says so where the folder cannot be read", async () => {
    facts({ version: 9 });
    expect(await found("nats://198.51.100.1:4222")).toEqual(["198.51.100.1:4222"]);
    expect(notes).toEqual([expect.stringMatching(/is kept from no script: cannot read .*mesh-server\.json/)]);
  });
});
