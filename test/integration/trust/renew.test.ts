/** Renewing and revoking without a server: what lies in the folder afterwards, and when it says that nobody heard of it. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { zoneInit } from "../../../src/cli/trust/make.ts";
import { hubRevoke } from "../../../src/cli/trust/renew-zone.ts";
import { readCredentials } from "../../../src/domain/credentials.ts";
import { readFolder } from "../../../src/trust/folder.ts";
import { initHub } from "../../../src/trust/init-hub.ts";
import { renewUsers } from "../../../src/trust/renew.ts";

let folder: string;
const open: Server[] = [];
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "mesh-renew-"))));

afterEach(() => {
  for (const server of open.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listening(server: Server): Promise<string> {
  open.push(server.listen(0, "127.0.0.1"));
  await new Promise((resolve) => server.once("listening", resolve));
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

/** Somebody listens and says nothing. */
const mute = () => listening(createServer());

/** Lets everybody in, and answers nothing that is asked. */
const busy = () =>
  listening(
    createServer((socket) => {
      const info = { server_id: "S", version: "2.15.0", proto: 1, headers: true, max_payload: 1_048_576 };
      socket.on("error", () => {}).write(`INFO ${JSON.stringify(info)}\r\n`);
      socket.on("data", (heard) => void (heard.includes("PING\r\n") && socket.write("PONG\r\n")));
    }),
  );

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
    for (const at of [await mute(), await busy()]) {
      const { path } = await hubAt(at);
      const key = credsOf(path, "root")?.publicKey ?? "";
      await expect(hubRevoke(path, "root")).rejects.toMatchObject({
        exit: 111,
        message: expect.stringMatching(/are written down as revoked, .* if it runs, it still lets them in$/),
      });
      expect(readFolder(path).facts.revocations).toHaveProperty(key);
      rmSync(path, { recursive: true });
    }
  });

  it("are made for a zone, too, whose hub gave no answer: that is said", { timeout: 30_000 }, async () => {
    const { path } = await hubAt(await mute());
    const { done } = await zoneInit("eu", { hub: path, dir: join(folder, "eu"), agents: 0 });
    expect(done.join()).toMatch(/gave no answer: if it runs, it may not know the zone/);
  });
});
