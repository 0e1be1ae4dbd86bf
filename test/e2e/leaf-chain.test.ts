/**
 * Zones below zones over real leaf links: hub ← a ← b, a nats-server each, as `mesh zone init` sets them up. One run over
 * both has one number, as the target counts it, and nobody on the way asks for what it may not. What happens in b is known
 * at the hub, and a server in the middle may be started again.
 */
import { readFileSync } from "node:fs";
import { jetstreamManager } from "@nats-io/jetstream";
import { credsAuthenticator } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCountingTarget } from "../support/counting-target.ts";
import { createPrivateMesh, freeAddress, refusals, UP_WITHIN_MS } from "../support/private-mesh.ts";
import { script } from "../support/scripts.ts";
import { countOf, documentOf, expectBalanced } from "./documents.ts";

const RUN_WITHIN_MS = 60_000;

const TOLD_WITHIN_MS = 30_000;

async function startChain() {
  const mesh = createPrivateMesh();
  try {
    const [hubClient, hubLeaf, a, aLeaf, b] = await freeAddresses();
    await mesh.mesh("hub", "init", "hub", "--listen", hubClient, "--leaf", hubLeaf);
    await mesh.mesh("zone", "init", "a", "--hub", "hub", "--listen", a, "--leaf", aLeaf);
    await mesh.mesh("zone", "init", "b", "--parent", "zone-a", "--listen", b);
    const servers = await Promise.all(["hub", "zone-a", "zone-b"].map((folder) => mesh.serve(folder)));
    const root = mesh.start("hub", "root");
    const zones = ["a", "b"].map((zone) => mesh.start(`zone-${zone}`, "zone", zone));
    const agents = ["a", "b"].map((zone) =>
      mesh.start(`zone-${zone}`, "agent", "--creds", `agents/${zone}-1.creds`, "--cores", "1"),
    );
    await root.stderr.line(/leading, epoch \d+/, UP_WITHIN_MS);
    await Promise.all(zones.map((zone) => zone.stderr.line(/incarnation 1$/, UP_WITHIN_MS)));
    await Promise.all(agents.map((agent) => agent.stderr.line(/joined zone/, UP_WITHIN_MS)));
    const login = (url: string, name: string, creds: string) =>
      connect({
        servers: `nats://${url}`,
        authenticator: credsAuthenticator(readFileSync(mesh.at(creds))),
        inboxPrefix: `_INBOX.${name}`,
      });
    return {
      ...mesh,
      middle: servers[1],
      asAgentB: () => login(b, "agent-b-1", "zone-b/agents/b-1.creds"),
      asZoneA: () => login(a, "zone-a", "zone-a/creds/zone.creds"),
    };
  } catch (error) {
    await mesh[Symbol.asyncDispose]();
    throw error;
  }
}

type Five = readonly [string, string, string, string, string];
const freeAddresses = (): Promise<Five> =>
  Promise.all([freeAddress(), freeAddress(), freeAddress(), freeAddress(), freeAddress()]);

describe("a chain of private zones", { timeout: 120_000 }, () => {
  let mesh: Awaited<ReturnType<typeof startChain>>;
  beforeAll(async () => {
    mesh = await startChain();
  }, 120_000);
  afterAll(() => mesh[Symbol.asyncDispose]());

  it("shares a run to the request, with setup and teardown, and nobody is refused anything", async () => {
    await using target = await startCountingTarget();
    const asked = ["--zones", "a", "--agents", "2", "--env", `TARGET_URL=${target.url}`, "--json"];
    const exit = await mesh.start("hub", "run", script("whole-life"), ...asked).exit(RUN_WITHIN_MS);
    for (const server of ["hub", "zone-a", "zone-b"]) expect(refusals(mesh.log(server)), server).toEqual([]);
    expect(exit.code, `${exit.stdout}${exit.stderr}`).toBe(0);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(Object.keys(document.ledger.agents)).toEqual(["a-1", "b-1"]);
    expect(Object.keys(document.generator.byAgent)).toEqual(["a-1", "b-1"]);
    expect(document.completeness).toMatchObject({ agents: { finished: 2 }, mismatches: [] });
    const zones = document.zones ?? {};
    expect(Object.keys(zones)).toEqual(["a", "b"]);
    expect(Object.values(zones).every(({ iterations }) => iterations > 0)).toBe(true);
    const { paths, total } = await target.stats();
    expect(countOf(document, "http_reqs")).toBe(total);
    expect([paths["/setup"], paths["/teardown/setup-got-200"]]).toEqual([1, 1]);
  });

  it("makes what the middle server kept in memory for the link below again, when that was started again", async () => {
    mesh.middle?.signal("SIGINT");
    await mesh.middle?.exit(TOLD_WITHIN_MS);
    await mesh.serve("zone-a");
    const connection = await mesh.asZoneA();
    const manager = await jetstreamManager(connection, { checkAPI: false });
    const isThere = () =>
      manager.streams.info("MESH_LIVE_b").then(
        () => true,
        () => false,
      );
    await expect.poll(isThere, { timeout: TOLD_WITHIN_MS }).toBe(true);
    await connection.close();
  });

  it("tells at the hub who was refused what at the innermost server, and shows the zones as a tree", async () => {
    const agent = await mesh.asAgentB();
    agent.subscribe("mesh.>", { callback: () => {} });
    await agent.flush();
    await agent.close();
    const told = mesh.start("hub", "events", "--follow", "--json");
    await told.stdout.line(/"AccessRefused".*"principal":"agent-b-1".*"zone":"b"/, TOLD_WITHIN_MS);
    const events = await mesh.start("hub", "events").exit(TOLD_WITHIN_MS);
    expect(events.stdout).toMatch(/zone b under zone a: /);
    expect(events.stdout).toMatch(/agent-b-1 may not subscribe mesh\.>.*\(server zone-b of zone b\)/);
    const list = await mesh.start("hub", "zone", "ls").exit(TOLD_WITHIN_MS);
    expect(list.stdout).toMatch(/^b +a +up +1 /m);
    const shown = await mesh.start("hub", "zone", "show", "a").exit(TOLD_WITHIN_MS);
    expect(shown.stdout).toMatch(/^below +b$/m);
    told.signal("SIGINT");
  });
});
