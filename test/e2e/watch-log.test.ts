/** `mesh server DIR --watch-log FILE`: another program runs the server, such as a container, and only its log is watched. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { credsAuthenticator } from "@nats-io/nats-core";
import { connect } from "@nats-io/transport-node";
import { expect, it } from "vitest";
import { subjects } from "../../streams/subjects.ts";
import { createMeshHome } from "../support/run-mesh.ts";
import { trustedMesh } from "../support/trusted-mesh.ts";

const WITHIN_MS = 30_000;
const TOLD = { timeout: WITHIN_MS };

it("tells what a server refuses that something else runs", async () => {
  await using mesh = await trustedMesh({ zones: {} });
  await using home = createMeshHome();
  const { path } = mesh.hub.folder;
  const root = home.start(["root"], { cwd: path });
  await root.stderr.line(/leading, epoch \d+/, WITHIN_MS);
  const watch = home.start(["server", path, "--watch-log", join(path, "server.log")]);
  await watch.stderr.line(/^watches .*server\.log/, WITHIN_MS);
  const door = await connect({
    servers: mesh.hub.url,
    name: "mallory",
    authenticator: credsAuthenticator(readFileSync(mesh.hub.creds("creds/door.creds"))),
  });
  door.publish(subjects.meshEvent("ZoneRevoked"), "{}");
  await door.flush();
  await door.close();
  await watch.stderr.line(
    /^door-\S+ may not publish mesh\.r\.mesh\.event\.ZoneRevoked: from 127\.0\.0\.1, calls itself mallory \(server hub\)$/,
    WITHIN_MS,
  );
  // It is said there before the mesh is told.
  const events = async () => (await home.run(["events"], { cwd: path })).stdout;
  await expect.poll(events, TOLD).toMatch(/door-\S+ may not publish mesh\.r\.mesh\.event\.ZoneRevoked/);
  // What a doctor tries and is refused is told once, as that.
  expect((await home.run(["doctor"], { cwd: path })).stdout).toContain("and no more (4 tried)");
  await watch.stderr.line(
    /^mesh doctor tried what door-\S+ may not, and was refused: from 127\.0\.0\.1 \(server hub\)$/,
    WITHIN_MS,
  );
  await expect.poll(events, TOLD).toMatch(/mesh doctor tried/);
  expect((await events()).match(/AccessRefused .*/g)).toEqual([
    expect.stringMatching(/may not publish mesh\.r/),
    expect.stringMatching(/mesh doctor tried what door-/),
  ]);
  watch.signal("SIGTERM");
  expect((await watch.exit()).code).toBe(0);
});

it("says what is wrong with what it is given", async () => {
  await using mesh = await trustedMesh({ zones: {}, started: false });
  await using home = createMeshHome();
  const { path } = mesh.hub.folder;
  const absent = await home.run(["server", path, "--watch-log", join(path, "absent.log")]);
  expect([absent.code, absent.stderr]).toEqual([
    2,
    expect.stringMatching(/there is no log \S+absent\.log to watch/),
  ]);
  const aimless = await home.run(["server", path, "--nats", "nats://127.0.0.1:4222"]);
  expect([aimless.code, aimless.stderr]).toEqual([
    2,
    expect.stringMatching(/name its log with --watch-log FILE/),
  ]);
});
