/** What a watcher beside a real server tells of real refusals: who, what, how often, in few words. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decodeBody } from "../../../src/domain/log/codec.ts";
import type { AssetName } from "../../../streams/assets.ts";
import { patterns, subjects } from "../../../streams/subjects.ts";
import { LogTeller } from "../../../src/cli/trust/log-teller.ts";
import { watcherOf } from "../../../src/cli/trust/watch-server.ts";
import type { Watcher } from "../../../src/cli/trust/watcher.ts";
import { revokeUser } from "../../../src/trust/renew.ts";
import { openLeaf } from "../../support/leaf-client.ts";
import type { TrustedMesh, TrustedServer } from "../../support/trusted-mesh.ts";
import { connectAs } from "./evidence.ts";
import { as, inhabited } from "./inhabited.ts";

let mesh: TrustedMesh;
let a: TrustedServer;
const watchers: Watcher[] = [];
const notes: string[] = [];
/** What people see of each server's log. */
const terminal: string[] = [];

beforeAll(async () => {
  mesh = await inhabited();
  a = mesh.zones["a"]!;
  for (const server of [mesh.hub, a]) await watched(server);
});

afterAll(async () => {
  for (const watcher of watchers) await watcher.stop();
  await mesh?.[Symbol.asyncDispose]();
});

/** The same server, with somebody who hears its log. */
async function watched(server: TrustedServer): Promise<void> {
  let watcher: Watcher | undefined;
  await server.stop();
  await server.start((line) => watcher?.hear(line));
  const [place] = server.folder.facts.servers;
  const teller = new LogTeller({ note: (line) => terminal.push(line), tellsAll: false });
  const ready = "[1] 2026/11/29 19:28:27.922172 [INF] Server is ready";
  teller.hear(ready, true);
  teller.isWatched = true;
  watcher = watcherOf(
    { folder: server.folder, place: place! },
    (line) => notes.push(line),
    (line, isBelieved) => teller.hear(line, isBelieved),
  );
  if (watcher === undefined) throw new Error(notes.join());
  watchers.push(watcher);
}

const told = (asset: AssetName, at: TrustedServer, zone: string, pattern: string, role: "root" | "zone") =>
  as(at, role, ({ log }) => log.read({ asset, zone }, [pattern])).then((all) =>
    all.map(({ data, envelope }) => decodeBody("watch report", envelope, data)),
  );
const toldInA = () => told("zoneWatch", a, "a", patterns.zoneWatch("a"), "zone");
const toldAtHub = () => told("hubWatch", mesh.hub, "", patterns.hubWatch, "root");

const TOLD = { timeout: 20_000, interval: 500 };
const FLOOD = 3000;

describe("a watcher", () => {
  it("tells a flood in a few messages, all of it counted, with the agent's name", async () => {
    const agent = await connectAs(a, "agents/a-1.creds", "_INBOX.agent-a-1");
    const subject = subjects.agentReport("a", "a-2", "Hello");
    for (let n = 0; n < FLOOD; n += 1) agent.publish(subject, "");
    await agent.flush();
    await agent.close();
    const mine = async () => (await toldInA()).filter((each) => each.subject === subject);
    const counted = async () => (await mine()).reduce((sum, { count }) => sum + count, 0);
    await expect.poll(counted, { ...TOLD, timeout: 40_000 }).toBe(FLOOD);
    const all = await mine();
    expect(all.length).toBeLessThan(6);
    for (const each of all) {
      expect(each).toMatchObject({ server: "zone-a", principal: "agent-a-1", operation: "publish" });
    }
  });

  it("names the zone whose link was cut, although the log does not", async () => {
    const creds = readFileSync(a.creds("creds/leaf.creds"));
    await using link = await openLeaf({ port: mesh.hub.leafPort, creds, name: "innocent" });
    link.publish(subjects.zoneUpEvent("b", "AgentLost"), "{}");
    await link.settled();
    expect(link.isOpen()).toBe(false);
    await expect.poll(toldAtHub, TOLD).toContainEqual(
      expect.objectContaining({
        server: "hub",
        principal: "zone-a",
        operation: "publish",
        subject: subjects.zoneUpEvent("b", "AgentLost"),
      }),
    );
  });

  it("tells what a link wanted to hear although the server only leaves it unheard", async () => {
    const creds = readFileSync(a.creds("creds/leaf.creds"));
    await using link = await openLeaf({ port: mesh.hub.leafPort, creds });
    link.subscribe(">");
    await link.settled();
    await link.close();
    const wanted = { principal: "zone-a", operation: "subscribe", subject: ">" };
    await expect.poll(toldAtHub, TOLD).toContainEqual(expect.objectContaining(wanted));
  });

  it("tells that a link says it is the one above", async () => {
    const creds = readFileSync(a.creds("creds/leaf.creds"));
    await using _ = await openLeaf({ port: mesh.hub.leafPort, creds, claims: { is_hub: true } });
    const wanted = { principal: "zone-a", operation: "leaf", subject: "" };
    await expect.poll(toldAtHub, TOLD).toContainEqual(expect.objectContaining(wanted));
  });

  it("believes no line that a link's name has put into the log", async () => {
    const key = `U${"B".repeat(55)}`;
    const forged = `[1] 2026/11/29 19:28:27.922172 [ERR] 127.0.0.1:1 - cid:5 - authentication error - Nkey "${key}"`;
    const error = "[1] 2026/11/29 19:28:27.922172 [ERR] send money";
    const creds = readFileSync(a.creds("creds/leaf.creds"));
    await using link = await openLeaf({
      port: mesh.hub.leafPort,
      creds,
      name: `x\n${forged}\n${error}\r\n${error}\r`,
    });
    link.publish(subjects.rootCommand("forging", "AbortRun"), "{}");
    await link.settled();
    // A later refusal is told after whatever came before it.
    await using later = await openLeaf({ port: mesh.hub.leafPort, creds });
    later.publish(subjects.rootCommand("later", "AbortRun"), "{}");
    await later.settled();
    const wanted = { principal: "zone-a", subject: subjects.rootCommand("later", "AbortRun") };
    await expect.poll(toldAtHub, TOLD).toContainEqual(expect.objectContaining(wanted));
    expect(mesh.hub.log()).toContain("\n[1] 2026/11/29"); // so the server does write it
    expect(mesh.hub.log()).toMatch(/\n\[1\] 2026\/11\/29 \S+ \[ERR\] send money\r\n/);
    expect((await toldAtHub()).filter(({ principal }) => principal.includes(key))).toEqual([]);
    expect([...notes, ...terminal].filter((line) => /send money|B{55}/.test(line))).toEqual([]);
  });

  it("calls revoked credentials by the name that they had, unknown ones by their key", async () => {
    await revokeUser(a.folder, "agent-a-2");
    await expect(connectAs(a, "agents/a-2.creds", "_INBOX.agent-a-2")).rejects.toThrow();
    await expect(
      connectAs({ ...mesh.zones["b"]!, url: a.url }, "creds/zone.creds", "_INBOX.x"),
    ).rejects.toThrow();
    const login = { operation: "connect", subject: "" };
    await expect
      .poll(toldInA, TOLD)
      .toEqual(
        expect.arrayContaining([
          expect.objectContaining({ ...login, principal: "agent-a-2" }),
          expect.objectContaining({ ...login, principal: expect.stringMatching(/^key U[A-Z2-7]{55}$/) }),
        ]),
      );
  });

  it("says of the honest nothing", async () => {
    const known = new Set(["agent-a-1", "agent-a-2", "zone-a"]);
    const all = [...(await toldInA()), ...(await toldAtHub())];
    expect(all.filter(({ principal }) => !known.has(principal) && !principal.startsWith("key "))).toEqual([]);
    expect(notes.filter((line) => /not told/.test(line))).toEqual([]);
  });
});
