/** What credentials allow, held against the contract: nobody gets more than an asset says, or another's name. */
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/cli/index.ts";
import { RESERVED_ZONE_NAMES } from "../../src/trust/init-zone.ts";
import type { Asset } from "../../streams/asset.ts";
import { type AssetName, assets } from "../../streams/assets.ts";
import { linkGrants } from "../../streams/leaf.ts";
import { parts, permissionsOf, principals } from "../../streams/permissions.ts";
import { subjects } from "../../streams/subjects.ts";
import { covers, overlap } from "../support/subject-pattern.ts";

const holder = { name: "NAME", zone: "eu", agent: "a1" };
const listsOf = (principal: (typeof principals)[number]) => permissionsOf(principal, holder);
const everything = principals.flatMap((principal) => {
  const { publish, subscribe } = listsOf(principal);
  return [...publish, ...subscribe].map((subject) => ({ principal, subject }));
});
const published = (principal: (typeof principals)[number], subject: string) =>
  listsOf(principal).publish.some((pattern) => covers(pattern, subject));
const heard = (principal: (typeof principals)[number], subject: string) =>
  listsOf(principal).subscribe.some((pattern) => overlap(pattern, subject));

/** May be asked of a stream by nobody: with these a whole log is gone, or copied away. */
const NEVER = [
  "$JS.API.STREAM.DELETE.MESH_RUN_EVENTS",
  "$JS.API.STREAM.SNAPSHOT.MESH_RUN_EVENTS",
  "$JS.API.STREAM.RESTORE.MESH_RUN_EVENTS",
  "$JS.API.STREAM.NAMES",
  "$JS.API.STREAM.LIST",
  "$JS.API.ACCOUNT.PURGE.x",
  "$JS.API.META.LEADER.STEPDOWN",
  "$SYS.REQ.CLAIMS.UPDATE",
];

describe("permissions", () => {
  it("name no subject as a whole world", () => {
    const wide = everything.filter(({ subject }) =>
      /^[*>]|^mesh\.(?:>|[rz]\.>|z\.\*\.>)$|^\$JS\.(?:API\.)?>$/.test(subject),
    );
    expect(wide).toEqual([]);
  });

  it("give nobody what ends a stream, or is the system's", () => {
    const given = principals.flatMap((principal) =>
      NEVER.filter((subject) => published(principal, subject)).map((subject) => `${principal} ${subject}`),
    );
    expect(given).toEqual([]);
  });

  it("let everybody hear answers in an inbox of its own only", () => {
    const inboxes = everything.filter(({ subject }) => subject.startsWith("_INBOX"));
    expect(inboxes.map(({ principal, subject }) => `${principal} ${subject}`)).toEqual([
      ...["root", "door", "watch", "zone", "agent"].map((principal) => `${principal} _INBOX.NAME.>`),
      "leaf _INBOX.zone-eu.>",
    ]);
  });

  it("name no agent but the one who holds them, and no door", () => {
    const { publish, subscribe } = listsOf("agent");
    const strangers = [...publish, ...subscribe].filter((subject) =>
      /\bagent\.(?!a1\b)|\bagent-(?!a1\b)/.test(subject),
    );
    expect(strangers).toEqual([]);
    for (const subject of [
      subjects.agentReport("eu", "a2", "Hello"),
      subjects.agentInterval("eu", "a2", "r1"),
      subjects.agentBeat("eu", "a2"),
      subjects.syncArrival("eu", "r1", "ready", "a2"),
      subjects.syncRelease("eu", "r1", "ready"),
      subjects.zonePulse("eu"),
      subjects.agentCommand("eu", "a1", "r1", "StopRun"),
    ])
      expect(published("agent", subject), subject).toBe(false);
    expect(heard("agent", subjects.agentCommand("eu", "a1", "r1", "StopRun"))).toBe(false);
    expect(published("door", subjects.rootCommandBy("NAME", "r1", "AbortRun"))).toBe(true);
    expect(published("door", subjects.rootCommandBy("OTHER", "r1", "AbortRun"))).toBe(false);
    expect(published("door", subjects.rootCommand("r1", "AbortRun"))).toBe(false);
  });

  it("let a zone's link carry nothing of another zone, of root, or of the parent's streams as a whole", () => {
    for (const subject of [
      subjects.zoneUpEvent("us", "AgentLost"),
      subjects.zoneBeat("us"),
      subjects.zoneCommand("eu", "r1", "StopRun"),
      subjects.rootCommand("r1", "AbortRun"),
      subjects.runEvent("r1", "VerdictGiven"),
      "UP.STREAM.INFO.MESH_UP_eu_EVENTS",
      "UP.CONSUMER.CREATE.MESH_DOWN_eu",
      "UP.DIRECT.GET.MESH_UP_us_EVENTS",
      "UP.DIRECT.GET.MESH_LIVE",
      "UP.DIRECT.GET.MESH_RUN_EVENTS",
    ])
      expect(published("leaf", subject), subject).toBe(false);
    expect(heard("leaf", subjects.zoneThrough("us", "r1"))).toBe(false);
  });

  it("are written down whole where several roles write one asset", () => {
    for (const [name, each] of Object.entries(parts)) {
      const asset: Asset = assets[name as AssetName];
      const roles = Object.keys(each);
      expect(asset.writers, name).toEqual(expect.arrayContaining(roles));
      const written = Object.values(each).flatMap((of) => of("eu"));
      for (const subject of written) {
        expect(
          asset.subjects("eu").some((pattern) => covers(pattern, subject)),
          `${name} ${subject}`,
        ).toBe(true);
      }
    }
    const shared = Object.entries(assets as Record<string, Asset>)
      .filter(([name, { scope }]) => scope !== "link" && !(name in parts))
      .filter(([, { kind, writers }]) => kind === "stream" && writers.length > 1);
    expect(shared.map(([name]) => name)).toEqual([]);
  });
});

describe("grants of a link", () => {
  it("are inside what the parent exports, which names no zone", () => {
    for (const { exported, subject } of linkGrants("eu")) {
      expect(covers(exported, subject), `${exported} ${subject}`).toBe(true);
      expect(exported).not.toContain("eu");
    }
  });

  it("of two zones have nothing in common that goes up", () => {
    const up = (zone: string) => linkGrants(zone).filter(({ kind }) => kind === "service");
    const clashes = up("eu").filter((one) => up("us").some((other) => overlap(one.subject, other.subject)));
    expect(clashes).toEqual([]);
  });
});

describe("names of zones", () => {
  it("are not words that stand behind mesh zone", () => {
    const words = Object.keys(COMMANDS).flatMap((id) =>
      id.startsWith("zone:") ? [id.slice("zone:".length)] : [],
    );
    expect(RESERVED_ZONE_NAMES).toEqual(expect.arrayContaining(words));
  });
});
