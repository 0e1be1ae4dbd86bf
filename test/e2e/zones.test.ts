/** What the people who run a mesh of zones see and do: list them, drain one, read the mesh log, add one in mid-run. */
import { jetstream } from "@nats-io/jetstream";
import { headers as natsHeaders } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { subjects } from "../../streams/subjects.ts";
import { encodeEnvelope } from "../../src/domain/log/codec.ts";
import { outgoing } from "../../src/roles/outgoing.ts";
import { type CountingTarget, startCountingTarget } from "../support/counting-target.ts";
import { script } from "../support/scripts.ts";
import { documentOf, expectBalanced } from "./documents.ts";
import { type SeparateMesh, startSeparateMesh } from "./separate-mesh.ts";

let target: CountingTarget;
beforeAll(async () => {
  target = await startCountingTarget();
});
afterAll(() => target.stop());

function runOver(mesh: SeparateMesh, zones: string, ...more: readonly string[]) {
  const load = ["--iterations", "6", "--env", `TARGET_URL=${target.url}`];
  return mesh.home.run(["run", script("plain"), ...mesh.where, "--zones", zones, ...load, ...more]);
}

/** Cells of a table, by the first cell of their row. */
const rows = (text: string): ReadonlyMap<string, readonly string[]> =>
  new Map(
    text
      .trim()
      .split("\n")
      .map((line) => line.split(/ {2,}/))
      .map((cells) => [cells[0] ?? "", cells]),
  );

const list = async (mesh: SeparateMesh) => {
  const exit = await mesh.home.run(["zone", "ls", ...mesh.where]);
  expect(exit.code, exit.stderr).toBe(0);
  return rows(exit.stdout);
};

describe("zones of a mesh", () => {
  it("are listed, shown, drained and opened again, and the mesh log tells all of it", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1"], b: ["b1", "b2"] });
    const { home, where } = mesh;
    const log = home.start(["events", "--follow", ...where]);
    await log.stdout.line(/ZoneSeen +zone a: mesh\/[\d.]+, protocol 1, on /);
    await log.stdout.line(/ZoneSeen +zone b: /);

    const up = await list(mesh);
    expect(up.get("a")?.slice(0, 5)).toEqual(["a", "-", "up", expect.anything(), expect.anything()]);
    expect(up.get("b")?.slice(2, 5)).toEqual(["up", expect.stringContaining("2"), "2"]);
    const shown = await home.run(["zone", "show", "b", ...where]);
    expect(shown.stdout).toMatch(/^state +up$/m);
    expect(shown.stdout).toMatch(/^agent +b2: one core on \S+, incarnation \d+$/m);

    const drained = await home.run(["zone", "drain", "b", "--reason", "the rack is moved", ...where]);
    expect([drained.code, drained.stdout], drained.stderr).toEqual([
      0,
      "zone b gets no new runs; those it has go on. mesh zone drain b --undo opens it again\n",
    ]);
    await log.stdout.line(/ZoneDrained +zone b gets no new runs: the rack is moved \(\S+@\S+\)$/);
    expect((await list(mesh)).get("b")?.[2]).toBe("drained");
    expect((await home.run(["status", ...where])).stdout).toMatch(
      /^zone +b: .*drained: it gets no new runs$/m,
    );

    const refused = await runOver(mesh, "a,b");
    expect(refused.code).toBe(104);
    expect(refused.stderr).toMatch(
      /zone `b` is drained \(by \S+@\S+: the rack is moved\) and gets no new runs/,
    );
    expect(refused.stderr).toContain("name other zones, or open it again: mesh zone drain b --undo");
    const alone = await runOver(mesh, "a");
    expect(alone.code, alone.stderr).toBe(0);

    const undone = await home.run(["zone", "drain", "b", "--undo", "--json", ...where]);
    expect(JSON.parse(undone.stdout)).toEqual({ zone: "b", drained: false });
    const both = await runOver(mesh, "a,b");
    expect(both.code, both.stderr).toBe(0);

    mesh.zones.get("b")?.signal("SIGTERM");
    await log.stdout.line(/ZoneSilent +zone b was heard last at /, 20_000);
    const silent = await list(mesh);
    expect([...(silent.get("b") ?? [])].slice(2, 3)).toEqual([
      expect.stringMatching(/^silent since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    ]);
    home.start(["zone", "b", ...where]);
    await log.stdout.line(/ZoneReturned +zone b is heard again after /, 20_000);
  });

  it("are drained while a run goes on there, which it does not notice", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1"] });
    const load = ["--env", `TARGET_URL=${target.url}`, "--env", "SECONDS=4", "--json"];
    const run = mesh.home.start(["run", script("steady"), ...mesh.where, "--zones", "a", ...load]);
    await run.stderr.line(/^1s\/4s/, 20_000);
    const drained = await mesh.home.run(["zone", "drain", "a", ...mesh.where]);
    expect(drained.code, drained.stderr).toBe(0);
    const exit = await run.exit(30_000);
    expect(exit.code, exit.stderr).toBe(0);
    expectBalanced(documentOf(exit));
  });

  it("say why one is not drained that never was", async () => {
    await using mesh = await startSeparateMesh({ a: [] });
    const exit = await mesh.home.run(["zone", "drain", "aa", ...mesh.where]);
    expect(exit.code).toBe(2);
    expect(exit.stderr).toContain("zone aa was never heard (known: a)");
    const shown = await mesh.home.run(["zone", "show", "aa", ...mesh.where]);
    expect([shown.code, shown.stderr]).toEqual([2, expect.stringContaining("(known: a)")]);
  });
});

describe("a zone that joins in mid-run", () => {
  it("is seen and told, takes no part in this run, and does in the next", async () => {
    await using mesh = await startSeparateMesh({ a: ["a1"] });
    const { home, where } = mesh;
    const load = ["--env", `TARGET_URL=${target.url}`, "--env", "SECONDS=6", "--json"];
    const log = home.start(["events", "--follow", ...where]);
    const run = home.start(["run", script("steady"), ...where, "--zones", "a", ...load]);
    await run.stderr.line(/^1s\/6s/, 20_000);
    home.start(["zone", "late", ...where]);
    const agent = home.start(["agent", "--zone", "late", "--name", "l1", "--cores", "1", ...where]);
    await log.stdout.line(/ZoneSeen +zone late: /, 20_000);
    await agent.stderr.line(/joined zone late/, 20_000);
    expect((await list(mesh)).get("late")?.[2]).toBe("up");
    const exit = await run.exit(30_000);
    expect(exit.code, exit.stderr).toBe(0);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(JSON.stringify(document)).not.toContain("late");

    const next = await runOver(mesh, "a,late", "--json");
    expect(next.code, next.stderr).toBe(0);
    expect(JSON.stringify(documentOf(next))).toContain("late");
  });
});

describe("what a server refused", () => {
  it("is in the mesh log, told at the hub or in a zone", async () => {
    await using mesh = await startSeparateMesh({ a: [] });
    const connection = await connect({ servers: mesh.nats.url });
    const report = { server: "s1", principal: "zone-x", operation: "publish", at: 1, count: 3 };
    for (const [subject, what] of [
      [subjects.hubWatch("s1"), "mesh.r.pulse"],
      [subjects.zoneWatch("a", "s1"), "mesh.z.b.beat"],
    ] as const) {
      const body = { type: "Refused", ...report, subject: what };
      const { envelope, data } = outgoing({ id: what, time: 1, actor: "watch" }, body);
      const headers = natsHeaders();
      for (const [name, value] of encodeEnvelope(envelope)) headers.set(name, value);
      await jetstream(connection).publish(subject, data, { headers });
    }
    await connection.close();
    const log = mesh.home.start(["events", "--follow", ...mesh.where]);
    await log.stdout.line(/AccessRefused +zone-x may not publish mesh\.r\.pulse, 3 times \(server s1\)$/);
    await log.stdout.line(
      /AccessRefused +zone-x may not publish mesh\.z\.b\.beat, 3 times \(server s1 of zone a\)$/,
    );
  });
});
