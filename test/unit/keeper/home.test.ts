/** Places: where state, cache and the socket lie, and what is said of a directory that cannot be used. */
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  cacheDirectory,
  homeDirectory,
  privateSocketFolder,
  socketPath,
  usableDirectory,
} from "../../../src/keeper/home.ts";
import { KeeperError } from "../../../src/keeper/keeper-error.ts";

describe("home", () => {
  it("is MESH_HOME, then XDG_STATE_HOME, then the user's", () => {
    expect(homeDirectory({ MESH_HOME: "/a", XDG_STATE_HOME: "/b" })).toBe("/a");
    expect(homeDirectory({ MESH_HOME: "", XDG_STATE_HOME: "/b" })).toBe("/b/mesh");
    expect(homeDirectory({})).toBe(join(homedir(), ".local/state/mesh"));
  });

  it("has its cache apart", () => {
    expect(cacheDirectory({ MESH_CACHE: "/a", XDG_CACHE_HOME: "/b" })).toBe("/a");
    expect(cacheDirectory({ XDG_CACHE_HOME: "/b" })).toBe("/b/mesh");
    expect(cacheDirectory({})).toBe(join(homedir(), ".cache/mesh"));
  });

  it("names the path and the variable when it cannot be created", () => {
    const folder = mkdtempSync(join(tmpdir(), "mesh-home-"));
    try {
      writeFileSync(join(folder, "file"), "");
      const path = join(folder, "file", "home");
      const make = () => usableDirectory(path, "MESH_HOME");
      expect(make).toThrow(KeeperError);
      expect(make).toThrow(
        expect.objectContaining({ reason: "home", message: expect.stringContaining(path) }),
      );
      expect(make).toThrow(expect.objectContaining({ hint: expect.stringContaining("MESH_HOME") }));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("socket folder", () => {
  it("is made private, and refused if it is open to others", () => {
    const folder = mkdtempSync(join(tmpdir(), "mesh-folder-"));
    try {
      const fresh = join(folder, "fresh");
      privateSocketFolder(fresh);
      expect(statSync(fresh).mode & 0o777).toBe(0o700);
      chmodSync(fresh, 0o777);
      expect(() => privateSocketFolder(fresh)).toThrow(expect.objectContaining({ reason: "home" }));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("socket path", () => {
  it("lies in a short home", () => {
    expect(socketPath("/home/me/.local/state/mesh")).toBe("/home/me/.local/state/mesh/keeper.sock");
  });

  it("is hashed, short and different for each home where the home is long", () => {
    const long = (name: string) => `/very/${"long/".repeat(30)}${name}`;
    const path = socketPath(long("a"), "/tmp");
    expect(path).toMatch(/^\/tmp\/mesh-\d+\/[0-9a-f]{16}\.sock$/);
    expect(socketPath(long("a"), "/tmp")).toBe(path);
    expect(socketPath(long("b"), "/tmp")).not.toBe(path);
  });

  it("counts bytes, not characters", () => {
    expect(socketPath(`/${"é".repeat(60)}`, "/tmp")).toMatch(/^\/tmp\/mesh-/);
  });

  it("falls back to /tmp where the temporary folder is long as well", () => {
    expect(socketPath(`/${"a".repeat(120)}`, `/${"t".repeat(100)}`)).toMatch(/^\/tmp\/mesh-/);
  });
});
