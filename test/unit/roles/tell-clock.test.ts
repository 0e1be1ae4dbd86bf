/** What a role says of clocks: of its machine's, and of its server's, which no test of processes can shift. */
import { expect, it } from "vitest";
import { tellClock, tellServerClocks } from "../../../src/roles/tell-clock.ts";
import type { ServerClock } from "../../../src/ports/server.ts";

const HOUR_US = 3_600_000_000;

/** A server's clock that is so far ahead of this machine's. */
const clock = (offsetUs: number, errorUs = 500): ServerClock => ({
  now: () => 0,
  monotonicNs: () => 0n,
  instantUs: () => 0,
  elapsedMs: () => 0,
  offsetUs,
  errorUs,
});

function said(tell: (note: (line: string) => void) => void): string {
  const lines: string[] = [];
  tell((line) => lines.push(line));
  return lines.join("\n");
}

it("is silent of clocks that may be right, as well as was measured", () => {
  expect(said((note) => tellClock(clock(900_000), note))).toBe("");
  expect(said((note) => tellClock(clock(1_500_000, 600_000), note))).toBe("");
  // The machine is an hour off; both servers agree.
  expect(said((note) => tellServerClocks(clock(HOUR_US), clock(HOUR_US + 2000), note))).toBe("");
});

it("says whose clock is how far off, and which way", () => {
  expect(said((note) => tellClock(clock(HOUR_US), note))).toMatch(
    /^the clock of this machine is 1h0m0s behind its NATS server's: runs are right all the same, .* set-ntp true$/,
  );
  expect(said((note) => tellServerClocks(clock(63_000_000), clock(0), note))).toMatch(
    /^the clock of this zone's server is 63\.0 s ahead of that of the server above: /,
  );
});
