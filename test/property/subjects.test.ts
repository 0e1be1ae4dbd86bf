/**
 * The subject law: parse ∘ build = identity, and every subject belongs to exactly one stream, whatever the names.
 * Seeded: a failure names its seed.
 */
import { describe, expect, it } from "vitest";
import type { Asset } from "../../streams/asset.ts";
import { assetOfSubject } from "../../streams/asset-of-subject.ts";
import { assets } from "../../streams/assets.ts";
import { type Address, parseSubject, subjectKind, subjects } from "../../streams/subjects.ts";
import { covers } from "../support/subject-pattern.ts";

const RUNS = 500;
const seed = 20_261_122;

/** Mulberry32: a stream of numbers in [0, 1) from one seed. */
function randomFrom(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
/** Tokens that are also words of the grammar: the names people choose without knowing better. */
const TRICKY = [
  "up",
  "event",
  "interval",
  "agent",
  "by",
  "mesh",
  "watch",
  "cmd",
  "beat",
  "pulse",
  "sync",
  "through",
  "release",
  "once",
  "r",
  "z",
  "zone",
];

function token(random: () => number): string {
  if (random() < 0.3) return TRICKY[Math.floor(random() * TRICKY.length)] ?? "up";
  const length = 1 + Math.floor(random() * 64);
  return Array.from({ length }, () => ALPHABET[Math.floor(random() * ALPHABET.length)]).join("");
}

/** Every builder of a plain subject, with the address that its result must say. */
function addressed(name: () => string): readonly (readonly [string, Address])[] {
  const [zone, agent, run, type, barrier, participant] = [name(), name(), name(), name(), name(), name()];
  const [principal, server] = [name(), name()];
  return [
    [subjects.runEvent(run, type), { run, type }],
    [subjects.runInterval(run), { run }],
    [subjects.rootCommand(run, type), { run, type }],
    [subjects.rootCommandBy(principal, run, type), { principal, run, type }],
    [subjects.meshEvent(type), { type }],
    [subjects.hubWatch(server), { server }],
    [subjects.zoneWatch(zone, server), { zone, server }],
    [subjects.rootPulse(), {}],
    [subjects.zoneBeat(zone), { zone }],
    [subjects.zoneUpEvent(zone, type), { zone, type }],
    [subjects.zoneUpInterval(zone, run), { zone, run }],
    [subjects.zoneCommand(zone, run, type), { zone, run, type }],
    [subjects.zoneThrough(zone, run), { zone, run }],
    [subjects.zoneEvent(zone, type), { zone, type }],
    [subjects.zoneInterval(zone, run), { zone, run }],
    [subjects.zonePulse(zone), { zone }],
    [subjects.agentReport(zone, agent, type), { zone, agent, type }],
    [subjects.agentInterval(zone, agent, run), { zone, agent, run }],
    [subjects.agentCommand(zone, agent, run, type), { zone, agent, run, type }],
    [subjects.agentBeat(zone, agent), { zone, agent }],
    [subjects.agentThrough(zone, agent, run), { zone, agent, run }],
    [subjects.childBeat(zone, agent), { zone, child: agent }],
    [subjects.syncArrival(zone, run, barrier, participant), { zone, run, barrier, participant }],
    [subjects.syncRelease(zone, run, barrier), { zone, run, barrier }],
    [subjects.syncOnce(zone, run, barrier), { zone, run, barrier }],
  ];
}

/** Every filter, with a subject inside and one beside it. */
function filters(name: () => string): readonly (readonly [filter: string, inside: string, beside: string])[] {
  const [z, agent, run] = [name(), name(), name()];
  const other = `${run.slice(0, 60)}-2`;
  return [
    [subjects.runLog(run), subjects.runEvent(run, "RunPlanned"), subjects.runEvent(other, "RunPlanned")],
    [subjects.meshLog(), subjects.meshEvent("ZoneSeen"), subjects.runEvent(run, "RunPlanned")],
    [subjects.zoneLog(z), subjects.zoneEvent(z, "AgentLost"), subjects.zoneUpEvent(z, "AgentLost")],
    [
      subjects.agentCommands(z, agent),
      subjects.agentCommand(z, agent, run, "StopRun"),
      subjects.agentCommand(z, `${agent.slice(0, 60)}-2`, run, "StopRun"),
    ],
    [subjects.syncRun(z, run), subjects.syncOnce(z, run, "setup"), subjects.syncOnce(z, other, "setup")],
  ];
}

/** All stream patterns of one server that holds the hub and these zones. */
function patternsOf(zones: readonly string[]): readonly string[] {
  return (Object.values(assets) as readonly Asset[]).flatMap((asset) =>
    (asset.scope === "hub" ? ["-"] : zones).flatMap((zone) => asset.subjects(zone)),
  );
}

function forSeeds(law: (name: () => string) => void): void {
  for (let i = 0; i < RUNS; i++) {
    const random = randomFrom(seed + i);
    try {
      law(() => token(random));
    } catch (error) {
      throw new Error(`fails with seed ${seed + i}`, { cause: error });
    }
  }
}

describe("subjects", () => {
  it("are taken apart into the names they were built from", () => {
    forSeeds((name) => {
      for (const [subject, address] of addressed(name))
        expect(parseSubject(subject), subject).toEqual(address);
    });
  });

  it("have a kind that covers them and tells them apart", () => {
    forSeeds((name) => {
      const kinds = addressed(name).map(([subject]) => {
        const kind = subjectKind(subject);
        expect(kind !== undefined && covers(kind, subject), subject).toBe(true);
        return kind;
      });
      expect(new Set(kinds).size).toBe(kinds.length);
    });
  });

  it("belong to exactly one stream of a server that holds the hub and two zones", () => {
    forSeeds((name) => {
      const built = addressed(name);
      const zone = built.find(([, address]) => address.zone !== undefined)?.[1].zone ?? "a";
      const patterns = patternsOf([zone, `${zone.slice(0, 60)}-2`]);
      const all = [...built.map(([subject]) => subject), ...filters(() => zone).map(([filter]) => filter)];
      for (const subject of all) {
        expect(
          patterns.filter((pattern) => covers(pattern, subject)),
          subject,
        ).toHaveLength(1);
      }
    });
  });

  it("lead to the one stream that keeps them, without asking a server", () => {
    forSeeds((name) => {
      for (const [subject, { zone = "" }] of addressed(name)) {
        const found = assetOfSubject(subject);
        const { scope, subjects: kept }: Asset = assets[found?.asset ?? "sync"];
        expect(found?.zone, subject).toBe(scope === "hub" ? "" : zone);
        expect(
          kept(zone).filter((pattern) => covers(pattern, subject)),
          subject,
        ).toHaveLength(1);
      }
    });
  });

  it("include the filters that a reader needs, and no more", () => {
    forSeeds((name) => {
      for (const [filter, inside, beside] of filters(name)) {
        expect(covers(filter, inside), `${filter} covers ${inside}`).toBe(true);
        expect(covers(filter, beside), `${filter} covers ${beside}`).toBe(false);
      }
    });
  });

  it.each(["", " ", "*", ">", "a.b", "a b", "up.event", "ü", "a\n", "x".repeat(65)])(
    "are not built from %j",
    (bad) => {
      expect(() => subjects.zoneEvent(bad, "AgentLost")).toThrow(/not a subject token/);
      expect(() => subjects.runEvent("r1", bad)).toThrow(/not a subject token/);
      expect(() => subjects.syncArrival("a", "r1", "ready", bad)).toThrow(/not a subject token/);
    },
  );

  it.each([
    "mesh",
    "mesh.r",
    "mesh.r.run.x",
    "mesh.z.a.event.T.more",
    "mesh.z.a b.beat",
    "other.r.pulse",
    "mesh.z.*.beat",
  ])("do not include %j", (foreign) => {
    expect(parseSubject(foreign)).toBeUndefined();
    expect(subjectKind(foreign)).toBeUndefined();
    expect(assetOfSubject(foreign)).toBeUndefined();
  });
});
