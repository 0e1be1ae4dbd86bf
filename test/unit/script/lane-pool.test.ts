import { expect, it } from "vitest";
import type { Lane } from "../../../src/script/lane.ts";
import { LanePool } from "../../../src/script/lane-pool.ts";
import { targetOf } from "../../../src/script/targets.ts";

it("keeps idle lanes to so many origins, and closes those of the first beyond", () => {
  const open = new Set<string>();
  const pool = new LanePool(({ origin }): Lane => {
    open.add(origin);
    return {
      usable: true,
      dispatch: () => undefined,
      takeBytes: () => undefined,
      destroy: () => void open.delete(origin),
    };
  });
  for (let host = 0; host < 500; host++) {
    const target = targetOf(`http://host-${host}.example/`);
    pool.give(target, pool.take(target), undefined);
  }
  expect(open.size).toBe(64);
  expect(open.has("http://host-499.example")).toBe(true);
  expect(open.has("http://host-0.example")).toBe(false);
});
