/** What key commands leave in folders whose servers do not run: records, files, and nothing half made. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { decode } from "@nats-io/jwt";
import { whileLocked } from "../../../src/cli/trust/locked.ts";
import { zoneInit } from "../../../src/cli/trust/make.ts";
import { hubDoor, hubRevoke, hubRotate, zoneRevoke, zoneRotate } from "../../../src/cli/trust/renew-zone.ts";
import { readCredentials } from "../../../src/domain/credentials.ts";
import { type Folder, keyIn, readFolder } from "../../../src/trust/folder.ts";
import { holdersIn } from "../../../src/trust/holders.ts";
import { initHub } from "../../../src/trust/init-hub.ts";
import { initZone } from "../../../src/trust/init-zone.ts";
import { hasZone, readRecord } from "../../../src/trust/link.ts";
import { revokeLink } from "../../../src/trust/renew.ts";
import { issuedIn } from "../../../src/trust/users.ts";

/** Making keys and signing takes seconds: it is done once, and each test has a copy in the same place. */
const at = mkdtempSync(join(tmpdir(), "mesh-folders-"));
const kept = `${at}.kept`;
let hub: Folder;
let eu: Folder;

const zoneAt = (zone: string, path: string) =>
  initZone({ zone, path, parent: hub, urls: [], listen: "127.0.0.1:11", agents: [`${zone}-1`] });

beforeAll(async () => {
  hub = await initHub({ path: join(at, "hub"), listen: "127.0.0.1:9", leaf: "127.0.0.1:7", servers: 1 });
  eu = (await zoneAt("eu", join(at, "eu"))).folder;
  renameSync(at, kept);
});
beforeEach(() => cpSync(kept, at, { recursive: true }));
afterEach(() => rmSync(at, { recursive: true }));
afterAll(() => rmSync(kept, { recursive: true }));

const keyOf = (file: string) => readCredentials(readFileSync(file, "utf8"))?.publicKey ?? "";

it("load nothing that makes certificates where none is made", () => {
  expect(Reflect).not.toHaveProperty("getMetadata");
});

describe("a folder", () => {
  it("is told with the path where it lies", () => {
    expect([hub.path, eu.path]).toEqual([join(at, "hub"), join(at, "eu")]);
    expect([readFolder(hub.path), readFolder(eu.path)]).toEqual([hub, eu]);
  });

  it("that cannot be put in its place leaves no zone behind, and can be made elsewhere", async () => {
    const path = join(at, "us");
    mkdirSync(join(at, "disk"));
    symlinkSync(join(at, "disk"), path);
    await expect(zoneAt("us", path)).rejects.toMatchObject({
      name: "TrustError",
      message: `cannot put a folder at ${path} (ENOTDIR)`,
    });
    expect(hasZone(hub, "us")).toBe(false);
    await zoneAt("us", join(path, "us"));
    expect(hasZone(hub, "us")).toBe(true);
  });

  it("that its parent could not be told of is not left behind", async () => {
    const path = join(at, "us");
    rmSync(join(hub.path, "keys/operator.nk"));
    await expect(zoneAt("us", path)).rejects.toThrow("operator.nk is missing");
    expect([hasZone(hub, "us"), existsSync(path)]).toEqual([false, false]);
  });
});

describe("records", () => {
  it("say whose is what without the keys, which may be elsewhere", () => {
    const account = keyIn(hub, "zone-eu").publicKey;
    const [link, door] = [
      keyOf(join(eu.path, "creds/leaf.creds")),
      keyOf(join(hub.path, "creds/door.creds")),
    ];
    rmSync(join(hub.path, "keys"), { recursive: true });
    const holders = holdersIn(hub);
    expect([account, link].map((key) => holders.get(key))).toEqual(["zone-eu", "zone-eu"]);
    expect(holders.get(door)).toMatch(/^door-/);
  });

  it("keep each user to one file, whoever makes the credentials", async () => {
    const [name = ""] = Object.keys(issuedIn(hub)).filter((each) => each.startsWith("door-"));
    const { wrote } = await hubDoor(hub.path, name.replace("door-", ""), undefined);
    expect(wrote).toEqual([join(hub.path, "creds/door.creds")]);
    await hubRotate(hub.path, { revoke: true });
    const { revocations } = readFolder(hub.path).facts;
    expect(revocations).not.toHaveProperty(keyOf(join(hub.path, "creds/door.creds")));
  });

  it("lose no revocation to a command that goes on at the same time", async () => {
    await hubDoor(hub.path, "ann", undefined);
    const former = keyOf(join(hub.path, "creds/door-ann.creds"));
    const rotating = hubRotate(hub.path, { revoke: false });
    await hubRevoke(hub.path, "door-ann");
    await rotating;
    const { revocations } = readFolder(hub.path).facts;
    expect(Object.keys(revocations)).toEqual(
      expect.arrayContaining([former, keyOf(join(hub.path, "creds/door-ann.creds"))]),
    );
  });

  it("are changed by one command at a time, and whoever waits in vain is told", async () => {
    const ended = Promise.withResolvers<void>();
    const first = whileLocked([hub.path], () => ended.promise);
    await expect(whileLocked([hub.path], () => Promise.resolve(), 100)).rejects.toMatchObject({
      exit: 2,
      message: `another command is changing the keys of ${hub.path}, and has not ended in 0.1 s`,
    });
    ended.resolve();
    await first;
    await whileLocked([hub.path], () => Promise.resolve(), 100);
  });

  it("of a link are brought to the server although something is wrong with the hub's own account", async () => {
    const [account, link] = [
      keyIn(hub, "zone-eu").publicKey,
      readRecord(hub, "eu").issued[0]?.publicKey ?? "",
    ];
    rmSync(join(hub.path, "keys/sign-root.nk"));
    await expect(revokeLink(hub, "eu")).rejects.toThrow("sign-root.nk is missing");
    const told = decode<{ revocations?: object }>(readFileSync(join(hub.path, `jwt/${account}.jwt`), "utf8"));
    expect((told.nats as { revocations?: object }).revocations).toHaveProperty(link);
  });
});

describe("a zone's folder that was carried away and left behind", () => {
  it("gets no new credentials unless somebody names it", async () => {
    const leaf = join(eu.path, "creds/leaf.creds");
    const before = keyOf(leaf);
    const flags = { hub: hub.path, revoke: false };
    const { done, wrote } = await zoneRotate("eu", flags);
    expect(wrote).toEqual([join(hub.path, "zones/eu.leaf.creds")]);
    expect(done.join("\n")).toMatch(
      /eu was left alone: no server of its own answers[^]*carry it into the zone's folder/,
    );
    expect(keyOf(leaf)).toBe(before);
    expect((await zoneRotate("eu", { ...flags, dir: eu.path })).wrote).toContain(leaf);
    expect(keyOf(leaf)).not.toBe(before);
  });

  it("is no reason to cut off the real one", async () => {
    const flags = { hub: hub.path, revoke: true };
    await expect(zoneRotate("eu", flags)).rejects.toMatchObject({
      exit: 2,
      message: expect.stringMatching(/^zone eu would be cut off: .*eu was left alone/),
    });
    await expect(zoneRevoke("eu", { ...flags, agent: "eu-1" })).rejects.toThrow("was left alone");
    expect(readRecord(hub, "eu").revocations).toEqual({});
    await zoneRotate("eu", { ...flags, dir: eu.path });
    expect(Object.keys(readRecord(hub, "eu").revocations)).toHaveLength(1);
  });
});

it("refuses an address of the parent that a configuration cannot hold, or that holds a login", async () => {
  const of = (url: string) => zoneInit("us", { hub: hub.path, dir: join(at, "us"), agents: 1, url: [url] });
  for (const bad of [
    "hub.example:7422",
    "nats://a\u0008b:7422",
    'nats://a"b',
    "nats://u:p@hub:7422",
    "nats://a:1,nats://b:2",
    "http://hub",
    "nats://hub:70000",
  ])
    await expect(of(bad), bad).rejects.toThrow(/^--url .* is no address of a server$/);
  await of("tls://[2001:db8::1]:7422");
});
