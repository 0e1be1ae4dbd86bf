/** The ledger by double entry: what balances, what is lost, what disagrees. */
import { describe, expect, it } from "vitest";
import { ledger } from "../../../src/domain/summary/ledger.ts";

const tally = (planned: number, completed: number, interrupted = 0, dropped = 0) => ({
  planned,
  started: completed + interrupted,
  completed,
  interrupted,
  dropped,
});

const counts = (completed: number, interrupted = 0, dropped = 0) => ({
  started: completed + interrupted,
  completed,
  interrupted,
  dropped,
});

describe("ledger", () => {
  it("balances when both entries agree", () => {
    const agents = [
      { agent: "a", tallies: { s: tally(60, 58, 1, 1), t: tally(5, 5) } },
      { agent: "b", tallies: { s: tally(40, 40) } },
    ];
    const drawn = ledger({ s: 100, t: undefined }, { s: counts(98, 1, 1), t: counts(5) }, agents);
    expect(drawn.mismatches).toEqual([]);
    expect(drawn.total).toEqual({ planned: 105, completed: 103, interrupted: 1, dropped: 1, lost: 0 });
    expect(drawn.scenarios["s"]).toEqual({
      planned: 100,
      completed: 98,
      interrupted: 1,
      dropped: 1,
      lost: 0,
    });
    expect(drawn.agents["a"]).toEqual({ planned: 65, completed: 63, interrupted: 1, dropped: 1, lost: 0 });
  });

  it("states what a lost agent planned and nobody counted as lost", () => {
    const agents = [
      { agent: "a", tallies: { s: tally(50, 50) } },
      { agent: "b", tallies: undefined },
    ];
    const drawn = ledger({ s: 100 }, { s: { ...counts(80), started: 82 } }, agents);
    expect(drawn.mismatches).toEqual([]);
    expect(drawn.scenarios["s"]).toMatchObject({ planned: 100, completed: 80, lost: 20 });
    expect(drawn.agents["b"]).toEqual({ planned: 50, completed: 30, interrupted: 0, dropped: 0, lost: 20 });
  });

  it("gives each lost agent its line where what its zone knows is all that the intervals count", () => {
    const lost = [
      { agent: "c", tallies: undefined, known: { s: { ...tally(40, 10), started: 12 } } },
      { agent: "b", tallies: undefined, known: { s: tally(35, 20, 0, 1), t: tally(3, 3) } },
    ];
    const agents = [{ agent: "a", tallies: { s: tally(25, 25) } }, ...lost];
    const merged = { s: { started: 57, completed: 55, interrupted: 0, dropped: 1 }, t: counts(3) };
    const drawn = ledger({ s: 100, t: undefined }, merged, agents);
    expect(drawn.mismatches).toEqual([]);
    expect(drawn.agents).toEqual({
      a: { planned: 25, completed: 25, interrupted: 0, dropped: 0, lost: 0 },
      b: { planned: 38, completed: 23, interrupted: 0, dropped: 1, lost: 14 },
      c: { planned: 40, completed: 10, interrupted: 0, dropped: 0, lost: 30 },
    });
    // Something of one of them came after its zone had given it up: whose it is, nobody can tell.
    const later = { ...merged, s: { ...merged.s, started: 58, completed: 56 } };
    expect(Object.keys(ledger({ s: 100, t: undefined }, later, agents).agents)).toEqual(["a", "b, c"]);
  });

  it("puts several lost agents on one line, because intervals do not tell them apart", () => {
    const lost = [
      { agent: "c", tallies: undefined },
      { agent: "b", tallies: undefined },
    ];
    const drawn = ledger({ s: 100 }, { s: counts(10) }, lost);
    expect(drawn.agents).toEqual({
      "b, c": { planned: 100, completed: 10, interrupted: 0, dropped: 0, lost: 90 },
    });
  });

  it("counts the part of agents that never began as dropped", () => {
    const idle = ["c", "b"].map((agent) => ({ agent, tallies: {}, began: false }));
    const all = ledger({ s: 100, t: undefined }, {}, idle);
    expect(all.mismatches).toEqual([]);
    expect(all.total).toEqual({ planned: 100, completed: 0, interrupted: 0, dropped: 100, lost: 0 });
    const some = ledger({ s: 100 }, { s: counts(20, 1, 19) }, [
      { agent: "a", tallies: { s: tally(40, 20, 1, 19) }, began: true },
      ...idle,
    ]);
    expect(some.mismatches).toEqual([]);
    expect(some.scenarios["s"]).toEqual({
      planned: 100,
      completed: 20,
      interrupted: 1,
      dropped: 79,
      lost: 0,
    });
    expect(some.agents["b, c"]).toMatchObject({ planned: 60, dropped: 60 });
    const lossy = ledger({ s: 100 }, { s: counts(20) }, [{ agent: "a", tallies: undefined }, ...idle]);
    expect([lossy.mismatches, lossy.total.lost]).toEqual([[], 80]);
    expect(ledger({ s: undefined }, {}, idle).agents).toHaveProperty("b");
  });

  it("reports each entry in which intervals and agents differ", () => {
    const agents = [{ agent: "a", tallies: { s: tally(100, 100) } }];
    expect(ledger({ s: 100 }, { s: counts(99) }, agents).mismatches).toEqual([
      "Scenario s: agents state 100 started, the intervals count 99",
      "Scenario s: agents state 100 completed, the intervals count 99",
      "Scenario s: 100 planned, but 99 accounted for",
    ]);
  });

  it("reports an agent whose own totals do not balance", () => {
    const agents = [{ agent: "a", tallies: { s: { ...tally(10, 8), started: 9 } } }];
    const { mismatches } = ledger({ s: 10 }, { s: { ...counts(8), started: 9 } }, agents);
    expect(mismatches).toContain("Agent a, scenario s: 9 started, 8 ended");
    expect(mismatches).toContain("Agent a, scenario s: 10 planned, but 8 accounted for");
  });

  it("never lets a loss hide a surplus", () => {
    const agents = [{ agent: "a", tallies: undefined }];
    const { mismatches, scenarios } = ledger({ s: 10 }, { s: counts(12) }, agents);
    expect(scenarios["s"]?.lost).toBe(0);
    expect(mismatches).toEqual(["Scenario s: 10 planned, but 12 accounted for"]);
  });

  it("reports a loss in the intervals even when an agent was lost", () => {
    const agents = [
      { agent: "a", tallies: { s: tally(10, 10) } },
      { agent: "b", tallies: undefined },
    ];
    expect(ledger({ s: 20 }, { s: counts(9) }, agents).mismatches[0]).toMatch(/agents state 10 started/);
  });
});
