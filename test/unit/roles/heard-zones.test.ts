/** What a node knows of the zones below it: how long each is silent, and runs that one names though nobody above leads them. */
import { describe, expect, it } from "vitest";
import { HeardZones } from "../../../src/roles/heard-zones.ts";
import { PROTOCOL } from "../../../streams/version.ts";

const said = (...runs: readonly string[]) => ({
  type: "Beat" as const,
  node: "fra",
  session: "s",
  incarnation: 1,
  protocol: PROTOCOL,
  program: "mesh/1",
  host: "h",
  pid: 1,
  runs,
  agents: [],
});

describe("a run that nobody above leads", () => {
  it("is seen to once, when its zone has named it for a moment", () => {
    let now = 0;
    const zones = new HeardZones(() => now);
    const strays = (...runs: readonly string[]) => zones.strays(said(...runs), (run) => run === "led");
    expect(strays("led", "old")).toEqual([]);
    now = 2999;
    expect(strays("led", "old")).toEqual([]);
    now = 3000;
    expect(strays("led", "old")).toEqual(["old"]);
    zones.seenTo("fra", "old");
    now = 9000;
    expect(strays("led", "old")).toEqual([]);
  });

  it("counts anew when its zone names it again after it had let go of it", () => {
    let now = 0;
    const zones = new HeardZones(() => now);
    const strays = (...runs: readonly string[]) => zones.strays(said(...runs), () => false);
    strays("old");
    zones.seenTo("fra", "old");
    strays();
    now = 10_000;
    expect(strays("old")).toEqual([]);
    now = 13_000;
    expect(strays("old")).toEqual(["old"]);
  });
});

describe("a zone further down", () => {
  it("is silent since its last word, as the zone between tells it", () => {
    let now = 0;
    const zones = new HeardZones(() => now);
    const { type: _, node: __, session: ___, ...cellar } = said();
    now = 5000;
    zones.hear({ ...said(), below: [{ ...cellar, zone: "cellar", parent: "fra", silentMs: 400 }] });
    now = 7000;
    zones.hear(said());
    expect([zones.silentMs("fra"), zones.silentBelowMs("fra", "cellar")]).toEqual([0, 2400]);
    zones.excuse(1000);
    expect(zones.silentBelowMs("fra", "cellar")).toBe(1400);
    expect(zones.silentMs("cellar")).toBe(6000); // never a word of its own
  });
});

describe("levels of zones below one", () => {
  it("are as many as it ever told of, since it does not tell of one that it does not hear", () => {
    const zones = new HeardZones(() => 0);
    const { type: _, node: __, session: ___, ...about } = said();
    const below = (zone: string, parent: string) => ({ ...about, zone, parent, silentMs: 0 });
    expect(zones.levelsBelow("fra")).toBeUndefined();
    zones.hear({ ...said(), below: [below("lab", "fra"), below("cellar", "lab"), below("shed", "fra")] });
    zones.hear(said());
    expect(zones.levelsBelow("fra")).toBe(2);
  });

  it("has room beside all those that another zone tells of, whoever was first", () => {
    let now = 0;
    const zones = new HeardZones(() => now);
    const { type: _, node: __, session: ___, ...told } = said();
    const below = (...names: readonly string[]) =>
      names.map((zone) => ({ ...told, zone, parent: "fra", silentMs: 0 }));
    zones.hear({ ...said(), below: below(...Array.from({ length: 5000 }, (_none, n) => `made-up-${n}`)) });
    now = 5000;
    zones.hear({ ...said(), node: "iad", below: below("cellar") });
    zones.hear({ ...said(), below: below("cellar") });
    expect([zones.tellsOf("iad", "cellar"), zones.tellsOf("fra", "cellar")]).toEqual([true, false]);
    now = 6000;
    expect(zones.silentBelowMs("iad", "cellar")).toBe(1000);
  });
});

describe("a zone of another protocol", () => {
  it("is refused once and then not heard, whatever it says", () => {
    const zones = new HeardZones(() => 0);
    const other = { ...said("r"), protocol: PROTOCOL + 1 };
    expect([zones.hear(other), zones.hear(other), zones.hear(said())]).toEqual(["refused", "ignored", "new"]);
    expect(zones.hear(said())).toBe("known");
  });
});
