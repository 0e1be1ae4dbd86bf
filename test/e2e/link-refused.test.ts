/**
 * What keeps a zone's link down, said where somebody can act on it: certificates that one of the ends does not take, and
 * credentials that have expired, of the link and of the roles. One hub with mutual TLS, and one zone.
 */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Diagnosis } from "../../src/cli/doctor/examine.ts";
import { makeAuthority, type Pair } from "../../src/trust/certificates.ts";
import { readFolder } from "../../src/trust/folder.ts";
import { issueAgent } from "../../src/trust/init-zone.ts";
import { renewLink } from "../../src/trust/renew.ts";
import { credsFile, issue } from "../../src/trust/users.ts";
import { startLink } from "../support/link.ts";
import { createPrivateMesh, freeAddress, type PrivateMesh, UP_WITHIN_MS } from "../support/private-mesh.ts";
import type { MeshProcess } from "../support/run-mesh.ts";

let mesh: PrivateMesh;
let hub: MeshProcess;
let leaf = "";
let own = "";
beforeAll(async () => {
  mesh = createPrivateMesh();
  const client = await freeAddress();
  [leaf, own] = [await freeAddress(), await freeAddress()];
  await mesh.mesh("hub", "init", "hub", "--listen", client, "--leaf", leaf, "--tls", "mutual");
  hub = await mesh.serve("hub");
  await mesh.mesh("zone", "init", "eu", "--hub", "hub", "--listen", own, "--agents", "1");
});
afterAll(() => mesh?.[Symbol.asyncDispose]());

/** The zone's folder once more, changed, with a port of its own. */
async function variant(name: string, change: (at: (file: string) => string) => void): Promise<string> {
  const folder = `variant-${name}`;
  const at = (file: string) => mesh.at(`${folder}/${file}`);
  cpSync(mesh.at("zone-eu"), at("."), { recursive: true });
  const listen = await freeAddress();
  for (const file of ["nats.conf", "mesh-server.json"]) edit(at(file), own, listen);
  change(at);
  return folder;
}

function edit(file: string, from: string | RegExp, to: string): void {
  const before = readFileSync(file, "utf8");
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  writeFileSync(file, after);
}

function replacePair(at: (file: string) => string, { cert, key }: Pair): void {
  writeFileSync(at("tls/leaf.pem"), cert);
  writeFileSync(at("tls/leaf.key"), key);
}

/** So often a link is tried in vain before it is looked at what was said of that. */
const TRIES = 4;

/** What `mesh server` says of the parent while it tries again and again. */
async function saidOfParent(folder: string): Promise<readonly string[]> {
  const server = await mesh.serve(folder);
  await server.stderr.line(/\bparent\b/, UP_WITHIN_MS);
  const tries = () => mesh.log(folder).match(/Leafnode connection closed/g)?.length ?? 0;
  await expect.poll(tries, { timeout: UP_WITHIN_MS, interval: 200 }).toBeGreaterThanOrEqual(TRIES);
  server.signal("SIGTERM");
  const { code, stderr } = await server.exit();
  expect(code, stderr).toBe(0);
  return stderr.split("\n").filter((line) => /\bparent\b|TLS/.test(line));
}

const strange = await makeAuthority("Another Authority");
const pair = await strange.leaf({ hosts: ["zone-eu"] });

describe.concurrent("a link whose certificates do not fit", () => {
  it("is told where the parent does not trust the authority of that of the zone's server", async () => {
    const folder = await variant("strange", (at) => replacePair(at, pair));
    expect(await saidOfParent(folder)).toEqual([
      `the parent at ${leaf} refuses the certificate tls/leaf.pem of this zone's server: it trusts no authority of it: the hub's authority must sign it; it belongs into tls/leaf.pem, tls/leaf.key and the remotes in nats.conf`,
    ]);
  });

  it("is told where the parent wants a certificate and the zone's server shows none, at both ends", async () => {
    const folder = await variant("bare", (at) => {
      edit(at("nats.conf"), /, cert_file: "tls\/leaf\.pem", key_file: "tls\/leaf\.key"/, "");
      for (const file of ["tls/leaf.pem", "tls/leaf.key"]) rmSync(at(file));
    });
    expect(await saidOfParent(folder)).toEqual([
      `the parent at ${leaf} wants a certificate from this zone's server, which shows none: the hub's authority must sign one; it belongs into tls/leaf.pem, tls/leaf.key and the remotes in nats.conf`,
    ]);
    await hub.stderr.line(
      /^somebody may not link(?:, \d+ times)?: TLS leafnode handshake error: tls: client didn't provide a certificate from 127\.0\.0\.1 \(server hub\)$/,
      UP_WITHIN_MS,
    );
  });

  it("is told where that of the parent is for other names", async () => {
    await using other = await startLink(leaf, "127.0.0.2");
    const folder = await variant("named", (at) =>
      edit(at("nats.conf"), `tls://${leaf}`, `tls://${other.at}`),
    );
    const [said = "", ...more] = await saidOfParent(folder);
    expect(more).toEqual([]);
    expect(said).toMatch(
      /^the certificate of the parent at 127\.0\.0\.2:\d+ is for 127\.0\.0\.1, ::1, not for 127\.0\.0\.2: /,
    );
    expect(said).toContain("dial it by a name that stands there (urls of the remotes in nats.conf)");
  });

  it("is told where the zone does not trust the authority of that of the parent", async () => {
    const folder = await variant("wary", (at) => writeFileSync(at("tls/parent-ca.pem"), strange.cert));
    expect(await saidOfParent(folder)).toEqual([
      `the certificate of the parent at ${leaf} is of no authority that this zone trusts: put tls/ca.pem of the hub's folder here as tls/parent-ca.pem`,
    ]);
  });
});

const asked = String.raw`ask whoever keeps the zone's folder for new ones \(mesh zone rotate eu\)`;
const askedAbove = String.raw`ask whoever keeps the hub's folder for new ones \(mesh zone rotate eu --hub DIR\)`;

describe("credentials that expire while everybody is at work", () => {
  let server: MeshProcess;
  let coordinator: MeshProcess;
  let agent: MeshProcess;
  beforeAll(async () => {
    server = await mesh.serve("zone-eu");
    await server.stderr.line(/^linked to the parent$/, UP_WITHIN_MS);
    const root = mesh.start("hub", "root");
    coordinator = mesh.start("zone-eu", "zone", "eu");
    agent = mesh.start("zone-eu", "agent");
    await root.stderr.line(/leading, epoch \d+/, UP_WITHIN_MS);
    await agent.stderr.line(/joined zone eu/, UP_WITHIN_MS);
  });

  it("of the link are named by the zone's server", async () => {
    const [parent, zone] = [readFolder(mesh.at("hub")), readFolder(mesh.at("zone-eu"))];
    // It is cut at once, and comes again with those that end, or have ended by then.
    await renewLink(parent, "eu", zone, { expiresAtS: soon(), revoke: true });
    await server.stderr.line(
      /^the credentials of the link have expired; whoever keeps the parent's folder makes new ones: mesh zone rotate eu --hub DIR$/,
      UP_WITHIN_MS,
    );
  });

  it("of the link are named at the next start of its server, those of coordinator and agent by themselves", async () => {
    const folder = readFolder(mesh.at("zone-eu"));
    await issueAgent(folder, "eu-1", soon());
    const user = { name: "zone-eu", role: "zone", zone: "eu", expiresAtS: soon() } as const;
    await issue(folder, user, credsFile("zone"));
    server.signal("SIGTERM");
    expect((await server.exit()).code).toBe(0);
    const again = await mesh.serve("zone-eu");
    await again.stderr.line(
      new RegExp(`creds/leaf\\.creds expired at [-\\d]+ [:\\d]+: the link stays down; ${askedAbove}$`),
    );
    for (const [role, file] of [
      [coordinator, "creds/zone\\.creds"],
      [agent, "agents/eu-1\\.creds"],
    ] as const) {
      const words = `the credentials ${file} expired at \\S+Z; ${asked}; new ones in that file count at once`;
      const line = new RegExp(`^the NATS server at nats://\\S+ refuses the login now: ${words}$`);
      await role.stderr.line(line, UP_WITHIN_MS);
    }
  });

  it("are named to whoever starts with them, and to a doctor in the folder", async () => {
    const there = { cwd: mesh.at("zone-eu"), boundMs: UP_WITHIN_MS };
    const run = (...args: readonly string[]) => mesh.home.run(args, there);
    const [zone, member, doctor] = await Promise.all([
      run("zone", "eu"),
      run("agent"),
      run("doctor", "--json"),
    ]);
    for (const [{ code, stderr }, file] of [
      [zone, "creds/zone"],
      [member, "agents/eu-1"],
    ] as const) {
      expect(code, stderr).toBe(2);
      const sentence = `^mesh: the credentials \\S*${file}\\.creds expired at [-\\d]+ [:\\d]+\n +${asked}\n$`;
      expect(stderr).toMatch(new RegExp(sentence));
    }
    expect(doctor.code).toBe(111);
    const { checks } = JSON.parse(doctor.stdout) as Diagnosis;
    const named = checks.filter(({ name, status }) => name === "credentials" && status === "fail");
    for (const [file, holder, hint] of [
      ["creds/leaf", "zone-eu", askedAbove],
      ["creds/zone", "zone-eu", asked],
      ["agents/eu-1", "agent-eu-1", asked],
    ] as const) {
      expect(named).toContainEqual({
        name: "credentials",
        status: "fail",
        message: expect.stringMatching(new RegExp(`${file}\\.creds: ${holder}, expired at `)) as string,
        hint: expect.stringMatching(new RegExp(`^${hint}$`)) as string,
      });
    }
  });
});

const soon = (): number => Math.floor(Date.now() / 1000) + 1;
