/** Guard rails as the owner of a zone meets them: a file, what it refuses and holds back, approval, and what is told of it. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { jetstream } from "@nats-io/jetstream";
import { Objm } from "@nats-io/obj";
import { connect } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { startCountingTarget } from "../support/counting-target.ts";
import { startNats } from "../support/nats.ts";
import { replayDifferences } from "../support/replay-runs.ts";
import { createMeshHome, type MeshHome, type MeshProcess } from "../support/run-mesh.ts";
import { createScriptFolder } from "../support/scripts.ts";
import { startTimedTarget } from "../support/timed-target.ts";
import { countOf, documentOf, expectBalanced } from "./documents.ts";

const UP_WITHIN_MS = 20_000;
const DOWN_WITHIN_MS = 20_000;

interface Zone {
  readonly agents: readonly string[];
  readonly guard?: string;
}

interface GuardedMesh extends AsyncDisposable {
  readonly home: MeshHome;
  readonly where: readonly string[];
  readonly natsUrl: string;
  readonly zones: Readonly<Record<string, MeshProcess>>;
}

/** A root, zones with their guard files, their agents with two cores each. `env` is root's alone. */
async function startMesh(
  zones: Readonly<Record<string, Zone>>,
  env: Readonly<Record<string, string>> = {},
): Promise<GuardedMesh> {
  const nats = await startNats();
  const home = createMeshHome({ graceMs: DOWN_WITHIN_MS });
  const where = ["--nats", nats.url];
  const root = home.start(["root", ...where], { env });
  await root.stderr.line(/leading, epoch \d+/, UP_WITHIN_MS);
  const started = Object.entries(zones).map(([zone, { agents, guard }]) => {
    const rails = guard === undefined ? [] : ["--guard", guard];
    const coordinator = home.start(["zone", zone, ...rails, ...where]);
    const members = agents.map((name) =>
      home.start(["agent", "--zone", zone, "--name", name, "--cores", "2", ...where]),
    );
    return { zone, coordinator, members };
  });
  for (const { coordinator, members } of started) {
    await coordinator.stderr.line(/incarnation 1$/, UP_WITHIN_MS);
    for (const member of members) await member.stderr.line(/joined zone/, UP_WITHIN_MS);
  }
  return {
    home,
    where,
    natsUrl: nats.url,
    zones: Object.fromEntries(started.map(({ zone, coordinator }) => [zone, coordinator])),
    [Symbol.asyncDispose]: async () => {
      try {
        await home.dispose();
        expect(await replayDifferences(nats.url)).toEqual([]);
      } finally {
        await nats.stop();
      }
    },
  };
}

/** Puts something into a zone's store, as somebody who may would. */
async function putObject(url: string, bucket: string, name: string, text: string): Promise<void> {
  const connection = await connect({ servers: url });
  try {
    const store = await new Objm(jetstream(connection)).open(bucket);
    await store.putBlob({ name }, new TextEncoder().encode(text));
  } finally {
    await connection.close();
  }
}

describe("targets", () => {
  it("that are denied or not listed fail by name, are counted, and never reached; the rest of the run goes on", async () => {
    await using target = await startCountingTarget();
    await using other = await startCountingTarget();
    using files = createScriptFolder();
    const port = new URL(other.url).port;
    const guard = files.write(
      "guard.json",
      JSON.stringify({ targets: ["127.0.0.0/8"], deny: [`127.0.0.1:${port}`] }),
    );
    const text = `import { http } from "loadmesh";
      export const options = { vus: 2, iterations: 20, targets: ["127.0.0.1", "192.0.2.0/24"] };
      export default async function () {
        for (const url of [__ENV.TARGET, __ENV.OTHER, __ENV.NATS, __ENV.HISTORY, "http://169.254.169.254/", "http://192.0.2.1/", "http://198.51.100.1/"])
          await http.get(url);
      }`;
    await using history = await startCountingTarget();
    await using mesh = await startMesh(
      { eu: { agents: ["e1"], guard } },
      { MESH_CLICKHOUSE_URL: history.url },
    );
    const nats = `http://${new URL(mesh.natsUrl).host}/`;
    const urls = { TARGET: target.url, OTHER: other.url, NATS: nats, HISTORY: history.url };
    const env = Object.entries(urls).flatMap(([name, url]) => ["--env", `${name}=${url}`]);
    const script = files.write("script.ts", text);
    const args = ["--zones", "eu", ...env, "--no-history", "--json"];
    const exit = await mesh.home.run(["run", script, ...mesh.where, ...args]);
    expect(exit.code, exit.stderr).toBe(0);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(document.completeness.guarded).toEqual([
      { rail: "control-plane, built in", did: "refused", requests: 40 },
      { rail: `deny 127.0.0.1:${port} of zone eu`, did: "refused", requests: 20 },
      { rail: "metadata, built in", did: "refused", requests: 20 },
      { rail: "targets of zone eu", did: "refused", requests: 40 },
    ]);
    expect(countOf(document, "http_reqs")).toBe(140);
    const reached = await Promise.all([target, other, history].map((each) => each.stats()));
    expect(reached.map(({ total }) => total)).toEqual([20, 0, 0]);
  });
});

describe("maxRate", () => {
  it("is never exceeded by two agents together, and the report says what was held back", async () => {
    await using target = await startTimedTarget();
    using files = createScriptFolder();
    const guard = files.write("guard.json", JSON.stringify({ maxRate: 60 }));
    const text = `import { http } from "loadmesh";
      export const options = { vus: 12, duration: "4s" };
      export default async () => { await http.batch([__ENV.TARGET, __ENV.TARGET]); };`;
    await using mesh = await startMesh({ eu: { agents: ["e1", "e2"], guard } });
    const script = files.write("script.ts", text);
    const args = ["--zones", "eu", "--agents", "2", "--env", `TARGET=${target.url}`];
    const exit = await mesh.home.run(["run", script, ...mesh.where, ...args]);
    expect(exit.code, exit.stderr).toBe(0);
    // One burst: what each of the four workers may send at once.
    expect(target.mostPerSecond()).toBeLessThanOrEqual(target.mostAt(60) + 4 * 2);
    expect(target.total()).toBeGreaterThan(150);
    expect(exit.stdout).toMatch(/requests held back\.+: \d+, by maxRate of zone eu/);
  });
});

describe("maxRequests and maxVus", () => {
  it("end a run that has made all its requests, and keep out one that wants too many VUs", async () => {
    await using target = await startCountingTarget();
    using files = createScriptFolder();
    const guard = files.write("guard.json", JSON.stringify({ maxRequests: 100, maxVus: 4 }));
    const text = `import { http, sleep } from "loadmesh";
      export const options = { vus: 4, duration: "60s" };
      export default async () => { await http.get(__ENV.TARGET_URL); await sleep(0.01); };`;
    await using mesh = await startMesh({ eu: { agents: ["e1"], guard } });
    const script = files.write("script.ts", text);
    const args = ["run", script, ...mesh.where, "--zones", "eu", "--env", `TARGET_URL=${target.url}`];
    const ended = await mesh.home.run(args);
    expect(ended.code, ended.stderr).toBe(105);
    expect(ended.stdout).toContain("the owner of zone eu allows a run 100 requests (maxRequests)");
    const { total } = await target.stats();
    expect(total).toBeGreaterThanOrEqual(50);
    expect(total).toBeLessThanOrEqual(100);
    const refused = await mesh.home.run([...args, "--vus", "5"]);
    expect(refused.code, refused.stderr).toBe(104);
    expect(`${refused.stdout}${refused.stderr}`).toContain(
      "script.ts wants up to 5 VUs in zone eu, whose owner allows 4 (maxVus)",
    );
    const events = await mesh.home.run(["events", "last", ...mesh.where]);
    expect(events.stdout).toMatch(
      /RunStopping +guard-refused: script\.ts wants up to 5 VUs in zone eu, whose owner allows 4 \(maxVus\)$/m,
    );
    expect((await target.stats()).total).toBe(total);
  });
});

describe("approval", () => {
  it("keeps a script out until the owner of the zone approves it, and a changed one again", async () => {
    await using target = await startCountingTarget();
    using files = createScriptFolder();
    const guard = files.write("guard.json", JSON.stringify({ maxRate: 1000, requireApproval: true }));
    const text = (path: string) => `import { http, dataFile } from "loadmesh";
      const users = dataFile("./users.csv");
      export const options = { vus: 1, iterations: 3 };
      export default async () => { await http.get(__ENV.TARGET_URL + "${path}" + users.length); };`;
    files.write("users.csv", "name\nana\n");
    const script = files.write("script.ts", text("/one"));
    await using mesh = await startMesh({ eu: { agents: ["e1"], guard }, us: { agents: ["u1"] } });
    const args = [
      "run",
      script,
      ...mesh.where,
      "--zones",
      "eu,us",
      "--agents",
      "2",
      "--env",
      `TARGET_URL=${target.url}`,
    ];
    const refused = await mesh.home.run(args);
    expect(refused.code, refused.stderr).toBe(104);
    const said =
      /script\.ts \(([0-9a-f]{64})\), which (\S+@\S+) asked to run, is not approved in zone eu/.exec(
        `${refused.stdout}${refused.stderr}`.replaceAll(/\s+/g, " "),
      );
    expect(said).not.toBeNull();
    const [, hash = ""] = said ?? [];
    await mesh.zones["eu"]?.stderr.line(/^run \S+ of \S+@\S+ is refused: .*is not approved in zone eu/);
    expect((await target.stats()).total).toBe(0);
    const events = await mesh.home.run(["events", "last", ...mesh.where]);
    expect(events.stdout).toMatch(new RegExp(`RunStopping +guard-refused: script.ts \\(${hash}\\)`));

    const approved = await mesh.home.run(["zone", "approve", "eu", script, "--guard", guard]);
    expect(approved).toMatchObject({ code: 0, stderr: "" });
    expect(approved.stdout).toContain(`bundle        ${hash}`);
    expect(approved.stdout).toMatch(/data file +users\.csv, 9 bytes, [0-9a-f]{64}\n/);
    expect(approved.stdout).toContain(`approved in zone eu: ${guard}`);
    expect(JSON.parse(readFileSync(guard, "utf8"))).toEqual({
      maxRate: 1000,
      requireApproval: true,
      approved: [hash],
    });
    const passed = await mesh.home.run(args);
    expect(passed.code, passed.stderr).toBe(0);
    expect((await target.stats()).total).toBe(3);

    files.write("script.ts", text("/two"));
    const changed = await mesh.home.run(args);
    expect(changed.code, changed.stderr).toBe(104);
    expect((await target.stats()).total).toBe(3);
  });
});

describe("an approved hash", () => {
  it("under which something else lies is refused before anybody begins with it, and fetched anew after that", async () => {
    await using target = await startCountingTarget();
    using files = createScriptFolder();
    const guard = join(files.folder, "guard.json");
    const text = (path: string) => `import { http } from "loadmesh";
      export const options = { vus: 1, iterations: 2 };
      export default async () => { await http.get(__ENV.TARGET_URL + "${path}"); };`;
    const script = files.write("script.ts", text("/seen"));
    await using home = createMeshHome();
    const approved = await home.run(["zone", "approve", "eu", script, "--guard", guard, "--json"]);
    const { sha256 } = JSON.parse(approved.stdout) as { readonly sha256: string };
    await using mesh = await startMesh({ eu: { agents: ["e1"], guard } });
    await putObject(mesh.natsUrl, "mesh-z-eu-objects", `bundle/${sha256}`, "something else");
    const args = ["run", script, ...mesh.where, "--zones", "eu", "--env", `TARGET_URL=${target.url}`];
    const exit = await mesh.home.run(args);
    expect(exit.code, exit.stderr).toBe(104);
    expect(exit.stdout.replaceAll(/\s+/g, " ")).toContain(
      `under the approved hash ${sha256} is another script`,
    );
    expect((await target.stats()).total).toBe(0);
    const again = await mesh.home.run(args);
    expect(again.code, again.stderr).toBe(0);
    expect((await target.stats()).total).toBe(2);
  });
});

describe("a guard file", () => {
  it("that is wrong is refused at the start with place and reason, and in `zone approve`", async () => {
    await using home = createMeshHome();
    using files = createScriptFolder();
    const guard = files.write("guard.json", JSON.stringify({ maxRate: "much", targetz: [] }));
    for (const command of [
      ["zone", "eu"],
      ["zone", "approve", "eu", "a".repeat(64)],
    ]) {
      const exit = await home.run([...command, "--guard", guard]);
      expect(exit.code).toBe(2);
      expect(exit.stderr).toContain(`${guard}: targetz is not a known guard rail; did you mean \`targets\`?`);
      expect(exit.stderr).toContain(`${guard}: maxRate must be a whole number from 1 to 10,000,000`);
      expect(exit.stderr).toContain("docs/guard-rails.md");
    }
    const missing = await home.run(["zone", "eu", "--guard", "/nowhere/guard.json"]);
    expect([missing.code, missing.stderr]).toEqual([
      2,
      expect.stringMatching(/\/nowhere\/guard\.json: cannot be read/),
    ]);
  });

  it("that breaks while the zone runs keeps runs out until it is right again", async () => {
    await using target = await startCountingTarget();
    using files = createScriptFolder();
    const guard = files.write("guard.json", "{}");
    const text = `import { http } from "loadmesh";
      export const options = { vus: 1, iterations: 2 };
      export default async () => { await http.get(__ENV.TARGET_URL); };`;
    const script = files.write("script.ts", text);
    await using mesh = await startMesh({ eu: { agents: ["e1"], guard } });
    const args = ["run", script, ...mesh.where, "--zones", "eu", "--env", `TARGET_URL=${target.url}`];
    files.write("guard.json", '{ "maxRate": }');
    const kept = await mesh.home.run(args);
    expect(kept.code).toBe(104);
    expect(`${kept.stdout}${kept.stderr}`.replaceAll(/\s+/g, " ")).toContain(
      `zone eu takes no run while its guard file is wrong: ${guard}: is not JSON`,
    );
    files.write("guard.json", "{}");
    expect((await mesh.home.run(args)).code).toBe(0);
    expect((await target.stats()).total).toBe(2);
  });

  it("that is named to mesh plan and mesh run on a laptop holds there, too", async () => {
    await using home = createMeshHome();
    using files = createScriptFolder();
    const guard = files.write(
      "guard.json",
      JSON.stringify({ maxVus: 2, maxDuration: "10s", targets: ["*.shop.test"] }),
    );
    const text = `export const options = { vus: 3, duration: "5s", targets: ["shop.test"] };
      export default () => undefined;`;
    const script = files.write("script.ts", text);
    const plan = await home.run(["plan", script, "--guard", guard]);
    expect(plan.code, plan.stderr).toBe(0);
    const [, rails = ""] = plan.stdout.split("GUARD RAILS");
    expect(rails).toMatch(/targets\.+: shop\.test\n/);
    expect(rails.replaceAll(/\s+/g, " ")).toContain(
      "script.ts wants up to 3 VUs in zone local, whose owner allows 2 (maxVus)",
    );
    const run = await home.run(["run", script, "--no-history"], { env: { MESH_GUARD: guard } });
    expect(run.code, run.stderr).toBe(104);
    expect(run.stderr).toContain(
      `guard rails of zone local (${guard}): targets *.shop.test; maxVus 2; maxDuration 10s`,
    );
    expect(run.stdout.replaceAll(/\s+/g, " ")).toContain("whose owner allows 2 (maxVus)");
  });
});
