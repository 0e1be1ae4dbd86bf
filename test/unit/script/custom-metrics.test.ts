import { describe, expect, it } from "vitest";
import { declareMetric } from "../../../src/script/custom-metrics.ts";
import { InFlight } from "../../../src/script/in-flight.ts";

describe("a custom metric", () => {
  it("is the same for every VU that declares it", () => {
    const known = new Map();
    expect(declareMetric(known, "basket", "trend", true)).toBe(declareMetric(known, "basket", "trend", true));
  });

  it.each([
    ["basket", "counter", false, /is a trend already; it cannot be a counter/],
    ["basket", "trend", false, /cannot be a trend \(default\) too/],
    ["http_reqs", "counter", false, /is built in/],
    ["9lives", "counter", false, /must be letters/],
    ["a-b", "counter", false, /must be letters/],
  ] as const)("named %s as %s (time: %s) is refused", (name, kind, isTime, message) => {
    const known = new Map();
    declareMetric(known, "basket", "trend", true);
    expect(() => declareMetric(known, name, kind, isTime)).toThrow(message);
  });
});

describe("calls in flight", () => {
  it("are waited for, and keep the place of the one that was forgotten", async () => {
    const inFlight = new InFlight({ warned: false, seen: false });
    inFlight.reset();
    const awaited = inFlight.begin();
    const forgotten = inFlight.begin();
    inFlight.end(awaited);
    expect(inFlight.place).toContain("custom-metrics.test.ts");
    const idle = inFlight.whenIdle();
    inFlight.end(forgotten);
    await idle;
    expect(inFlight.count).toBe(0);
    expect(inFlight.place).toBeUndefined();
  });

  it("are not traced once the author was told", () => {
    const inFlight = new InFlight({ warned: true, seen: true });
    expect(inFlight.begin()).toBeNull();
  });
});
