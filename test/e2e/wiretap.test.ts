/** One path: a wiretap hears the same kinds of subject for `mesh run` alone and for zones started one by one. */
import { readFile } from "node:fs/promises";
import { nkeyAuthenticator } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { holdKeeper } from "../../src/keeper/keeper.ts";
import { startCountingTarget } from "../support/counting-target.ts";
import { createMeshHome } from "../support/run-mesh.ts";
import { createScriptFolder, script } from "../support/scripts.ts";
import { startSeparateMesh } from "./separate-mesh.ts";
import { kinds, kindsOfOneServer, tap } from "./tap.ts";

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
    expect(kinds(heardEmbedded())).toEqual(kindsOfOneServer);
  });
});
