/** One path: a wiretap hears the same kinds of subject for `mesh run` alone and for zones started one by one. */
import { readFile } from "node:fs/promises";
import { nkeyAuthenticator } from "@nats-io/nats-core";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { holdKeeper } from "../../src/keeper/keeper.ts";
import { subjectKind } from "../../streams/subjects.ts";
import { startCountingTarget } from "../support/counting-target.ts";
import { createMeshHome } from "../support/run-mesh.ts";
import { createScriptFolder, script } from "../support/scripts.ts";
import { startSeparateMesh } from "./separate-mesh.ts";

/** Listens to everything of ours; returns what was heard when asked. */
async function tap(connection: NatsConnection): Promise<() => ReadonlySet<string>> {
  const heard = new Set<string>();
  connection.subscribe("mesh.>", { callback: (_, { subject }) => void heard.add(subject) });
  await connection.flush();
  return () => heard;
}

/** Root writes down that there is a zone when it first hears it: before we listen where the zones were up before. */
const MESH_LOG = "mesh.r.mesh.event.*";

/** Kinds of these subjects, sorted; a subject outside of the grammar stands for itself, and fails the test. */
const kinds = (subjects: ReadonlySet<string>): readonly string[] =>
  [...new Set([...subjects].map((subject) => subjectKind(subject) ?? `unknown: ${subject}`))]
    .filter((kind) => kind !== MESH_LOG)
    .sort();

describe("a wiretap", () => {
  it("hears the same kinds of subject for mesh run and for two zones started by themselves", async () => {
    await using target = await startCountingTarget();
    using files = createScriptFolder();
    const run = ["run", script("whole-life"), "--env", `TARGET_URL=${target.url}`];

    await using home = createMeshHome();
    process.env["MESH_HOME"] = home.folder;
    const keeper = await holdKeeper();
    const seed = await readFile(keeper.nats.nkeyFile);
    const authenticator = nkeyAuthenticator(new TextEncoder().encode(seed.toString().trim()));
    const embedded = await connect({ servers: keeper.nats.url, authenticator });
    const heardEmbedded = await tap(embedded);
    const alone = await home.run(run, { cwd: files.folder });
    expect(alone.code, alone.stderr).toBe(0);
    await embedded.close();
    await keeper.release();

    await using mesh = await startSeparateMesh({ a: ["a1"], b: ["b1"] });
    const separate = await connect({ servers: mesh.nats.url });
    const heardSeparate = await tap(separate);
    const args = [...run, ...mesh.where, "--zones", "a,b"];
    const spread = await mesh.home.run(args, { cwd: files.folder });
    expect(spread.code, spread.stderr).toBe(0);
    await separate.close();

    expect(kinds(heardEmbedded())).toEqual(kinds(heardSeparate()));
    expect(kinds(heardEmbedded())).toEqual([
      "mesh.r.cmd.*.*",
      "mesh.r.pulse",
      "mesh.r.run.*.event.*",
      "mesh.r.run.*.interval",
      "mesh.z.*.agent.*.beat",
      "mesh.z.*.agent.*.cmd.*.*",
      "mesh.z.*.agent.*.interval.*",
      "mesh.z.*.agent.*.report.*",
      "mesh.z.*.agent.*.through.*",
      "mesh.z.*.beat",
      "mesh.z.*.cmd.*.*",
      "mesh.z.*.event.*",
      "mesh.z.*.interval.*",
      "mesh.z.*.pulse",
      "mesh.z.*.sync.*.*.arrive.*",
      "mesh.z.*.sync.*.*.once",
      "mesh.z.*.sync.*.*.release",
      "mesh.z.*.through.*",
      "mesh.z.*.up.event.*",
      "mesh.z.*.up.interval.*",
    ]);
  });
});
