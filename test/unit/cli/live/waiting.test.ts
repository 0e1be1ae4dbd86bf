import { describe, expect, it } from "vitest";
import type { RunEvent } from "../../../../streams/events/run.ts";
import { waitingFor } from "../../../../src/cli/live/waiting.ts";
import { assigned, given, person, planned, ready, stopping } from "../../run/fixture.ts";

describe("what a run waits for", () => {
  const of = (...events: readonly RunEvent[]) => waitingFor(given(...events).state);

  it("is its zones, then their agents", () => {
    expect(of(planned())).toBe("waiting until every zone is up: fra, iad");
    expect(of(planned(), assigned)).toBe("waiting for agents: 0 of 3 are ready; missing: fra, iad");
  });

  it("is nothing once it has begun, or will not", () => {
    expect(of()).toBeUndefined();
    expect(of(planned(), assigned, ...ready)).toBeUndefined();
    expect(of(planned(), stopping(person))).toBeUndefined();
  });
});
