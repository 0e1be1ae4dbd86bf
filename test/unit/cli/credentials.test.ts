/** Whose login may do what at a mesh, before any server is asked. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkDoor } from "../../../src/cli/credentials.ts";
import { runScript } from "../../../src/cli/run/run-script.ts";
import { abortRun } from "../../../src/cli/runs/abort.ts";
import { noteRun } from "../../../src/cli/runs/note.ts";
import { removeRuns } from "../../../src/cli/runs/remove.ts";
import { drainZone } from "../../../src/cli/zones/drain.ts";
import { tagsOf } from "../../../src/domain/credentials.ts";

let folder = "";
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "mesh-login-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A file as `mesh hub init` writes it, as far as it is read before connecting. */
function login(role: string): string {
  const claims = { name: role, sub: "U", iat: 1, nats: { tags: tagsOf({ role }) } };
  const file = join(folder, `${role}.creds`);
  writeFileSync(
    file,
    `-----BEGIN NATS USER JWT-----\n${part({})}.${part(claims)}.x\n------END NATS USER JWT------\n`,
  );
  return file;
}

const note = () => undefined;
const notADoors = (role: string) => ({
  code: "WrongCredentials",
  exit: 2,
  message: `the credentials ${join(folder, `${role}.creds`)} are those of ${role}, not of a door`,
});

describe("a login", () => {
  it("of a door may ask and read, root's may read, and others may neither", () => {
    for (const does of ["ask", "read"] as const) {
      expect(() => checkDoor(login("door"), does)).not.toThrow();
      expect(() => checkDoor(undefined, does)).not.toThrow();
      expect(() => checkDoor(login("watch"), does)).toThrow("are those of a watcher, not of a door");
    }
    expect(() => checkDoor(login("root"), "read")).not.toThrow();
    expect(() => checkDoor(login("root"), "ask")).toThrow("are those of root, not of a door");
  });

  it("of root's is refused by every command that asks for something, before a server is", async () => {
    const there = { nats: "nats://127.0.0.1:1", creds: login("root") };
    const run = { script: "none.ts", env: [], secrets: [], label: [], history: false, print: note };
    const asking = [
      drainZone("eu", { ...there, undo: false }, note),
      abortRun("last", { ...there, reason: "" }, note),
      noteRun("last", "slow", there, note),
      removeRuns(["last"], there, note),
      runScript({ ...run, ...there, reporters: undefined as never }),
    ];
    const ends = (await Promise.allSettled(asking)).map((end) =>
      end.status === "rejected" ? end.reason : end,
    );
    expect(ends).toMatchObject(asking.map(() => notADoors("root")));
  });
});
