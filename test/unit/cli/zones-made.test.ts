/** Zones of which a hub has records, beside those that are known from their own words. */
import { describe, expect, it } from "vitest";
import { stateText, withMade, zonesText } from "../../../src/cli/zones/list.ts";
import { zoneText } from "../../../src/cli/zones/show.ts";
import { newMesh } from "../../../src/domain/mesh/state.ts";
import { zoneRows } from "../../../src/roles/door/mesh-zones.ts";

const words = {
  zone: "eu",
  parent: null,
  incarnation: 1,
  protocol: 1,
  program: "0.6.0",
  host: "h",
  pid: 1,
  runs: [],
  agents: [],
  heardAt: 1,
  delayMs: 1,
};
const heard = zoneRows({ state: newMesh, decidedAt: {} }, [words], 1);

describe("zones of a hub's records", () => {
  it("are listed as made where nobody ever heard them, and change nothing of those that were heard", () => {
    const all = withMade(heard, ["eu", "us"]);
    expect(all.map((row) => [row.zone, stateText(row)])).toEqual([
      ["eu", "up"],
      ["us", "made, never heard"],
    ]);
    expect(all[0]).toEqual(heard[0]);
    expect(zonesText(all, 1)).toMatch(/^us +- +made, never heard( +-)+$/m);
    expect(zoneText(all[1]!, [], 1).split("\n")).toEqual([
      "zone      us",
      "parent    root",
      "state     made, never heard",
      "",
    ]);
  });
});
