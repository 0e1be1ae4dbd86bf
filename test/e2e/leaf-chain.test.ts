/**
 * Zones below zones over real leaf links: hub ← a ← b, a nats-server each, as `mesh zone init` sets them up. One run over
 * both has one number, as the target counts it, and nobody on the way asks for what it may not.
 */
import { describe, expect, it } from "vitest";
import { startCountingTarget } from "../support/counting-target.ts";
import { createPrivateMesh, freeAddress, refusals, UP_WITHIN_MS } from "../support/private-mesh.ts";
import { script } from "../support/scripts.ts";
import { countOf, documentOf, expectBalanced } from "./documents.ts";

const RUN_WITHIN_MS = 60_000;

async function startChain() {
  const mesh = createPrivateMesh();
  try {
    const [hubClient, hubLeaf, a, aLeaf, b] = await freeAddresses();
    await mesh.mesh("hub", "init", "hub", "--listen", hubClient, "--leaf", hubLeaf);
    await mesh.mesh("zone", "init", "a", "--hub", "hub", "--listen", a, "--leaf", aLeaf);
    await mesh.mesh("zone", "init", "b", "--parent", "zone-a", "--listen", b);
    await Promise.all(["hub", "zone-a", "zone-b"].map((folder) => mesh.serve(folder)));
    const root = mesh.start("hub", "root");
    const zones = ["a", "b"].map((zone) => mesh.start(`zone-${zone}`, "zone", zone));
    const agents = ["a", "b"].map((zone) =>
      mesh.start(`zone-${zone}`, "agent", "--creds", `agents/${zone}-1.creds`, "--cores", "1"),
    );
    await root.stderr.line(/leading, epoch \d+/, UP_WITHIN_MS);
    await Promise.all(zones.map((zone) => zone.stderr.line(/incarnation 1$/, UP_WITHIN_MS)));
    await Promise.all(agents.map((agent) => agent.stderr.line(/joined zone/, UP_WITHIN_MS)));
    return mesh;
  } catch (error) {
    await mesh[Symbol.asyncDispose]();
    throw error;
  }
}

type Five = readonly [string, string, string, string, string];
const freeAddresses = (): Promise<Five> =>
  Promise.all([freeAddress(), freeAddress(), freeAddress(), freeAddress(), freeAddress()]);

describe("a chain of private zones", { timeout: 150_000 }, () => {
  it("shares a run to the request, with setup and teardown, and nobody is refused anything", async () => {
    await using mesh = await startChain();
    await using target = await startCountingTarget();
    const asked = ["--zones", "a", "--agents", "2", "--env", `TARGET_URL=${target.url}`, "--json"];
    const exit = await mesh.start("hub", "run", script("whole-life"), ...asked).exit(RUN_WITHIN_MS);
    for (const server of ["hub", "zone-a", "zone-b"]) expect(refusals(mesh.log(server)), server).toEqual([]);
    expect(exit.code, `${exit.stdout}${exit.stderr}`).toBe(0);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(Object.keys(document.ledger.agents)).toEqual(["a-1", "b-1"]);
    expect(document.completeness).toMatchObject({ agents: { finished: 2 }, mismatches: [] });
    const zones = document.zones ?? {};
    expect(Object.keys(zones)).toEqual(["a", "b"]);
    expect(Object.values(zones).every(({ iterations }) => iterations > 0)).toBe(true);
    const { paths, total } = await target.stats();
    expect(countOf(document, "http_reqs")).toBe(total);
    expect([paths["/setup"], paths["/teardown/setup-got-200"]]).toEqual([1, 1]);
  });
});
