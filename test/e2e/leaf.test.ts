/**
 * Private zones over real leaf links: a run through them is what it is on one server. The same subjects are heard, each is
 * kept in one place only, and nobody in a zone dials anything but the zone's own server.
 */
import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { startCountingTarget } from "../support/counting-target.ts";
import { seesProcesses } from "../support/processes.ts";
import { createMeshHome } from "../support/run-mesh.ts";
import { script } from "../support/scripts.ts";
import { covers } from "../support/subject-pattern.ts";
import { trustedMesh } from "../support/trusted-mesh.ts";
import { countOf, documentOf, expectBalanced } from "./documents.ts";
import { dialledBy, openAsKeeper, startLeafMesh, UP_WITHIN_MS } from "./leaf-mesh.ts";
import { kinds, kindsOfOneServer, tap } from "./tap.ts";

const RUN_WITHIN_MS = 120_000;

/** What streams of a server keep, as patterns. */
async function kept(connection: NatsConnection): Promise<readonly string[]> {
  const streams = await (await jetstreamManager(connection)).streams.list().next();
  return streams.flatMap(({ config }) => config.subjects ?? []);
}

describe("a zone behind a leaf link", { timeout: 240_000 }, () => {
  it("says what it waits for and goes on by itself, and ends where another coordinator takes it over", async () => {
    await using trust = await trustedMesh({ zones: { a: [] }, started: false });
    await using home = createMeshHome();
    const [hub, server] = [trust.hub, trust.zones["a"]];
    if (server === undefined) throw new Error("there is no zone a");
    const there = { cwd: server.folder.path };

    await server.start();
    const zone = home.start(["zone", "a"], there);
    await zone.stderr.line(
      /^waiting for a root: mesh root \(nothing answers over the leaf link/,
      UP_WITHIN_MS,
    );
    await hub.start();
    await zone.stderr.line(/^waiting for a root: mesh root \(the link is up/, UP_WITHIN_MS);
    const root = home.start(["root"], { cwd: hub.folder.path });
    await zone.stderr.line(/^zone a, incarnation 1$/, UP_WITHIN_MS);
    await hub.stop();
    await zone.stderr.line(
      /^zone a has heard nothing from above for \d s: nothing answers over/,
      UP_WITHIN_MS,
    );
    await hub.start();
    await zone.stderr.line(/^zone a hears from above again, after \d+ s$/, UP_WITHIN_MS);
    root.signal("SIGTERM");
    await zone.stderr.line(
      /^zone a has heard nothing from above .*: the server above answers;/,
      UP_WITHIN_MS,
    );

    const other = home.start(["zone", "a"], there);
    await other.stderr.line(/^zone a, incarnation 2$/, UP_WITHIN_MS);
    const ended = await zone.exit(UP_WITHIN_MS);
    expect(ended.code).toBe(111);
    expect(ended.stderr).toContain("another coordinator took over zone a; one zone has one");
    // Each thing that it waited for once.
    expect(ended.stderr.split("\n").length).toBeLessThan(12);
  });
});

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
