/** Each file of credentials that a server's folder needs says that it has ended, and what is not there without it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { watcherOf } from "../../../src/cli/trust/watch-server.ts";
import { readFolder } from "../../../src/trust/folder.ts";
import { initHub } from "../../../src/trust/init-hub.ts";

it("a watcher says which of its credentials have ended, and that the mesh is told nothing", async () => {
  const path = mkdtempSync(join(tmpdir(), "mesh-expiry-"));
  try {
    const expiresAtS = Math.floor(Date.now() / 1000) - 1;
    // Nobody listens there.
    await initHub({
      path: join(path, "hub"),
      listen: "127.0.0.1:1",
      leaf: "127.0.0.1:2",
      servers: 1,
      expiresAtS,
    });
    const folder = readFolder(join(path, "hub"));
    const notes: string[] = [];
    const watcher = watcherOf({ folder, place: folder.facts.servers[0]! }, (line) => notes.push(line));
    await watcher?.stop();
    for (const role of ["watch", "sys"]) {
      const said = new RegExp(
        `creds/${role}\\.creds expired at \\S+ \\S+: what the server refuses is not told to the mesh; new ones: mesh hub rotate`,
      );
      expect(notes).toContainEqual(expect.stringMatching(said));
    }
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
});
