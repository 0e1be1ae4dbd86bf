/** A private zone as people set it up, with the rights that its credentials give and no more; and how credentials change. */
import { describe, expect, it } from "vitest";
import { startCountingTarget } from "../support/counting-target.ts";
import { type PrivateMesh, refusals, startPrivateMesh } from "../support/private-mesh.ts";
import { script } from "../support/scripts.ts";

const RUN_WITHIN_MS = 120_000;

const steady = (mesh: PrivateMesh, url: string, seconds: number) => {
  const values = [`TARGET_URL=${url}`, `SECONDS=${seconds}`, "SILENCE=100s"].flatMap((each) => [
    "--env",
    each,
  ]);
  return mesh.start("hub", "run", script("steady"), "--zones", "eu", "--agents", "2", ...values);
};

describe("a private zone", { timeout: 240_000 }, () => {
  it("runs with the credentials that its folders hold, and nobody asks for what it may not", async () => {
    await using mesh = await startPrivateMesh("eu");
    await using target = await startCountingTarget();
    const run = mesh.start(
      "hub",
      "run",
      script("plain"),
      "--zones",
      "eu",
      "--env",
      `TARGET_URL=${target.url}`,
    );
    const { code, stdout, stderr } = await run.exit(RUN_WITHIN_MS);
    expect(refusals(mesh.log("hub"))).toEqual([]);
    expect(refusals(mesh.log("zone-eu"))).toEqual([]);
    expect(code, `${stdout}${stderr}`).toBe(0);
  });

  it("goes on with new credentials while the old ones end in mid-run, on both sides", async () => {
    await using mesh = await startPrivateMesh("eu");
    await using target = await startCountingTarget();
    const run = steady(mesh, target.url, 12);
    await run.stderr.line(/^started: /, RUN_WITHIN_MS);
    await mesh.mesh("zone", "rotate", "eu", "--hub", "hub", "--revoke");
    await mesh.mesh("hub", "rotate", "hub", "--revoke");
    const { code, stdout, stderr } = await run.exit(RUN_WITHIN_MS);
    expect(mesh.log("hub")).toMatch(/Leafnode connection closed: Credentials Revoked/);
    expect(code, `${stdout}${stderr}`).toBe(0);
    expect(stdout).toMatch(/agents\.+: 2 of 2 finished/);
  });

  it("whose link is revoked in mid-run is given up at once, and is there again with new ones", async () => {
    await using mesh = await startPrivateMesh("eu");
    await using target = await startCountingTarget();
    const run = steady(mesh, target.url, 60);
    await run.stderr.line(/^started: /, RUN_WITHIN_MS);
    const began = performance.now();
    await mesh.mesh("zone", "revoke", "eu", "--hub", "hub");
    const { code, stdout, stderr } = await run.exit(RUN_WITHIN_MS);
    expect(code, `${stdout}${stderr}`).toBe(112);
    expect(performance.now() - began).toBeLessThan(30_000);
    await mesh.servers.zone.stderr.line(
      /^the parent has revoked this zone's credentials; whoever .*: mesh zone rotate eu --hub DIR$/,
    );
    expect(stdout).toMatch(/zone eu was revoked at \S+ \S+ UTC by door-root \(/);
    expect(stdout).not.toContain("machines");
    const events = mesh.start("hub", "events", "--follow");
    await mesh.mesh("zone", "rotate", "eu", "--hub", "hub");
    await events.stdout.line(/ZoneRevoked/, RUN_WITHIN_MS);
    await events.stdout.line(/ZoneSeen/, RUN_WITHIN_MS);
  });

  it("lets an agent in again only with new credentials once its own were revoked", async () => {
    await using mesh = await startPrivateMesh("eu");
    const [, agent] = mesh.members;
    await mesh.mesh("zone", "revoke", "eu", "--hub", "hub", "--agent", "eu-2");
    await agent?.stderr.line(
      /refuses the login now: were the credentials agents\/eu-2\.creds revoked/,
      RUN_WITHIN_MS,
    );
    // It joins anew only where the zone has given it up.
    const agentsNow = async () => {
      const { stdout } = await mesh.start("hub", "zone", "ls").exit(RUN_WITHIN_MS);
      return /^eu\b.*?\bup\s+(\d+)/m.exec(stdout)?.[1] ?? stdout;
    };
    await expect.poll(agentsNow, { timeout: 30_000, interval: 500 }).toBe("1");
    await mesh.mesh("zone", "agent", "eu", "eu-2", "--dir", "zone-eu");
    await agent?.stderr.line(/joined zone eu as eu-2\.1/, RUN_WITHIN_MS);
  });
});
