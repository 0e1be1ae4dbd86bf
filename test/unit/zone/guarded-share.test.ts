/** A share under guard rails: what is recorded of them, what each agent is told, and a refusal before any load. */
import { describe, expect, it } from "vitest";
import { proceed } from "../../../src/domain/zone/decide.ts";
import { instruct } from "../../../src/domain/zone/instruct.ts";
import { evolve } from "../../../src/domain/zone/evolve.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { given, joined, plan, share, started } from "./fixture.ts";

const guards = [{ zone: "fra", maxRate: 10, maxRequests: 7 }];
const command = {
  type: "AssignShare",
  run: "r",
  plan,
  share,
  agents: 2,
  workers: 0,
  actor: "ana@laptop",
} as const;
const asked = (rails: object) =>
  given(started, joined("a1", 2), joined("a2", 6)).when({ type: "Command", command, zoneStartAt: 0, rails });
const assigned: ZoneEvent = {
  type: "ShareAssigned",
  run: "r",
  plan,
  share,
  agents: 2,
  actor: "ana@laptop",
  guards,
  controlPlane: ["hub.test:4222"],
};

describe("a guarded share", () => {
  it("is recorded with who asked and with what holds for it", () => {
    asked({ guards, controlPlane: ["hub.test:4222"] }).leadsTo(assigned);
  });

  it("gives each agent its part of the ceilings", () => {
    const { state } = given(started, joined("a1", 2), joined("a2", 6), assigned);
    const [divided] = proceed(state);
    if (divided === undefined) throw new Error("nothing was divided");
    const told = instruct(evolve(state, divided), divided);
    expect(told.map((each) => each.command)).toMatchObject([
      { guards: [{ ...guards[0], part: { rate: 2500, requests: 2 } }], controlPlane: ["hub.test:4222"] },
      { guards: [{ ...guards[0], part: { rate: 7500, requests: 5 } }], controlPlane: ["hub.test:4222"] },
    ]);
  });

  it("is refused before it is divided, in the words of the refusal", () => {
    const refusal = "too much";
    const cause = { kind: "guard-refused", message: refusal, by: "" } as const;
    const refused: ZoneEvent = { type: "ShareRefused", run: "r", cause };
    asked({ guards, controlPlane: ["hub.test:4222"], refusal }).leadsTo(assigned, refused);
    const { state } = given(started, joined("a1", 2), joined("a2", 6), assigned, refused);
    expect(proceed(state)).toEqual([]);
  });
});
