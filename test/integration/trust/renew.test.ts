/** Renewing and revoking without a server: what lies in the folder afterwards, and when it says that nobody heard of it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hubRevoke } from "../../../src/cli/trust/renew-zone.ts";
import { readCredentials } from "../../../src/domain/credentials.ts";
import { readFolder } from "../../../src/trust/folder.ts";
import { initHub } from "../../../src/trust/init-hub.ts";
import { renewUsers } from "../../../src/trust/renew.ts";

let folder: string;
let mute: Server;

/** A port where somebody listens and says nothing. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "mesh-renew-"));
  mute = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => mute.once("listening", resolve));
});

afterEach(() => {
  mute.close();
  rmSync(folder, { recursive: true, force: true });
});

const listensAt = (): string => `127.0.0.1:${(mute.address() as { port: number }).port}`;

async function hubAt(listen: string) {
  const path = join(folder, "hub");
  const expiresAtS = Math.floor(Date.now() / 1000) + 60;
  await initHub({ path, listen, leaf: "127.0.0.1:7", servers: 1, expiresAtS });
  return readFolder(path);
}

const credsOf = (path: string, role: string) =>
  readCredentials(readFileSync(join(path, `creds/${role}.creds`), "utf8"));

describe("credentials of a hub", () => {
  it("are renewed with those that bring the news, or these would expire for good", async () => {
    const hub = await hubAt("127.0.0.1:9");
    const before = credsOf(hub.path, "sys");
    const { delivered, files } = await renewUsers(hub, { revoke: true });
    expect(delivered).toBe("stopped");
    expect(files.map((file) => file.slice(hub.path.length + 1)).toSorted()).toEqual(
      ["door", "root", "sys", "watch"].map((role) => `creds/${role}.creds`),
    );
    const after = credsOf(hub.path, "sys");
    expect(after?.publicKey).not.toBe(before?.publicKey);
    expect([before?.expiresAtS, after?.expiresAtS]).toEqual([expect.any(Number), undefined]);
    expect(Object.keys(readFolder(hub.path).facts.revocations)).not.toContain(before?.publicKey);
  });

  it("cannot be revoked where that would change nothing", async () => {
    const { path } = await hubAt("127.0.0.1:9");
    await expect(hubRevoke(path, "sys")).rejects.toThrow("cannot be revoked");
    await expect(hubRevoke(path, "constructor")).rejects.toThrow("has given no credentials to constructor");
    expect((await hubRevoke(path, "root")).done.join(" ")).toContain("from the next start of the server on");
  });

  it("are not said to be revoked by a server that gave no answer", { timeout: 30_000 }, async () => {
    const { path } = await hubAt(listensAt());
    await expect(hubRevoke(path, "root")).rejects.toMatchObject({
      exit: 111,
      message: expect.stringContaining("if it runs, it still lets them in"),
    });
  });
});
