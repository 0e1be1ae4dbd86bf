import { describe, expect, it } from "vitest";
import { Wake } from "../../../src/engine/wake.ts";
import { WorkerLines } from "../../../src/engine/worker-lines.ts";

describe("a wait", () => {
  it("is never early and at most a few milliseconds late", async () => {
    const wake = new Wake();
    const dueMs = performance.now() + 20;
    await wake.until(() => (dueMs - performance.now()) * 1000);
    const lateMs = performance.now() - dueMs;
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(15);
  });

  it("ends at once when it is cut, and so does every later one", async () => {
    const wake = new Wake();
    const waiting = wake.until(() => 3_600_000_000);
    wake.cut();
    await waiting;
    await wake.until(() => 3_600_000_000);
    expect(wake.isCut).toBe(true);
  });
});

describe("output of a worker", () => {
  it("is passed on up to a limit and kept at its end", () => {
    const lines = new WorkerLines();
    const passed: string[] = [];
    lines.onLine((line) => passed.push(line));
    for (let number = 0; number < 1_000; number++) lines.take(`line ${number}`);
    expect(passed.length).toBeLessThanOrEqual(101);
    expect(lines.last.at(-1)).toBe("line 999");
    expect(lines.last).toHaveLength(20);
  });
});
