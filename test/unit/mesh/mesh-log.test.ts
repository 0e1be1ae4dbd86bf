/** The rules of the mesh log: what is news of a zone, who may be drained, how refused accesses are counted. */
import { describe, expect, it } from "vitest";
import type { AccessRefusal } from "../../../streams/schema/access.ts";
import { absentText, closedZone, revokedText } from "../../../src/domain/mesh/closed-zones.ts";
import { decideMesh, type MeshInput } from "../../../src/domain/mesh/decide.ts";
import { meshInputOf } from "../../../src/domain/mesh/from-zone.ts";
import { NewsBudget } from "../../../src/domain/mesh/news-budget.ts";
import { OTHERS, RefusalCounter } from "../../../src/domain/mesh/refusal-counter.ts";
import { evolveMesh, type MeshState, newMesh } from "../../../src/domain/mesh/state.ts";

const word = { zone: "eu", program: "mesh/1", protocol: 1, host: "h1" };
const heard = (
  at = 0,
  change: Partial<typeof word & { readonly parent: string }> = {},
  teller = change.parent ?? change.zone ?? word.zone,
): MeshInput => ({ type: "Heard", word: { ...word, ...change }, at, teller });
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
    const lab = heard(0, { zone: "lab", parent: "shop" }, "eu");
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

  it("believes no zone about what is below another one", () => {
    const ofUs = heard(0, { zone: "lab", parent: "us" });
    const { state } = after(heard(), heard(0, { zone: "us" }), ofUs);
    const claims = [
      heard(9, { zone: "lab", parent: "eu" }),
      heard(9, { zone: "new", parent: "us" }, "eu"),
      heard(9, { zone: "new", parent: "lab" }, "eu"),
      heard(9, { zone: "new", parent: "nobody" }, "eu"),
    ];
    expect(claims.flatMap((claim) => decideMesh(state, claim))).toEqual([]);
    const silent = after(heard(), heard(0, { zone: "us" }), ofUs, { type: "Silent", zone: "lab", since: 1 });
    expect(decideMesh(silent.state, heard(9, { zone: "lab", parent: "us" }, "eu"))).toEqual([]);
    expect(decideMesh(state, heard(9, { zone: "new", parent: "lab" }, "us"))).toHaveLength(1);
  });

  it("takes so many names of each zone, and not of all together", () => {
    const many = Array.from({ length: 1100 }, (_, n) => heard(0, { zone: `made-up-${n}`, parent: "eu" }));
    const { said, state } = after(heard(), heard(0, { zone: "us" }), ...many);
    expect([Object.keys(state.zones).length, said]).toEqual([1002, []]);
    expect(decideMesh(state, heard(9, { zone: "lab", parent: "us" }))).toHaveLength(1);
  });

  it("copies a zone's fact once, and what was counted although later facts were told before", () => {
    const access = (sequence: number): MeshInput => ({
      type: "ZoneAccess",
      zone: "eu",
      refusal: refusal(),
      origin: { stream: "up", sequence, id: "i" },
    });
    expect(after(access(4), access(4)).said).toEqual([]);
    expect(after(access(4), access(3)).said).toEqual([]);
    expect(after(access(4), access(5)).said).toEqual(["AccessRefused"]);
    const counted = { ...access(3), counted: true } as MeshInput;
    expect(after(access(4), counted).said).toEqual(["AccessRefused"]);
    expect(after(access(4), counted, access(4)).said).toEqual([]);
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

  it("tells zones apart, and of several as one where the last of them came from", () => {
    const counter = new RefusalCounter<AccessRefusal & { zone: string; sequence: number }>();
    const told = (zone: string, sequence: number, count = 1) => ({ ...refusal({ count }), zone, sequence });
    expect(counter.offer(told("lab", 1), 0)).toEqual(told("lab", 1));
    expect(counter.offer(told("cellar", 2), 0)).toEqual(told("cellar", 2));
    counter.offer(told("lab", 3, 5), 0);
    counter.offer(told("lab", 4, 6), 0);
    expect(counter.due(60 * SECOND)).toEqual([told("lab", 4, 11)]);
  });

  it("keeps what it is told short, and its counts whole", () => {
    const counter = new RefusalCounter();
    const long = refusal({ detail: "x".repeat(100_000), count: Number.MAX_SAFE_INTEGER });
    expect(counter.offer(long, 0)?.detail).toHaveLength(1000);
    counter.offer(long, 0);
    counter.offer(long, 0);
    expect(counter.due(60 * SECOND)[0]?.count).toBe(Number.MAX_SAFE_INTEGER);
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
    const { state } = after(heard(0, { zone: "fra" }), heard(0, { zone: "lab", parent: "fra" }));
    expect(meshInputOf(state, "fra", said, origin)).toMatchObject({ type: "ScriptRefused", zone: "fra" });
    expect(meshInputOf(state, "fra", { ...said, zone: "lab", origin }, origin)).toMatchObject({
      zone: "lab",
    });
  });

  it("is not refused by a zone that is not below the one that tells of it", () => {
    const { state } = after(heard(0, { zone: "fra" }), heard(0, { zone: "lab", parent: "fra" }), heard());
    const said = {
      type: "ShareRefused",
      run: "r",
      cause: { kind: "guard-refused", message: "no", by: "" },
    } as const;
    const origin = { stream: "MESH_UP_eu_EVENTS", sequence: 3, id: "e" };
    for (const zone of ["fra", "lab", "nobody"])
      expect(meshInputOf(state, "eu", { ...said, zone, origin }, origin)).toMatchObject({ zone: "eu" });
  });
});

describe("news of zones", () => {
  const MINUTE = 60 * SECOND;

  it("of one zone are as many as it may have zones below it, then one a second", () => {
    const budget = new NewsBudget();
    const told = (now: number) =>
      Array.from({ length: 3000 }, () => budget.take("eu", undefined, now)).filter(Boolean).length;
    expect([told(0), told(0), told(10 * SECOND), told(1000 * MINUTE)]).toEqual([1001, 0, 10, 1001]);
    expect([budget.hasRoom("eu", 1000 * MINUTE), budget.hasRoom("us", 0)]).toEqual([false, true]);
  });

  it("say once a minute that a zone is another program", () => {
    const budget = new NewsBudget();
    const takes = [0, 1, MINUTE - 1, MINUTE].map((now) => budget.take("eu", "eu", now));
    expect(takes).toEqual([true, false, false, true]);
    expect([budget.take("eu", "lab", MINUTE), budget.take("eu", undefined, MINUTE)]).toEqual([true, true]);
  });
});
