/**
 * Private zones over real leaf links: a run through them is what it is on one server. The same subjects are heard, each is
 * kept in one place only, and nobody in a zone dials anything but the zone's own server.
 */
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { startCountingTarget } from "../support/counting-target.ts";
import { seesProcesses } from "../support/processes.ts";
import { script } from "../support/scripts.ts";
import { covers } from "../support/subject-pattern.ts";
import { countOf, documentOf, expectBalanced } from "./documents.ts";
import { dialledBy, openAsKeeper, startLeafMesh } from "./leaf-mesh.ts";
import { kinds, kindsOfOneServer, tap } from "./tap.ts";

const RUN_WITHIN_MS = 120_000;

/** What streams of a server keep, as patterns. */
async function kept(connection: NatsConnection): Promise<readonly string[]> {
  const streams = await (await jetstreamManager(connection)).streams.list().next();
  return streams.flatMap(({ config }) => config.subjects ?? []);
}

describe("a mesh over leaf links", { timeout: 300_000 }, () => {
  it("runs a whole life over two private zones as on one server, and counts what the target counted", async () => {
    await using mesh = await startLeafMesh({ a: ["a1"], b: ["b1"] });
    await using target = await startCountingTarget();
    const servers = [mesh.trust.hub, ...Object.values(mesh.trust.zones)];
    const keepers = await Promise.all(servers.map(openAsKeeper));
    const heard = await Promise.all(keepers.map(tap));

    const flags = ["--zones", "a,b", "--env", `TARGET_URL=${target.url}`, "--json", "--no-history"];
    const run = await mesh.home.run(["run", script("whole-life"), ...flags], {
      ...mesh.hub,
      boundMs: RUN_WITHIN_MS,
    });

    expect(run.code, run.stderr).toBe(0);
    const document = documentOf(run);
    expect(document).toMatchObject({ outcome: "passed", exitCode: 0 });
    const { paths, total } = await target.stats();
    const iterations = Object.entries(paths).filter(([path]) => path.startsWith("/vu/"));
    expect(iterations.reduce((sum, [, count]) => sum + count, 0)).toBe(200);
    expect([paths["/setup"], paths["/teardown/setup-got-200"]]).toEqual([1, 1]);
    expect(countOf(document, "http_reqs")).toBe(total);
    expectBalanced(document);
    expect(Object.keys(document.ledger.agents)).toEqual(["a1", "b1"]);

    const subjects = new Set(heard.flatMap((of) => [...of()]));
    // A door with credentials signs what it asks for by the subject.
    const signed = kindsOfOneServer.filter((kind) => kind !== "mesh.r.cmd.*.*");
    expect(kinds(subjects)).toEqual(["mesh.r.by.*.cmd.*.*", ...signed]);
    const patterns = (await Promise.all(keepers.map(kept))).flat();
    for (const subject of subjects) {
      expect(
        patterns.filter((pattern) => covers(pattern, subject)),
        subject,
      ).toHaveLength(1);
    }
    await Promise.all(keepers.map((keeper) => keeper.close()));

    if (!seesProcesses) return;
    for (const [zone, { port }] of Object.entries(mesh.trust.zones)) {
      const agent = mesh.agents[Object.keys(mesh.trust.zones).indexOf(zone)];
      for (const role of [mesh.zones[zone], agent]) {
        expect(role === undefined ? [] : [...dialledBy(role)]).toEqual([port]);
      }
    }
  });
});
