/** Notes on a run: taken at any time, each command once, and nothing else changes. */
import { describe, expect, it } from "vitest";
import { decide } from "../../../src/domain/run/decide.ts";
import { evolve } from "../../../src/domain/run/evolve.ts";
import { newRun } from "../../../src/domain/run/state.ts";
import { given, planned } from "./fixture.ts";

const note = { type: "Note", id: "n1", text: "the cache was cold", actor: "ada" } as const;
const verdict = { type: "VerdictGiven", revision: 0, outcome: "passed", exitCode: 0, message: "" } as const;

describe("a note", () => {
  it("is taken while the run goes on, and after its verdict", () => {
    for (const { state } of [given(planned()), given(planned(), verdict)]) {
      const events = decide(state, note);
      expect(events).toEqual([{ type: "NoteAdded", id: "n1", text: "the cache was cold", actor: "ada" }]);
      const after = events.reduce(evolve, state);
      expect(after.notes).toEqual([{ id: "n1", text: "the cache was cold", actor: "ada" }]);
      expect({ ...after, notes: [], revision: 0 }).toEqual({ ...state, notes: [], revision: 0 });
    }
  });

  it("is taken once, though its command is delivered twice", () => {
    const { state } = given(planned());
    const once = decide(state, note).reduce(evolve, state);
    expect(decide(once, note)).toEqual([]);
    expect(decide(once, { ...note, id: "n2" })).toHaveLength(1);
  });

  it("is nothing to a run that never was", () => {
    expect(decide(newRun, note)).toEqual([]);
  });
});
