/** What `mesh run` takes from root's lines while it waits for its own run to land. */
import { expect, it } from "vitest";
import { LandingWatch } from "../../../src/cli/run/landing-watch.ts";

const heard = (...lines: readonly string[]) => {
  const notes: string[] = [];
  const watch = new LandingWatch((line) => notes.push(line), "mine");
  return [lines.map((line) => watch.hears(line)), notes];
};

it("a reason why our run lands later ends the wait, and is told without its name", () => {
  expect(heard("[root] history lands later: run mine: it is away; try again")).toEqual([
    [true],
    ["history lands later: it is away; try again"],
  ]);
});

it("a reason for all runs is one for ours", () => {
  const line = "history lands later: no ClickHouse is known for this mesh";
  expect(heard(`[root] ${line}`)).toEqual([[true], [line]]);
});

it("a reason why another run lands later says nothing about ours", () => {
  expect(heard("[root] history lands later: run mine-2: it is away", "[zone] leading")).toEqual([
    [false, false],
    [],
  ]);
});
