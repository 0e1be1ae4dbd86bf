import { describe, expect, it } from "vitest";
import { Tape } from "../../../../src/cli/live/tape.ts";
import { addFrame, framesOf, livePlan, upToStart, viewOf } from "./fixture.ts";

/** The tape of a run of so many windows, with what its door has folded. */
function taped(windowMs: number, windows: number, order = (n: number) => n) {
  const plan = livePlan({}, windowMs);
  const view = viewOf(upToStart(plan));
  const tape = new Tape(plan);
  const frames = framesOf({ windows, windowMs });
  for (let n = 0; n < windows; n += 1) {
    const head = addFrame(view, frames[order(n)] as Uint8Array);
    if (view.metrics !== undefined) tape.add(view.metrics, head);
  }
  if (view.metrics === undefined) throw new Error("no plan");
  return { tape, recent: tape.recent(view.metrics) };
}

const requests = ({ tape }: ReturnType<typeof taped>) => tape.ticks.map(({ counts }) => counts.requests);

describe("the tape", () => {
  it("counts second by second, whatever the windows are", () => {
    expect(requests(taped(1000, 4))).toEqual([200, 200, 200, 200]);
    expect(requests(taped(200, 22))).toEqual([200, 200, 200, 200]);
    expect(requests(taped(2000, 3))).toEqual([400, 400, 400]);
  });

  it("counts what comes late where it belongs", () => {
    const late = (n: number) => [0, 2, 3, 1, 4][n] ?? n;
    expect(requests(taped(1000, 5, late))).toEqual([200, 200, 200, 200, 200]);
  });

  it("takes the last five seconds as now, the one that goes on included", () => {
    const { recent } = taped(200, 47);
    expect([recent.fromMs, recent.toMs]).toEqual([5000, 9400]);
    expect(recent.counts.requests).toBe(880);
    expect(recent.quantiles).toHaveLength(3);
  });

  it("forgets what is two minutes old", () => {
    const { tape } = taped(1000, 130);
    expect(tape.ticks).toHaveLength(120);
    expect(tape.totals.requests).toBe(26_000);
  });
});
