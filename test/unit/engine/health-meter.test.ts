import { expect, it } from "vitest";
import { HealthMeter } from "../../../src/engine/health-meter.ts";

/** Blocks the loop as a script does. */
function block(ms: number): void {
  const untilMs = performance.now() + ms;
  while (performance.now() < untilMs);
}

it("tells a stall whose window is closed before any timer has its turn, once", () => {
  const meter = new HealthMeter("a", 0, 500_000);
  meter.take();
  block(120);
  expect(meter.take().loopDelayUsMax).toBeGreaterThanOrEqual(95_000);
  expect(meter.take().loopDelayUsMax).toBeLessThan(95_000);
});

it("tells a stall that timers have seen", async () => {
  const meter = new HealthMeter("a", 0, 500_000);
  const probes = new Promise((resolve) => setTimeout(resolve, 60));
  block(120);
  await probes;
  await new Promise(setImmediate);
  expect(meter.take().loopDelayUsMax).toBeGreaterThanOrEqual(95_000);
});
