/** The contract held against itself: what streams say they carry, what subjects they capture, what people can read. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Asset } from "../../streams/asset.ts";
import { assets, durables } from "../../streams/assets.ts";
import { renderReadme } from "../../streams/generate.ts";
import { definitions, families, type Family } from "../../streams/index.ts";
import { subjects as s } from "../../streams/subjects.ts";
import { covers, overlap } from "../support/subject-pattern.ts";
import { root, sourceFiles } from "./source-files.ts";

const all: readonly (readonly [string, Asset])[] = Object.entries(assets);
const streams = all.filter(([, asset]) => asset.kind === "stream");

/** The subjects of every family, for zone `a`: which builder carries which messages. */
const subjectsOf: Readonly<Record<Family | "interval", readonly string[]>> = {
  "run event": [s.runEvent("r1", "RunPlanned")],
  "zone event": [s.zoneEvent("a", "AgentLost"), s.zoneUpEvent("a", "AgentLost")],
  "mesh event": [s.meshEvent("ZoneSeen")],
  "door command": [s.rootCommand("r1", "PlanRun"), s.rootCommandBy("door-ana", "r1", "PlanRun")],
  "watch report": [s.hubWatch("hub-1"), s.zoneWatch("a", "edge-1")],
  "node command": [s.zoneCommand("a", "r1", "StopRun"), s.agentCommand("a", "a1", "r1", "StopRun")],
  report: [s.agentReport("a", "a1", "Hello")],
  beat: [s.zoneBeat("a"), s.agentBeat("a", "a1"), s.childBeat("a", "b")],
  pulse: [s.rootPulse(), s.zonePulse("a")],
  through: [s.zoneThrough("a", "r1"), s.agentThrough("a", "a1", "r1")],
  sync: [
    s.syncArrival("a", "r1", "ready", "a1"),
    s.syncRelease("a", "r1", "ready"),
    s.syncOnce("a", "r1", "setup"),
  ],
  interval: [
    s.runInterval("r1"),
    s.zoneUpInterval("a", "r1"),
    s.zoneInterval("a", "r1"),
    s.agentInterval("a", "a1", "r1"),
  ],
};

const filters = [
  s.runLog("r1"),
  s.zoneLog("a"),
  s.meshLog(),
  s.agentCommands("a", "a1"),
  s.agentThroughs("a", "a1"),
  s.agentIntervalsOf("a", "r1"),
  s.syncRun("a", "r1"),
];

const carriers = (family: string) =>
  all.filter(([, asset]) => asset.carries.includes(family)).map(([name]) => name);
const captures = (subject: string) =>
  streams
    .filter(([, asset]) => asset.subjects("a").some((pattern) => covers(pattern, subject)))
    .map(([name]) => name);

describe("streams", () => {
  it.each(Object.entries(subjectsOf))("that carry %s messages are those that say so", (family, subjects) => {
    expect([...new Set(subjects.flatMap(captures))].toSorted()).toEqual(carriers(family).toSorted());
    expect(carriers(family)).not.toEqual([]);
  });

  it("capture every builder's subjects exactly once, filters too", () => {
    const known = [...Object.values(subjectsOf).flat(), ...filters];
    expect(known).toHaveLength(Object.keys(s).length);
    for (const subject of known) expect(captures(subject), subject).toHaveLength(1);
  });

  it("have no builder that only tests call", () => {
    const texts = sourceFiles("src", "streams").map(({ text }) => text);
    const isCalled = (name: string) =>
      texts.some((text) => new RegExp(`\\bsubjects\\.${name}\\b`).test(text));
    expect(Object.keys(s).filter((name) => !isCalled(name))).toEqual([]);
  });

  it("do not overlap when one server holds the hub and the zones a and b", () => {
    const patterns = streams.flatMap(([name, asset]) =>
      (asset.scope === "hub" ? [""] : ["a", "b"]).flatMap((zone) =>
        asset.subjects(zone).map((pattern) => ({ name: `${name} ${zone}`, pattern })),
      ),
    );
    const clashes = patterns.flatMap((one, i) =>
      patterns
        .slice(i + 1)
        .filter((other) => overlap(one.pattern, other.pattern))
        .map((other) => `${one.name}: ${one.pattern} and ${other.name}: ${other.pattern}`),
    );
    expect(clashes).toEqual([]);
  });

  it("carry only families of the registry, and only streams carry", () => {
    const known = [...Object.keys(families), "interval"];
    for (const [name, asset] of all) {
      expect(
        asset.carries.filter((family) => !known.includes(family)),
        name,
      ).toEqual([]);
      expect(asset.carries.length > 0, name).toBe(asset.kind === "stream");
      expect(asset.subjects("a").length > 0, name).toBe(asset.kind === "stream");
    }
  });

  it("have the first writer of every message among their writers", () => {
    const orphans = definitions.filter(
      ({ family, writer }) =>
        !all.some(([, asset]) => asset.carries.includes(family) && asset.writers.includes(writer)),
    );
    expect(orphans.map(({ family, type }) => `${family} ${type}`)).toEqual([]);
  });

  it("refuse a second message per subject only where one is kept", () => {
    for (const [name, { config }] of streams) {
      if (config.discard_new_per_subject !== true) continue;
      expect([config.discard, config.max_msgs_per_subject], name).toEqual(["new", 1]);
    }
  });

  it("never remember message ids longer than the messages", () => {
    for (const [name, { config }] of streams) {
      expect(config.duplicate_window ?? 0, name).toBeLessThanOrEqual(config.max_age ?? Infinity);
    }
  });
});

describe("assets", () => {
  it("have names of their own for every zone, of characters that the server takes", () => {
    const names = ["a", "b", "a_EVENTS", "UP_a", "Z_a"].flatMap((zone) =>
      all
        .filter(([, asset]) => asset.scope !== "hub")
        .map(([, asset]) => `${asset.kind} ${asset.name(zone)}`),
    );
    names.push(
      ...all
        .filter(([, asset]) => asset.scope === "hub")
        .map(([, asset]) => `${asset.kind} ${asset.name("")}`),
    );
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => !/^[a-z-]+ [A-Za-z0-9_-]+$/.test(name))).toEqual([]);
  });

  it("say who writes, who reads, and why in full sentences", () => {
    for (const [name, asset] of all) {
      expect(asset.writers, name).not.toEqual([]);
      expect(asset.readers, name).not.toEqual([]);
      expect(asset.why, name).toMatch(/^[A-Z].*\.$/);
    }
  });
});

describe("messages", () => {
  it("say when they are true in a full sentence, and have a type in CamelCase", () => {
    for (const { type, when } of definitions) {
      expect(when, type).toMatch(/^[A-Z].*\.$/);
      expect(type).toMatch(/^([A-Z][a-z]+)+$/);
    }
  });

  it("are one per family, type and version", () => {
    const keys = definitions.map(({ family, type, version }) => `${family} ${type} ${version}`);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("durables", () => {
  it("are on streams, and have one name each there", () => {
    const names = Object.values(durables).map(({ asset, name }) => {
      expect((assets[asset] as Asset).kind).toBe("stream");
      return `${asset} ${name("a1")}`;
    });
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("streams/README.md", () => {
  it("is what `npm run streams` writes", () => {
    expect(readFileSync(join(root, "streams/README.md"), "utf8")).toBe(renderReadme());
  });
});
