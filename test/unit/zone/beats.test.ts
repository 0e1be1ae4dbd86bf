/** Heartbeats of zones: what is taken of one, and that one fits into a message however many agents and zones there are. */
import { describe, expect, it } from "vitest";
import { encodeBody } from "../../../src/domain/log/codec.ts";
import { boundedBeat } from "../../../src/domain/zone/bounded-beat.ts";
import { fittingBeat } from "../../../src/domain/zone/fitting-beat.ts";
import type { Beat, ZoneBelow } from "../../../streams/messages/live.ts";
import { PROTOCOL } from "../../../streams/version.ts";

const said = { incarnation: 1, protocol: PROTOCOL, program: "mesh", host: "h", pid: 1, runs: [] };
const beatOf = (below: readonly ZoneBelow[], agents: Beat["agents"] = []): Beat => ({
  type: "Beat",
  node: "fra",
  session: "s",
  ...said,
  agents,
  below,
});
const zoneOf = (zone: string, parent: string, more: Partial<ZoneBelow> = {}): ZoneBelow => ({
  zone,
  parent,
  ...said,
  agents: [],
  silentMs: 0,
  ...more,
});
const agentsOf = (count: number, cores = 4): Beat["agents"] =>
  Array.from({ length: count }, (_, n) => ({
    agent: `agent-${n}`,
    incarnation: 1,
    cores,
    host: "host.example.com",
    ...(n % 4 === 0 ? { busy: true } : {}),
  }));
const MOST = Number.MAX_SAFE_INTEGER;

describe("what a zone says", () => {
  it("is taken with numbers that can be summed and names that can be said again", () => {
    const agents = [{ agent: "l1", incarnation: 1, cores: MOST, host: "x".repeat(9000) }];
    const lab = zoneOf("lab", "fra", {
      silentMs: MOST,
      agents,
      counted: [{ cores: MOST, idle: MOST, busy: MOST }],
    });
    const [taken] = boundedBeat(beatOf([lab])).below ?? [];
    expect(taken?.agents[0]?.host).toHaveLength(255);
    const numbers = [taken?.silentMs, taken?.agents[0]?.cores, ...Object.values(taken?.counted?.[0] ?? {})];
    expect(numbers).toHaveLength(5);
    for (const number of numbers) expect((number ?? MOST) * 1_000_000).toBeLessThan(MOST);
  });

  it("is a tree of zones, each below itself or one that it has named before", () => {
    const zones = [
      zoneOf("lab", "fra"),
      zoneOf("lab", "fra", { pid: 2 }),
      zoneOf("fra", "lab"),
      zoneOf("x", "iad"),
      zoneOf("cellar", "lab"),
    ];
    expect(boundedBeat(beatOf(zones)).below).toEqual([zones[0], zones[4]]);
    const many = Array.from({ length: 5000 }, (_, n) => zoneOf(`z${n}`, "fra"));
    expect(boundedBeat(beatOf(many)).below).toEqual(many.slice(0, 1000));
  });

  it("is as it was where a zone is honest", () => {
    const honest = beatOf([zoneOf("lab", "fra", { agents: agentsOf(3), silentMs: 410 })], agentsOf(2));
    expect(boundedBeat(honest)).toEqual(honest);
    expect(fittingBeat(honest)).toBe(honest);
  });
});

describe("a heartbeat", () => {
  const size = (beat: Beat) => encodeBody(beat).length;

  it("counts the agents of zones below where there are too many to tell of each", () => {
    const big = beatOf([zoneOf("lab", "fra", { agents: agentsOf(10_000) })], agentsOf(2));
    const fits = fittingBeat(big);
    expect(size(fits)).toBeLessThan(2000);
    expect(fits.agents).toEqual(big.agents);
    expect(fits.below?.[0]).toMatchObject({
      zone: "lab",
      agents: [],
      counted: [{ cores: 4, idle: 7500, busy: 2500 }],
    });
  });

  it("adds up what a zone further down has counted already, by cores", () => {
    const counted = [
      { cores: 8, idle: 5, busy: 1 },
      { cores: 4, idle: 1, busy: 0 },
    ];
    const big = beatOf([zoneOf("lab", "fra", { agents: agentsOf(10_000), counted })]);
    expect(fittingBeat(big).below?.[0]?.counted).toEqual([
      { cores: 4, idle: 7501, busy: 2500 },
      { cores: 8, idle: 5, busy: 1 },
    ]);
  });

  it("counts its own agents, too, and tells fewer zones, before it does not fit", () => {
    const own = fittingBeat(beatOf([], agentsOf(20_000)));
    expect([own.agents.length, own.counted]).toEqual([0, [{ cores: 4, idle: 15_000, busy: 5000 }]]);
    const zones = Array.from({ length: 900 }, (_, n) =>
      zoneOf(`z${n}`, "fra", { program: "x".repeat(2000) }),
    );
    const fits = fittingBeat(beatOf(zones));
    expect(size(fits)).toBeLessThan(524_289);
    expect(fits.below?.map(({ zone }) => zone)).toEqual(
      zones.slice(0, fits.below?.length).map(({ zone }) => zone),
    );
    expect(fits.below?.length).toBeGreaterThan(100);
  });
});
