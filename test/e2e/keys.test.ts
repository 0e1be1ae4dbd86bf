/** What commands say of folders and credentials that do not fit, before any server is asked. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPrivateMesh, type PrivateMesh } from "../support/private-mesh.ts";

const NOWHERE = ["--nats", "nats://127.0.0.1:1"];

describe("keys", { timeout: 120_000 }, () => {
  let mesh: PrivateMesh;
  beforeAll(async () => {
    mesh = createPrivateMesh();
    await mesh.mesh("hub", "init", "hub", "--expires", "1s");
    await mesh.mesh("zone", "init", "eu", "--hub", "hub");
  }, 120_000);
  afterAll(() => mesh[Symbol.asyncDispose]());

  /** The sentence, without its hint; every one of them is wrong usage. */
  const said = (...args: readonly string[]) => saidIn(".", ...args);
  const saidIn = async (folder: string, ...args: readonly string[]) => {
    const { code, stderr } = await mesh.home.run(args, { cwd: mesh.at(folder), boundMs: 60_000 });
    expect(code, stderr).toBe(2);
    return stderr.split("\n")[0]?.replaceAll(mesh.folder, "");
  };

  it("lie where nobody else reads them", () => {
    const files = readdirSync(mesh.folder, { recursive: true, withFileTypes: true });
    const open = files.filter((entry) => (statSync(join(entry.parentPath, entry.name)).mode & 0o077) !== 0);
    expect(open.map(({ name }) => name)).toEqual([]);
    expect(files.length).toBeGreaterThan(30);
  });

  it("are told as one document with --json", async () => {
    const told = await mesh.home.run(["hub", "door", "hub", "ann", "--json"], { cwd: mesh.folder });
    const { wrote } = JSON.parse(told.stdout) as { wrote: readonly string[] };
    expect(wrote).toEqual([mesh.at("hub/creds/door-ann.creds")]);
    expect(existsSync(mesh.at("hub/creds/door-ann.creds"))).toBe(true);
  });

  it("are never made over others", async () => {
    expect(await said("hub", "init", "hub")).toMatch(/^mesh: \/hub is not empty/);
    expect(await said("zone", "init", "eu", "--hub", "hub", "--dir", "again")).toBe(
      "mesh: /hub has a zone eu already; nothing was written",
    );
    expect(await said("zone", "init", "ls", "--hub", "hub")).toMatch(/it is a command of mesh zone/);
    expect(existsSync(mesh.at("again"))).toBe(false);
  });

  it("are refused to a role, a zone and an agent whose they are not", async () => {
    const zone = mesh.at("zone-eu/creds/zone.creds");
    const agent = mesh.at("zone-eu/agents/eu-1.creds");
    expect(await said("root", ...NOWHERE, "--creds", zone)).toMatch(/are those of zone eu, not of root$/);
    expect(await said("zone", "us", ...NOWHERE, "--creds", zone)).toMatch(
      /are those of zone eu, not of zone us$/,
    );
    expect(await said("agent", ...NOWHERE, "--creds", agent, "--name", "eu-9")).toMatch(
      /are those of agent eu-1 of zone eu, not of agent eu-9 of zone eu$/,
    );
    expect(await said("agent", ...NOWHERE)).toBe("mesh: mesh agent needs --zone");
  });

  it("that are not there, and folders that have none for a command, are told before any server is asked", async () => {
    expect(await saidIn("zone-eu", "agent", "--creds", "agents/eu-7.creds")).toBe(
      "mesh: there is no credentials file agents/eu-7.creds",
    );
    expect(await saidIn("zone-eu", "root")).toMatch(/this is the folder of zone eu/);
    const hub = "mesh: this is the folder of a hub: it has no credentials for this command";
    expect(await saidIn("hub", "zone", "eu")).toBe(hub);
    expect(await saidIn("hub", "agent")).toBe(hub);
  });

  it("of an inner zone are made below the zone that --parent names, whatever hub MESH_HUB says", async () => {
    const typed = (...args: readonly string[]) =>
      mesh.home.run(args, { cwd: mesh.folder, env: { MESH_HUB: "hub" }, boundMs: 60_000 });
    const inner = ["--parent", "zone-eu", "--url", "nats://127.0.0.1:1"];
    const made = await typed("zone", "init", "lab", ...inner);
    expect(made.code, made.stderr).toBe(0);
    expect(["zone-eu", "hub"].map((above) => existsSync(mesh.at(`${above}/zones/lab.json`)))).toEqual([
      true,
      false,
    ]);
    const renewed = await typed("zone", "rotate", "lab", "--parent", "zone-eu");
    expect(renewed.code, renewed.stderr).toBe(0);
    // Without --parent the hub of the environment is meant; both of them typed contradict each other.
    expect((await typed("zone", "rotate", "lab")).stderr).toMatch(/^mesh: \/.*\/hub knows no zone lab/);
    const both = await typed("zone", "init", "lab-2", "--hub", "hub", ...inner);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining("cannot also be provided")]);
  });

  it("of somebody who only watches are no door's", async () => {
    const watch = mesh.at("zone-eu/creds/watch.creds");
    expect(await said("runs", ...NOWHERE, "--creds", watch)).toMatch(
      /are those of a watcher of zone eu, not of a door$/,
    );
    expect(await said("agent", ...NOWHERE, "--creds", watch)).toMatch(/, not of an agent of zone eu$/);
  });

  it("that have expired are told with the date", async () => {
    expect(await said("runs", ...NOWHERE, "--creds", mesh.at("hub/creds/door.creds"))).toMatch(
      /door\.creds expired at \d{4}-\d\d-\d\d /,
    );
  });
});
