/**
 * While an honest run goes on over two zones, one zone's link is abused by a raw socket, and an agent's credentials by a
 * client: the run counts exactly, and the mesh says who tried what.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { credsAuthenticator } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { expect, it } from "vitest";
import { subjects } from "../../streams/subjects.ts";
import { startCountingTarget } from "../support/counting-target.ts";
import { type LeafClient, openLeaf } from "../support/leaf-client.ts";
import { script } from "../support/scripts.ts";
import type { TrustedServer } from "../support/trusted-mesh.ts";
import { countOf, documentOf, expectBalanced } from "./documents.ts";
import { startTrustedRun } from "./trusted-run.ts";

/** Some seconds; a busy machine takes longer to start what asks. */
const TOLD_WITHIN_MS = 30_000;

it("a run is right although a zone is hostile, and mesh events names what was tried", async () => {
  await using target = await startCountingTarget();
  await using run = await startTrustedRun({ a: ["a-1"], b: ["b-1"] });
  const { hub, zones } = run.mesh;
  // By a door's credentials.
  const told = run.home.start(["events", "--follow", "--json"], { cwd: hub.folder.path });
  const args = ["--zones", "a,b", "--agents", "2", "--env", `TARGET_URL=${target.url}`, "--json"];
  const honest = run.home.start(["run", script("whole-life"), ...args], { cwd: hub.folder.path });
  await expect.poll(async () => (await target.stats()).total, { timeout: 60_000 }).toBeGreaterThan(0);
  await abuseLink(hub, zones["a"]!);
  // A link that pretends to be the hub's is seen while it is there.
  const creds = readFileSync(zones["a"]!.creds("creds/leaf.creds"));
  await using above = await openLeaf({ port: hub.leafPort, creds, claims: { is_hub: true } });
  above.publish(subjects.rootCommand("r", "AbortRun"), "{}");
  await abuseAgent(zones["a"]!);
  await knock(hub);

  const exit = await honest.exit(60_000);
  expect(exit.code, exit.stderr).toBe(0);
  const document = documentOf(exit);
  expectBalanced(document);
  expect(document.ledger.total).toMatchObject({ planned: 200, completed: 200 });
  expect(countOf(document, "http_reqs")).toBe((await target.stats()).total);

  for (const each of tried) await told.stdout.line(lineOf(each), TOLD_WITHIN_MS);
  const text = await run.home.run(["events"], { cwd: hub.folder.path });
  expect(text.stdout).toMatch(/zone-a may not publish mesh\.z\.b\.up\.event\.AgentLost.*\(server hub\)/);
  expect(text.stdout).toMatch(/agent-a-1 may not subscribe mesh\.>.*\(server zone-a of zone a\)/);
  // Nobody honest asks for more than it may.
  expect(text.stdout).not.toMatch(/\b(?:root|zone-b|agent-b-1|door-\S+|watch) may not/);
  told.signal("SIGINT");
}, 240_000);

interface Tried {
  readonly principal: string;
  readonly operation: string;
  readonly subject: string;
  readonly server: string;
  readonly zone?: string;
}

const tried: readonly Tried[] = [
  {
    principal: "zone-a",
    operation: "publish",
    subject: subjects.zoneUpEvent("b", "AgentLost"),
    server: "hub",
  },
  {
    principal: "zone-a",
    operation: "publish",
    subject: subjects.rootCommand("r", "AbortRun"),
    server: "hub",
  },
  { principal: "zone-a", operation: "subscribe", subject: ">", server: "hub" },
  { principal: "zone-a", operation: "leaf", subject: "", server: "hub" },
  { principal: "", operation: "leaf", subject: "", server: "hub" },
  {
    principal: "agent-a-1",
    operation: "publish",
    subject: subjects.agentReport("a", "a-2", "Hello"),
    server: "zone-a",
    zone: "a",
  },
  { principal: "agent-a-1", operation: "subscribe", subject: "mesh.>", server: "zone-a", zone: "a" },
];

/** An event of the mesh log that names it, with a count and a time. */
const lineOf = (each: Tried): RegExp =>
  new RegExp(
    `^(?=.*"AccessRefused")${Object.entries(each)
      .map(([name, value]) => `(?=.*${`"${name}":"${value}"`.replace(/[.*+?^$()[\]{}|\\]/g, "\\$&")})`)
      .join("")}(?=.*"count":[1-9])(?=.*"at":\\d{16})`,
  );

/** Each on a link of its own: the server cuts it. */
async function abuseLink(hub: TrustedServer, zone: TrustedServer): Promise<void> {
  const creds = readFileSync(zone.creds("creds/leaf.creds"));
  const tries: readonly ((link: LeafClient) => void)[] = [
    (link) => link.publish(subjects.zoneUpEvent("b", "AgentLost"), "{}"),
    (link) => link.publish(subjects.rootCommand("r", "AbortRun"), "{}"),
    (link) => link.subscribe(">"),
  ];
  for (const attempt of tries) {
    await using link = await openLeaf({ port: hub.leafPort, creds });
    attempt(link);
    await link.settled();
  }
}

async function abuseAgent(zone: TrustedServer): Promise<void> {
  const agent = await connect({
    servers: zone.url,
    authenticator: credsAuthenticator(readFileSync(join(zone.folder.path, "agents/a-1.creds"))),
    inboxPrefix: "_INBOX.agent-a-1",
  });
  agent.subscribe("mesh.>", { callback: () => {} });
  for (let n = 0; n < 1000; n += 1) agent.publish(subjects.agentReport("a", "a-2", "Hello"), "{}");
  await agent.flush();
  await agent.close();
}

async function knock(hub: TrustedServer): Promise<void> {
  await using link = await openLeaf({ port: hub.leafPort });
  expect(link.errors.join()).toContain("Authorization Violation");
}
