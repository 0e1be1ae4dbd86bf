import { describe, expect, it } from "vitest";
import { plainLines } from "../../../../src/cli/live/plain-lines.ts";
import type { Plan } from "../../../../streams/schema/plan.ts";
import { addFrame, framesOf, life, livePlan, upToStart, viewOf } from "./fixture.ts";

const stored = undefined as never;

/** The lines of a run of so many windows, with its verdict at the end. */
function linesOf(plan: Plan, windows: number): readonly string[] {
  const lines: string[] = [];
  const follower = plainLines("r1", (line) => lines.push(line));
  const view = viewOf(upToStart(plan));
  follower.onEvent?.(life.planned(plan), stored, view);
  for (const frame of framesOf({ windows, windowMs: plan.windowMs })) {
    follower.onInterval?.(view, stored, addFrame(view, frame));
  }
  const verdict = { type: "VerdictGiven", revision: 0, outcome: "passed", exitCode: 0, message: "" } as const;
  follower.onEvent?.(verdict, stored, view);
  return lines;
}

const clocks = (lines: readonly string[]) => lines.slice(1).map((line) => line.split(" ")[0]);

const lasting = (seconds: number, windowMs = 1000): Plan => {
  const plan = livePlan({}, windowMs);
  const scenarios = Object.entries(plan.scenarios).map(([name, scenario]) => [
    name,
    { ...scenario, durationMs: seconds * 1000 },
  ]);
  return { ...plan, scenarios: Object.fromEntries(scenarios) as Plan["scenarios"] };
};

describe("plain lines", () => {
  it("come each second of a short run, with the same keys each time", () => {
    const lines = linesOf(lasting(30), 3);
    expect(lines[0]).toBe("run r1: ordering over fra, iad, syd");
    expect(clocks(lines)).toEqual(["1s/30s", "2s/30s", "3s/30s"]);
    expect(lines[2]).toMatch(
      /^2s\/30s {2}iterations=400 {2}requests=400 {2}failed=0% {2}rps=200\.0 {2}p50=[\d.]+ms {2}p95=[\d.]+ms {2}p99=[\d.]+ms {2}dropped=0 {2}vus=20$/,
    );
  });

  it("come each second of short windows, too", () => {
    expect(clocks(linesOf(lasting(30, 200), 11))).toEqual(["1s/30s", "2s/30s", "2s/30s"]);
  });

  it("come every five seconds of a long run after its beginning, and once at its end", () => {
    const beginning = ["1s/120s", "2s/120s", "3s/120s", "4s/120s", "5s/120s"];
    expect(clocks(linesOf(lasting(120), 17))).toEqual([...beginning, "10s/120s", "15s/120s", "17s/120s"]);
  });

  it("say how long a run has gone beyond its planned end", () => {
    expect(clocks(linesOf(lasting(2), 4))).toEqual(["1s/2s", "2s/2s", "2s+1s", "2s+2s"]);
  });
});
