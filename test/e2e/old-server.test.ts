/**
 * An old nats-server, the one of this machine's own Debian, as the zone's server and as the hub's: whoever comes to it names
 * it, its version and what is needed.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isNewEnough, versionText } from "../../src/domain/program-version.ts";
import { type FolderServer, startFolderServer } from "../../src/keeper/folder-server.ts";
import { type NatsServerBinary, versionOf } from "../../src/keeper/provision-nats.ts";
import { NATS_SERVER_MINIMUM } from "../../streams/version.ts";
import { debianFile } from "../support/debian-file.ts";
import { createPrivateMesh, freeAddress, type PrivateMesh, UP_WITHIN_MS } from "../support/private-mesh.ts";
import { script } from "../support/scripts.ts";

const { path, why } = await debianFile("nats-server", "usr/*bin/nats-server");
const old: NatsServerBinary | undefined = path === "" ? undefined : { path, version: await versionOf(path) };
const version = old === undefined ? "" : versionText(old.version);
const isOld = old !== undefined && !isNewEnough(old.version);
const missing = old === undefined ? why : `Debian's is ${version} here, which is not old`;

const needed = `Mesh needs ${NATS_SERVER_MINIMUM} or newer`;

describe.skipIf(!isOld)(`an old nats-server${isOld ? `, ${version}` : ` (skipped: ${missing})`}`, () => {
  let mesh: PrivateMesh;
  let hub = "";
  let leaf = "";
  let zone = "";
  beforeAll(async () => {
    mesh = createPrivateMesh();
    [hub, leaf, zone] = await Promise.all([freeAddress(), freeAddress(), freeAddress()]);
    await mesh.mesh("hub", "init", "hub", "--listen", hub, "--leaf", leaf);
    await mesh.mesh("zone", "init", "eu", "--hub", "hub", "--listen", zone);
  });
  afterAll(() => mesh?.[Symbol.asyncDispose]());

  /** As somebody starts it who does not use `mesh server`. */
  const byHand = async (folder: string): Promise<FolderServer & AsyncDisposable> => {
    const server = await startFolderServer(old!, mesh.at(folder), () => {});
    return { ...server, [Symbol.asyncDispose]: () => server.stop() };
  };

  /** What each of these says on a server that it cannot use. */
  async function expectNamed(folder: string, address: string, ...commands: readonly (readonly string[])[]) {
    const exits = await Promise.all(
      commands.map((args) => mesh.home.run(args, { cwd: mesh.at(folder), boundMs: UP_WITHIN_MS })),
    );
    const sentence = `the NATS server at nats://${address} is version ${version}; ${needed}`;
    for (const { code, stderr, stdout } of exits) {
      expect(code, stderr).toBe(111);
      expect(`${stdout}${stderr}`).toContain(sentence);
      expect(`${stdout}${stderr}`).toContain("upgrade the server");
    }
  }

  it("in a zone is named to its coordinator, its agents and its doctor", async () => {
    await using _ = await byHand("zone-eu");
    await expectNamed("zone-eu", zone, ["zone", "eu"], ["agent"], ["doctor"]);
  });

  it("at the hub is named to root, doors and the doctor there, and to the zone's server", async () => {
    await using _ = await byHand("hub");
    await expectNamed("hub", hub, ["root"], ["run", script("plain"), "--zones", "eu"], ["doctor"]);
    const server = mesh.start(".", "server", "zone-eu");
    const words = `the parent at ${leaf} is nats-server ${version}; ${needed}: whoever keeps it must upgrade it`;
    const [line] = await server.stderr.line(/^the parent at \S+ is nats-server .*/, UP_WITHIN_MS);
    expect(line).toBe(words);
    const doctor = await mesh.home.run(["doctor"], { cwd: mesh.at("zone-eu") });
    expect(doctor.stdout).toContain(`✗ link         ${words}\n`);
    server.signal("SIGTERM");
    expect((await server.exit()).code).toBe(0);
  });

  it("is not started by mesh server, which says why", async () => {
    const options = { cwd: mesh.folder, env: { NATS_SERVER_BIN: path } };
    const { code, stderr } = await mesh.home.run(["server", "hub"], options);
    expect(code, stderr).toBe(111);
    expect(stderr).toBe(
      `mesh: NATS_SERVER_BIN names ${path}, which is version ${version}: older than ${NATS_SERVER_MINIMUM}\n` +
        `      Name a nats-server ${NATS_SERVER_MINIMUM} or newer in NATS_SERVER_BIN, or unset it.\n`,
    );
  });
});
