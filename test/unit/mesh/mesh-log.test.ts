/** The rules of the mesh log: what is news of a zone, who may be drained, how refused accesses are counted. */
import { describe, expect, it } from "vitest";
import type { AccessRefusal } from "../../../streams/schema/access.ts";
import { absentText, closedZone, revokedText } from "../../../src/domain/mesh/closed-zones.ts";
import { decideMesh, type MeshInput } from "../../../src/domain/mesh/decide.ts";
import { meshInputOf } from "../../../src/domain/mesh/from-zone.ts";
import { OTHERS, RefusalCounter } from "../../../src/domain/mesh/refusal-counter.ts";
import { evolveMesh, type MeshState, newMesh } from "../../../src/domain/mesh/state.ts";

const word = { zone: "eu", program: "mesh/1", protocol: 1, host: "h1" };
const heard = (at = 0, change: object = {}): MeshInput => ({
  type: "Heard",
  word: { ...word, ...change },
  at,
});
const drain = (zone: string, undo = false): MeshInput => ({ type: "Drain", zone, undo, actor: "ana@laptop" });

/** The state after these inputs, and the types of the events of the last one. */
function after(...inputs: readonly MeshInput[]): { state: MeshState; said: readonly string[] } {
  let state = newMesh;
  let said: readonly string[] = [];
  for (const input of inputs) {
    const events = decideMesh(state, input);
    said = events.map(({ type }) => type);
    state = events.reduce(evolveMesh, state);
  }
  return { state, said };
}

const timeText = (us: number) => `${us / 1e6} s`;
const closedFor = (state: MeshState, zone: string) => closedZone(state, zone, [])?.why;

describe("the mesh log", () => {
  it("tells a zone once, and again when it is another program or has another parent", () => {
    expect(after(heard()).said).toEqual(["ZoneSeen"]);
    expect(after(heard(), heard(9)).said).toEqual([]);
    expect(after(heard(), heard(9, { host: "h2" })).said).toEqual([]);
    expect(after(heard(), heard(9, { program: "mesh/2" })).said).toEqual(["ZoneSeen"]);
    expect(after(heard(), heard(9, { protocol: 2 })).said).toEqual(["ZoneSeen"]);
    // Another zone's word for one that is there is none.
    const moved = heard(9, { parent: "world" });
    expect(after(heard(), moved).said).toEqual([]);
    expect(after(heard(), { type: "Silent", zone: "eu", since: 8 }, moved).said).toEqual(["ZoneSeen"]);
    expect(after(moved, heard(9)).said).toEqual(["ZoneSeen"]);
  });

  it("closes a drained zone for new runs until that is undone", () => {
    expect(closedFor(after(heard()).state, "eu")).toBeUndefined();
    expect(closedFor(after(heard(), drain("eu")).state, "eu")).toBe("is drained (by ana@laptop)");
    expect(closedFor(after(heard(), drain("eu"), heard(9, { program: "mesh/2" })).state, "eu")).toContain(
      "drained",
    );
    expect(closedFor(after(heard(), drain("eu"), drain("eu", true)).state, "eu")).toBeUndefined();
  });

  it("answers every request to drain, also one that changes nothing", () => {
    expect(after(heard(), drain("eu"), drain("eu")).said).toEqual(["ZoneDrained"]);
    expect(after(heard(), drain("eu", true)).said).toEqual(["ZoneUndrained"]);
    const refused = decideMesh(after(heard()).state, drain("eu1"));
    expect(refused).toEqual([
      {
        type: "CommandRefused",
        command: "DrainZone",
        actor: "ana@laptop",
        reason: "zone eu1 was never heard (known: eu)",
      },
    ]);
  });

  it("takes a revoked zone as back only when it is heard later than what was under way", () => {
    const revoked: MeshInput = {
      type: "Revoked",
      zone: "eu",
      actor: "ana@laptop",
      at: 1_000_000,
      reason: "lost",
    };
    const { state } = after(heard(), revoked, heard(11_000_000));
    expect(closedFor(state, "eu")).toBe("is revoked (by ana@laptop: lost)");
    expect(after(heard(), revoked, heard(11_000_001)).said).toEqual(["ZoneSeen"]);
    expect(closedFor(after(heard(), revoked, heard(11_000_001)).state, "eu")).toBeUndefined();
  });

  it("says of a zone that is not there why: revoked, silent, or never heard", () => {
    const revoked: MeshInput = {
      type: "Revoked",
      zone: "eu",
      actor: "door-root (ana@laptop)",
      at: 61_000_000,
    };
    const gone = "zone eu was revoked at 61 s by door-root (ana@laptop)";
    expect(revokedText(after(heard(), revoked).state, "eu", timeText)).toBe(gone);
    expect(absentText(after(heard(), revoked).state, "eu", [], timeText)).toBe(gone);
    expect(revokedText(after(heard()).state, "eu", timeText)).toBeUndefined();
    const { state } = after(heard(), { type: "Silent", zone: "eu", since: 5_000_000 });
    expect(absentText(state, "eu", ["us"], timeText)).toBe(
      "zone eu is not up, heard last at 5 s (up: us); start it: mesh zone eu",
    );
    expect(absentText(state, "asia", ["us"], timeText)).toBe(
      "zone asia was never heard (known: eu, us); name another one, or start it: mesh zone asia",
    );
    expect(absentText(newMesh, "asia", [], timeText)).toContain("(no zone ever was)");
  });

  it("gives a zone below another one no runs of its own, unless it speaks for itself or is silent", () => {
    const lab = heard(0, { zone: "lab", parent: "shop" });
    const { state } = after(heard(), heard(0, { zone: "shop", parent: "eu" }), lab);
    expect(closedZone(state, "lab", ["eu"])).toEqual({
      zone: "lab",
      why: "is below zone shop",
      hint: "name zone eu: it gives lab its part",
    });
    expect(closedZone(state, "lab", ["eu", "lab"])).toBeUndefined();
    const silent: MeshInput = { type: "Silent", zone: "lab", since: 8 };
    expect(closedZone(after(heard(), lab, silent).state, "lab", [])).toBeUndefined();
  });

  it("tells once that a zone is silent, and once that it is back", () => {
    const silent: MeshInput = { type: "Silent", zone: "eu", since: 5_000_000 };
    expect(after(heard(), silent).said).toEqual(["ZoneSilent"]);
    expect(after(heard(), silent, silent).said).toEqual([]);
    expect(after(silent).said).toEqual([]);
    const { state } = after(heard(), silent);
    expect(decideMesh(state, heard(65_250_000))).toEqual([
      { type: "ZoneReturned", zone: "eu", silentMs: 60_250 },
    ]);
    expect(after(heard(), silent, heard(9), heard(10)).said).toEqual([]);
  });

  it("copies a zone's fact once", () => {
    const access = (sequence: number): MeshInput => ({
      type: "ZoneAccess",
      zone: "eu",
      refusal: refusal(),
      origin: { stream: "up", sequence, id: "i" },
    });
    expect(after(access(4), access(4)).said).toEqual([]);
    expect(after(access(4), access(3)).said).toEqual([]);
    expect(after(access(4), access(5)).said).toEqual(["AccessRefused"]);
  });

  it("tells a removal once, though its command may come twice", () => {
    const removed: MeshInput = { type: "Removed", run: "r", actor: "ana@laptop" };
    expect(after(removed).said).toEqual(["RunRemoved"]);
    expect(after(removed, removed).said).toEqual([]);
  });
});

const refusal = (change: Partial<AccessRefusal> = {}): AccessRefusal => ({
  server: "hub",
  principal: "zone-eu",
  operation: "publish",
  subject: "mesh.z.us.beat",
  at: 5,
  count: 1,
  ...change,
});
const SECOND = 1_000_000;

describe("the counter of refused accesses", () => {
  it("tells the first at once, and the same again as one when its minute is over", () => {
    const counter = new RefusalCounter();
    expect(counter.offer(refusal(), 0)).toEqual(refusal());
    expect(counter.offer(refusal({ at: 7 }), SECOND)).toBeUndefined();
    expect(counter.offer(refusal({ count: 40 }), 2 * SECOND)).toBeUndefined();
    expect(counter.due(59 * SECOND)).toEqual([]);
    expect(counter.due(60 * SECOND)).toEqual([refusal({ at: 7, count: 41 })]);
    expect(counter.due(200 * SECOND)).toEqual([]);
    expect(counter.offer(refusal({ at: 9 }), 201 * SECOND)).toEqual(refusal({ at: 9 }));
  });

  it("tells other principals and other subjects apart", () => {
    const counter = new RefusalCounter();
    counter.offer(refusal(), 0);
    expect(counter.offer(refusal({ principal: "zone-us" }), 1)).toBeDefined();
    expect(counter.offer(refusal({ subject: ">" }), 1)).toBeDefined();
    expect(counter.offer(refusal({ operation: "subscribe" }), 1)).toBeDefined();
  });

  it("stays small whoever tries what", () => {
    const counter = new RefusalCounter();
    const told: AccessRefusal[] = [];
    for (let i = 0; i < 5000; i += 1) {
      const tried = refusal({ principal: `p${i % 100}`, subject: `mesh.${i}` });
      const now = counter.offer(tried, i);
      if (now !== undefined) told.push(now);
    }
    expect(told.length).toBeLessThan(250);
    const counted = [...told, ...counter.due(100 * SECOND)];
    expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(5000);
    expect(counted.some(({ principal }) => principal === OTHERS)).toBe(true);
  });
});

describe("a script that an owner refuses", () => {
  it("is refused by the zone whose owner it is, whoever tells of it", () => {
    const cause = { kind: "guard-refused", message: "no", by: "the owner of zone lab" } as const;
    const origin = { stream: "MESH_UP_fra_EVENTS", sequence: 3, id: "e" };
    const said = { type: "ShareRefused", run: "r", cause } as const;
    expect(meshInputOf("fra", said, origin)).toMatchObject({ type: "ScriptRefused", zone: "fra" });
    expect(meshInputOf("fra", { ...said, zone: "lab", origin }, origin)).toMatchObject({ zone: "lab" });
  });
});
