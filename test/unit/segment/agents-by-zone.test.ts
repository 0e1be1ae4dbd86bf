/** How many agents each zone brings: all of them are asked for, and no zone is without one. */
import { expect, it } from "vitest";
import { agentsByZone } from "../../../src/domain/segment/agents-by-zone.ts";

it.each([
  { weights: [2, 1], agents: 3, expected: [2, 1] },
  { weights: [98, 1, 1], agents: 3, expected: [1, 1, 1] },
  { weights: [98, 1, 1], agents: 4, expected: [2, 1, 1] },
  { weights: [1, 1], agents: 5, expected: [3, 2] },
  { weights: [7], agents: 4, expected: [4] },
  { weights: [5, 3], agents: 1, expected: [1, 1] },
])("agents of $weights for $agents are $expected", ({ weights, agents, expected }) => {
  expect(agentsByZone(weights, agents)).toEqual(expected);
});

it("agents sum to what was asked for wherever each zone can have one", () => {
  for (const weights of [
    [1, 9],
    [3, 3, 3],
    [50, 1, 2, 30],
  ]) {
    for (let agents = weights.length; agents < 60; agents += 1) {
      const parts = agentsByZone(weights, agents);
      expect([parts.reduce((sum, part) => sum + part, 0), Math.min(...parts) >= 1]).toEqual([agents, true]);
    }
  }
});
