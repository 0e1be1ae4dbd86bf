/** `mesh doctor` of a mesh that others keep: credentials, the zone's own server, its link, and a full account. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import type { Diagnosis } from "../../src/cli/doctor/examine.ts";
import type { Finding } from "../../src/cli/doctor/finding.ts";
import { type User, userCreds } from "../../src/trust/claims.ts";
import { newAccount, newUser } from "../../src/trust/keys.ts";
import { startNats } from "../support/nats.ts";
import { createMeshHome, type MeshHome } from "../support/run-mesh.ts";
import { trustedMesh } from "../support/trusted-mesh.ts";

/** Credentials in a folder of their own. A server without keys does not look at them; the doctor does. */
async function credentials(user: User): Promise<{ readonly file: string } & Disposable> {
  const folder = mkdtempSync("/tmp/mesh-creds-");
  const file = join(folder, `${user.name}.creds`);
  writeFileSync(file, await userCreds(user, newUser(), newAccount(), newAccount()), { mode: 0o600 });
  return { file, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

const diagnose = (home: MeshHome, ...flags: readonly string[]) => diagnoseIn(home, undefined, ...flags);

async function diagnoseIn(home: MeshHome, cwd: string | undefined, ...flags: readonly string[]) {
  const exit = await home.run(["doctor", "--json", ...flags], cwd === undefined ? {} : { cwd });
  expect(exit.stderr).toBe("");
  const { checks } = JSON.parse(exit.stdout) as Diagnosis;
  return {
    code: exit.code,
    failed: checks.filter(({ status }) => status === "fail"),
    of: (name: string): readonly Finding[] => checks.filter((each) => each.name === name),
  };
}

const UP_WITHIN_MS = 20_000;
const DAY_S = 86_400;
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

describe("mesh doctor in the folders of a hub and a zone", () => {
  it("finds all well while all is up, and then that its link is down once it is revoked", async () => {
    await using home = createMeshHome();
    await using mesh = await trustedMesh({ zones: { eu: ["a1"] } });
    const [hub, zone] = [mesh.hub.folder.path, mesh.zones["eu"]?.folder.path ?? ""];
    const root = home.start(["root"], { cwd: hub });
    await root.stderr.line(/leading, epoch \d+/, UP_WITHIN_MS);
    const coordinator = home.start(["zone", "eu"], { cwd: zone });
    await coordinator.stderr.line(/incarnation 1$/, UP_WITHIN_MS);
    const log = home.start(["events", "--follow"], { cwd: hub }).stdout;
    await log.line(/ZoneSeen +zone eu: /, UP_WITHIN_MS);

    const above = await diagnoseIn(home, hub);
    expect(above.failed).toEqual([]);
    expect(above.of("access")).toMatchObject([
      {
        status: "ok",
        message: expect.stringMatching(/^door-\S+ may do its work \(3 tried\) and no more \(4 tried\)$/),
      },
    ]);
    const below = await diagnoseIn(home, zone);
    expect([below.code, below.failed]).toEqual([0, []]);
    expect(below.of("zone")).toMatchObject([{ status: "ok" }]);
    expect(below.of("access")).toMatchObject([
      { status: "ok", message: expect.stringMatching(/^zone-eu may do/) },
    ]);
    expect(below.of("link")).toMatchObject([
      {
        status: "ok",
        message: expect.stringMatching(/^up, the server above answers in \S+ ms: nats-server 2\.\S+$/),
      },
    ]);
    expect(below.of("zone clock")).toMatchObject([{ status: "ok" }]);

    // A zone's folder has no door: nothing there is even tried, and a door's credentials count.
    for (const asked of [["status"], ["zone", "ls"], ["zone", "show", "eu"], ["events"]]) {
      const { code, stderr } = await home.run(asked, { cwd: zone });
      expect([code, stderr]).toEqual([2, expect.stringContaining("this is the folder of zone eu")]);
      expect(stderr).toContain("here: mesh doctor");
    }
    const door = ["--nats", mesh.hub.url, "--creds", mesh.hub.creds("creds/door.creds")];
    expect((await home.run(["zone", "ls", ...door], { cwd: zone })).stdout).toMatch(/^eu +- +up/m);

    const revoked = await home.run(["zone", "revoke", "eu", "--hub", hub]);
    expect(revoked.stdout, revoked.stderr).toContain("it stands in the mesh log");
    await log.line(
      /ZoneRevoked +the credentials of zone eu are not valid any more \(door-\S+ \(\S+@\S+\)\)$/,
    );
    expect((await home.run(["zone", "ls"], { cwd: hub })).stdout).toMatch(/^eu +- +revoked/m);
    expect((await diagnoseIn(home, zone)).of("link")).toMatchObject([
      { status: "fail", message: "nobody above answers: the link is down" },
    ]);
  });
});

describe("mesh doctor of a deployment", () => {
  it("says that credentials have expired, when, and who makes new ones", async () => {
    await using home = createMeshHome();
    await using nats = await startNats();
    using expired = await credentials({
      name: "zone-eu",
      role: "zone",
      zone: "eu",
      expiresAtS: inSeconds(-60),
    });
    const { code, of } = await diagnose(home, "--nats", nats.url, "--creds", expired.file);
    expect(code).toBe(111);
    expect(of("credentials")).toEqual([
      {
        name: "credentials",
        status: "fail",
        message: expect.stringMatching(/zone-eu\.creds: zone-eu, expired at \d{4}-/) as string,
        hint: expect.stringContaining("mesh zone rotate eu") as string,
      },
    ]);
  });

  it("knows the zone's own server, whose link is down, and a login that is bound by nothing", async () => {
    await using home = createMeshHome();
    await using nats = await startNats({ domain: "zone-eu" });
    using own = await credentials({
      name: "zone-eu",
      role: "zone",
      zone: "eu",
      expiresAtS: inSeconds(30 * DAY_S),
    });
    const { code, of } = await diagnose(home, "--nats", nats.url, "--creds", own.file);
    expect(code).toBe(111);
    expect(of("zone")).toMatchObject([{ status: "ok", message: "this is the server of zone eu" }]);
    expect(of("link")).toMatchObject([
      {
        status: "fail",
        message: "nobody above answers: the link is down",
        hint: expect.stringMatching(/log/),
      },
    ]);
    expect(of("access").map(({ message }) => message)).toEqual([
      "zone-eu may listen to another zone, which no zone may",
      "zone-eu may listen to everything (>), which no zone may",
      "zone-eu may read everybody's answers (_INBOX.>), which no zone may",
      "zone-eu may delete streams, which no zone may",
    ]);
    expect(of("streams")).toMatchObject([{ message: "none yet; the first coordinator makes them" }]);
    expect(of("roles")).toEqual([]);
  });

  it("names both zones where the server is another one's", async () => {
    await using home = createMeshHome();
    await using nats = await startNats({ domain: "zone-us" });
    using own = await credentials({ name: "zone-eu", role: "zone", zone: "eu" });
    const { code, of } = await diagnose(home, "--nats", nats.url, "--creds", own.file);
    expect(code).toBe(111);
    expect(of("zone")).toMatchObject([
      {
        status: "fail",
        message: "this is the server of zone us, and the credentials are those of zone eu",
        hint: expect.stringContaining("name the server of zone eu with --nats"),
      },
    ]);
  });

  it("says that the account is full, and leaves nothing behind", async () => {
    await using home = createMeshHome();
    const config = `accounts {
      MESH { jetstream: { max_file: 100KB, max_streams: 5, max_mem: 1MB }, users: [{ user: u, password: p }] }
    }
    no_auth_user: u
    `;
    await using nats = await startNats({ config });
    const connection = await connect({ servers: nats.url });
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: "FILLER", subjects: ["filler"] });
    const fill = async (bytes: number) => {
      for (;;) await jetstream(connection).publish("filler", new Uint8Array(bytes));
    };
    for (const bytes of [20_000, 2000, 200]) await expect(fill(bytes)).rejects.toThrow(/resource|storage/);
    const { code, of } = await diagnose(home, "--nats", nats.url);
    expect(code).toBe(111);
    expect(of("storage")).toMatchObject([
      {
        status: "fail",
        message: expect.stringMatching(/of 103 KB stored: full$/),
        hint: expect.stringContaining("remove old runs"),
      },
    ]);
    expect((await manager.getAccountInfo()).streams).toBe(1);
    expect((await manager.consumers.list("FILLER").next()).length).toBe(0);
    await connection.close();
  });
});
