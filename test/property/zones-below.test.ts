/**
 * The segment law as zones divide: whatever hangs below whatever, and however many agents are asked for, the parts of all
 * agents sum to the share of the whole, no iteration is anybody's twice, and just so many agents take part.
 */
import { describe, expect, it } from "vitest";
import { scaleShare, type Share, stripeShare } from "../../src/domain/segment/share.ts";
import { divide } from "../../src/domain/zone/divide.ts";
import { evolve } from "../../src/domain/zone/evolve.ts";
import { newZone } from "../../src/domain/zone/state.ts";
import type { ZoneEvent } from "../../streams/events/zone.ts";
import { planOf } from "../unit/plan/request.ts";
import { between, type Random, randomFrom } from "./random.ts";

const SEEDS = Array.from({ length: 300 }, (_, index) => index + 1);
const plan = planOf({ vus: 30, duration: "10s" });

interface Zone {
  readonly zone: string;
  /** Cores of its own agents. */
  readonly cores: readonly number[];
  readonly below: readonly Zone[];
}

function zoneOf(random: Random, name: string, depth: number): Zone {
  const below = depth === 0 ? 0 : between(random, 0, 3);
  return {
    zone: name,
    cores: Array.from({ length: between(random, 0, 4) }, () => between(random, 1, 6)),
    below: Array.from({ length: below }, (_, index) => zoneOf(random, `${name}-${index}`, depth - 1)),
  };
}

const allCores = ({ below, cores }: Zone): readonly number[] => [...cores, ...below.flatMap(allCores)];

/** Each agent's share, as the zone and those below it divide it one after the other. */
function leaves(zone: Zone, share: Share, agents: number): readonly Share[] {
  const joined = zone.cores.map((cores, index): ZoneEvent => ({
    type: "AgentJoined",
    agent: `a${index}`,
    session: "s",
    incarnation: 0,
    cores,
    host: "h",
    labels: {},
  }));
  const log: readonly ZoneEvent[] = [...joined, { type: "ShareAssigned", run: "r", plan, share, agents }];
  const state = log.reduce(evolve, newZone);
  const own = state.shares["r"];
  const offers = zone.below.map((each) => ({ zone: each.zone, cores: allCores(each) }));
  const divided = own && divide(state, own, offers);
  if (divided === undefined) throw new Error("there are agents enough");
  const ofZones = divided.zones.flatMap((part) => {
    const child = zone.below.find((each) => each.zone === part.zone);
    return child === undefined ? [] : leaves(child, part.share, part.agents);
  });
  return [...divided.parts.map((part) => part.share), ...ofZones];
}

describe("zones below zones", () => {
  it("divide what they are given exactly, at any depth", () => {
    for (const seed of SEEDS) {
      const random = randomFrom(seed);
      const tree = zoneOf(random, "z", 3);
      const most = allCores(tree).length;
      if (most === 0) continue;
      const agents = between(random, 1, most);
      const share: Share = random() < 0.5 ? [] : [{ weights: [3, 2, 1], index: between(random, 0, 2) }];
      const all = leaves(tree, share, agents);
      expect(all.length, `seed ${seed}`).toBe(agents);
      const total = between(random, 0, 200);
      const whole = scaleShare(share, total);
      const slotsOf = (leaf: Share) => {
        const count = scaleShare(leaf, total);
        return count === 0 ? [] : Array.from({ length: count }, (_, n) => n).map(stripeShare(leaf));
      };
      const owned = all.flatMap(slotsOf).toSorted((a, b) => a - b);
      const given = whole === 0 ? [] : Array.from({ length: whole }, (_, n) => n).map(stripeShare(share));
      expect(owned, `seed ${seed}`).toEqual(given.toSorted((a, b) => a - b));
    }
  });

  it("have no parts while one agent is missing", () => {
    for (const seed of SEEDS.slice(0, 50)) {
      const tree = zoneOf(randomFrom(seed), "z", 2);
      expect(() => leaves(tree, [], allCores(tree).length + 1), `seed ${seed}`).toThrow("agents enough");
    }
  });
});
