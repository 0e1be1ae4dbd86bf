/** The comparison of server versions: a server that is too old must not pass for a new one. */
import { describe, expect, it } from "vitest";
import { olderThan } from "../../../src/nats/connect.ts";
import { microseconds } from "../../../src/nats/nats-log.ts";

describe("version of a server", () => {
  it.each([
    ["2.14.9", "2.15.0"],
    ["2.9.10", "2.15.0"],
    ["1.99.99", "2.15.0"],
    ["2.15.0", "2.15.1"],
    ["0", "2.15.0"],
    ["", "2.15.0"],
  ])("%s is older than %s", (version, minimum) => {
    expect(olderThan(version, minimum)).toBe(true);
  });

  it.each([
    ["2.15.0", "2.15.0"],
    ["2.15.1", "2.15.0"],
    ["2.15.0-RC.1", "2.15.0"],
    ["2.100.0", "2.15.0"],
    ["3.0.0", "2.15.9"],
  ])("%s is not older than %s", (version, minimum) => {
    expect(olderThan(version, minimum)).toBe(false);
  });
});

describe("timestamp of a server", () => {
  it.each([
    ["2026-11-22T00:00:00Z", 1_795_305_600_000_000],
    ["2026-11-22T00:00:00.5Z", 1_795_305_600_500_000],
    ["2026-11-22T00:00:00.000001999Z", 1_795_305_600_000_001],
    ["2026-11-22T01:00:00.123456789+01:00", 1_795_305_600_123_456],
  ])("%s is %d µs", (timestamp, us) => {
    expect(microseconds(timestamp)).toBe(us);
  });
});
