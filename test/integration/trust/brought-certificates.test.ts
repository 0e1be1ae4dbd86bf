/**
 * A hub whose certificate is for a public name only, `hub.example`, and of somebody else's authority: everybody who is to
 * reach it dials that name. What a name server would say of it is said here.
 */
import dns from "node:dns";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { watcherOf } from "../../../src/cli/trust/watch-server.ts";
import { startFolderServer } from "../../../src/keeper/folder-server.ts";
import { findNatsServer } from "../../../src/keeper/provision-nats.ts";
import { openConnection } from "../../../src/nats/connect.ts";
import { makeAuthority } from "../../../src/trust/certificates.ts";
import { type Folder, readFolder } from "../../../src/trust/folder.ts";
import { initHub } from "../../../src/trust/init-hub.ts";
import { initZone } from "../../../src/trust/init-zone.ts";
import { revokeLink } from "../../../src/trust/renew.ts";
import { freeAddress } from "../../support/private-mesh.ts";

const NAME = "hub.example";
const folder = mkdtempSync(join(tmpdir(), "mesh-brought-"));
const at = (...path: readonly string[]) => join(folder, ...path);
const stops: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const authority = await makeAuthority("Theirs");
  const { cert, key } = await authority.leaf({ hosts: [NAME] });
  for (const [name, text] of Object.entries({ "ca.pem": authority.cert, "a.pem": cert, "a.key": key }))
    writeFileSync(at(name), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

beforeEach(() => {
  const { lookup } = dns;
  const here = (name: string, options: object, done: (...answer: unknown[]) => void) =>
    name === NAME
      ? done(null, [{ address: "127.0.0.1", family: 4 }])
      : lookup(name, options as never, done as never);
  vi.spyOn(dns, "lookup").mockImplementation(here as never);
});
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
  vi.restoreAllMocks();
});

const own = () => ({ cert: at("a.pem"), key: at("a.key"), ca: at("ca.pem") });

/** On every address, or on loopback alone: neither is what is dialled. */
async function startHub(name: string, host: string, mutual: boolean): Promise<Folder> {
  const [listen, leaf] = [await freeAddress(), await freeAddress()].map((each) =>
    each.replace("127.0.0.1", host),
  );
  const tls = { mutual, hosts: [NAME], own: own() };
  await initHub({ path: at(name), listen: listen ?? "", leaf: leaf ?? "", servers: 1, tls });
  const server = await startFolderServer(await findNatsServer(), at(name), () => {});
  stops.push(() => server.stop());
  return readFolder(at(name));
}

describe("a hub with a certificate for another name than where it listens", { timeout: 90_000 }, () => {
  it.each([
    ["everywhere", "0.0.0.0", false],
    ["on loopback, over mutual TLS", "127.0.0.1", true],
  ])("hears of new zones and of revocations while it runs, listening %s", async (_, host, mutual) => {
    const hub = await startHub(`hub-${mutual}`, host, mutual);
    const tls = mutual ? { tls: { mutual, hosts: [NAME], own: own() } } : {};
    const choice = { zone: "eu", path: at(`eu-${mutual}`), parent: hub, urls: [], agents: [] };
    const { delivered, urls } = await initZone({ ...choice, listen: await freeAddress(), ...tls });
    const [leafPort] = hub.facts.servers.map(({ leaf }) => leaf?.split(":")[1]);
    expect([delivered, urls]).toEqual(["running", [`tls://${NAME}:${leafPort}`]]);
    expect(await revokeLink(hub, "eu")).toBe("running");
  });

  it("is found by root, by doors and by its watcher, with what the folder says", async () => {
    const hub = await startHub("hub", "0.0.0.0", false);
    const [place] = hub.facts.servers;
    const { creds, nats, tls } = JSON.parse(readFileSync(at("hub/mesh.config.json"), "utf8")) as {
      readonly creds: Readonly<Record<"root" | "door", string>>;
      readonly nats: string;
      readonly tls: { readonly ca: string };
    };
    expect(nats).toBe(`tls://${NAME}:${place?.listen.split(":")[1]}`);
    const login = (file: string) => ({
      credsFile: at("hub", file),
      tls: { ca: at("hub", tls.ca) },
      name: "test",
    });
    for (const role of ["root", "door"] as const) {
      const { connection } = await openConnection({ url: nats, ...login(creds[role]) });
      await connection.close();
    }
    const { connection } = await openConnection({ url: nats, ...login("creds/sys.creds") });
    stops.push(() => connection.close());
    const connects = connection.subscribe("$SYS.ACCOUNT.*.CONNECT");
    await connection.flush();
    const notes: string[] = [];
    const watcher = watcherOf({ folder: hub, place: place! }, (line) => notes.push(line));
    stops.push(async () => watcher?.stop());
    const late = setTimeout(() => connects.unsubscribe(), 20_000);
    let seen = 0;
    for await (const message of connects) {
      if (message.json<{ client: { name?: string } }>().client.name === "watch-hub") seen += 1;
      if (seen === 1) break;
    }
    clearTimeout(late);
    expect([seen, notes]).toEqual([1, []]);
  });

  it("is not made where its certificate is for none of the names that are given", async () => {
    const tls = { mutual: false, hosts: ["other.example"], own: own() };
    const choice = { path: at("other"), listen: "127.0.0.1:4222", leaf: "127.0.0.1:7422", servers: 1 };
    await expect(initHub({ ...choice, tls })).rejects.toMatchObject({
      name: "TrustError",
      message: expect.stringMatching(/is for DNS:hub\.example, not for other\.example/),
      hint: expect.stringContaining("--host"),
    });
  });
});
