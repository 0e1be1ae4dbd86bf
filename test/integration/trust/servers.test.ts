/** Folders that `mesh hub init` and `mesh zone init` make, with real servers inside: JetStream, links, clusters, TLS. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, credsAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { afterEach, describe, expect, it } from "vitest";
import { watchOptions } from "../../../src/cli/trust/watch-server.ts";
import { startFolderServer } from "../../../src/keeper/folder-server.ts";
import { findNatsServer } from "../../../src/keeper/provision-nats.ts";
import { openConnection } from "../../../src/nats/connect.ts";
import { makeAuthority } from "../../../src/trust/certificates.ts";
import { initHub, type TlsChoice } from "../../../src/trust/init-hub.ts";
import { type Folder, readFolder } from "../../../src/trust/folder.ts";
import { initZone } from "../../../src/trust/init-zone.ts";
import { revokeUser } from "../../../src/trust/renew.ts";
import { urlOf } from "../../../src/trust/server-files.ts";
import { readCredentials } from "../../../src/domain/credentials.ts";
import { subjects } from "../../../streams/subjects.ts";
import { freeAddress } from "../../support/private-mesh.ts";

const open: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

function newFolder(): string {
  const folder = mkdtempSync("/tmp/mesh-trust-");
  open.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

async function serve(folder: string): Promise<readonly string[]> {
  const lines: string[] = [];
  const server = await startFolderServer(await findNatsServer(), folder, (line) => lines.push(line));
  open.push(() => server.stop());
  return lines;
}

async function enter(folder: Folder, creds: string, clientTls = true, url = urlOf(folder.facts)) {
  const file = join(folder.path, creds);
  const { name = "" } = readCredentials(readFileSync(file, "utf8")) ?? {};
  const at = (pem: string) => join(folder.path, "tls", pem);
  const own = clientTls ? { certFile: at("client.pem"), keyFile: at("client.key") } : {};
  const connection = await connect({
    servers: url.split(","),
    authenticator: credsAuthenticator(readFileSync(file)),
    inboxPrefix: `_INBOX.${name}`,
    timeout: 20_000,
    reconnect: false,
    ...(folder.facts.tls === undefined ? {} : { tls: { caFile: at("ca.pem"), ...own } }),
  });
  open.push(() => connection.close());
  return connection;
}

async function hubAndZone(tls: TlsChoice | undefined, agents: readonly string[] = []) {
  const at = newFolder();
  const [listen, leaf, zone] = [await freeAddress(), await freeAddress(), await freeAddress()];
  await initHub({ path: join(at, "hub"), listen, leaf, servers: 1, tls });
  const hub = readFolder(join(at, "hub"));
  await serve(hub.path);
  const path = join(at, "eu");
  const made = await initZone({ zone: "eu", path, parent: hub, urls: [], listen: zone, agents, tls });
  expect(made.delivered).toBe("running");
  await serve(path);
  return { hub, zone: readFolder(path) };
}

/** A stream of the link at the hub, and its answer to a message of the zone; asked again until the link is there. */
async function forwarded(root: NatsConnection, coordinator: NatsConnection) {
  const jsm = await jetstreamManager(root, { checkAPI: false });
  const subject = subjects.zoneUpEvent("eu", "AgentLost");
  await jsm.streams.add({ name: "MESH_UP_eu_EVENTS", subjects: [subject], allow_direct: true });
  const up = jetstream(coordinator, { apiPrefix: "UP" });
  for (let tries = 1; ; tries += 1) {
    try {
      return await up.publish(subject, "fact", { timeout: 1000 });
    } catch (error) {
      if (tries === 20) throw error;
    }
  }
}

describe("a hub and a zone behind a leaf link", { timeout: 90_000 }, () => {
  it.each([
    ["in the clear", undefined],
    ["over TLS", { mutual: false, hosts: [] }],
    ["over mutual TLS", { mutual: true, hosts: ["hub.example"] }],
  ])("keep what the zone says, %s", async (_, tls) => {
    const { hub, zone } = await hubAndZone(tls);
    const root = await enter(hub, "creds/root.creds", tls?.mutual === true);
    const coordinator = await enter(zone, "creds/zone.creds", tls?.mutual === true);
    const ack = await forwarded(root, coordinator);
    expect(ack).toMatchObject({ domain: "hub", stream: "MESH_UP_eu_EVENTS", seq: 1 });
    if (tls?.mutual === true) await expect(enter(hub, "creds/root.creds", false)).rejects.toThrow();
  });

  it("let an agent say what is its own, whatever the letters of its name", async () => {
    const { zone } = await hubAndZone(undefined, ["EU-Big_1"]);
    const agent = await enter(zone, "agents/EU-Big_1.creds");
    const refused = firstError(agent);
    agent.publish(subjects.agentBeat("eu", "EU-Big_1"));
    agent.publish(subjects.agentBeat("eu", "eu-big_1"));
    expect(await refused).toBe('Permissions Violation for Publish to "mesh.z.eu.agent.eu-big_1.beat"');
  });
});

describe("a hub and a zone with files of another authority", { timeout: 90_000 }, () => {
  /** Files that are for 127.0.0.2 alone: no `localhost` among them, as in those of an authority of our own. */
  async function broughtTls(): Promise<TlsChoice> {
    const at = newFolder();
    const authority = await makeAuthority("Theirs");
    const { cert, key } = await authority.leaf({ hosts: ["127.0.0.2"] });
    const write = (name: string, text: string) => {
      writeFileSync(join(at, name), text);
      return join(at, name);
    };
    const own = { cert: write("a.pem", cert), key: write("a.key", key), ca: write("ca.pem", authority.cert) };
    return { mutual: true, hosts: ["127.0.0.2"], own };
  }

  it("reach each other, and are reached, by the name that the files are for", async () => {
    const [at, tls] = [newFolder(), await broughtTls()];
    const everywhere = async () => (await freeAddress()).replace("127.0.0.1", "0.0.0.0");
    const [listen, leaf, below] = [await everywhere(), await everywhere(), await everywhere()];
    const hub = await initHub({ path: join(at, "hub"), listen, leaf, servers: 1, tls });
    await serve(hub.path);
    const zone = { zone: "eu", path: join(at, "eu"), parent: hub, urls: [], agents: ["eu-1"] };
    const made = await initZone({ ...zone, listen: below, tls });
    expect(made.delivered).toBe("running");
    const lines = await serve(made.folder.path);
    await expect.poll(() => lines.join("\n"), { timeout: 20_000 }).toContain('remote "hub"');
    expect(await revokeUser(made.folder, "agent-eu-1")).toBe("running");
    const [place] = hub.facts.servers;
    const { connection } = await openConnection(watchOptions({ folder: hub, place: place! }, "watch"));
    await connection.close();
  });

  it("are not made where nobody could reach them", async () => {
    const tls = { ...(await broughtTls()), hosts: [] };
    const path = join(newFolder(), "hub");
    const making = initHub({ path, listen: "127.0.0.1:4222", leaf: "127.0.0.1:7422", servers: 1, tls });
    await expect(making).rejects.toThrow(/is for IP Address:127\.0\.0\.2, not for 127\.0\.0\.1/);
  });
});

async function firstError(connection: NatsConnection): Promise<string | undefined> {
  for await (const status of connection.status()) if (status.type === "error") return status.error.message;
  return undefined;
}

describe("a hub of three servers", { timeout: 120_000 }, () => {
  it("keeps a stream three times, over mutual TLS between all of them", async () => {
    const path = join(newFolder(), "hub");
    const [listen, leaf, route] = [await freeAddresses(3), await freeAddresses(3), await freeAddresses(3)];
    const tls = { mutual: true, hosts: [] };
    await initHub({ path, listen, leaf, route, servers: 3, tls });
    const hub = readFolder(path);
    await Promise.all(hub.facts.servers.map(({ folder }) => serve(join(path, folder))));
    const [first, , last] = urlOf(hub.facts).split(",");
    const root = await enter(hub, "creds/root.creds", true, first);
    const jsm = await jetstreamManager(root, { checkAPI: false });
    const stream = { name: "MESH_EVENTS", subjects: [subjects.meshLog()], num_replicas: 3 };
    for (let tries = 1; ; tries += 1) {
      const added = await jsm.streams.add(stream).catch((error: unknown) => error);
      if (!(added instanceof Error)) break;
      if (tries === 30) throw added;
      await root.flush();
      await pause(500); // until the three have a leader
    }
    await jetstream(root).publish(subjects.meshEvent("ZoneSeen"), "fact", { timeout: 10_000 });
    const other = await enter(hub, "creds/door.creds", true, last);
    const info = await (await jetstreamManager(other, { checkAPI: false })).streams.info("MESH_EVENTS");
    expect(info.state.messages).toBe(1);
    expect(info.cluster?.replicas).toHaveLength(2);
  });
});

/** The first of so many neighbours that are free now. */
async function freeAddresses(count: number): Promise<string> {
  const first = await freeAddress();
  const port = Number(first.split(":")[1]);
  return port + count < 65_536 ? first : freeAddresses(count);
}
