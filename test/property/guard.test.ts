/** Laws of guard rails: parts of a ceiling sum to it in any tree, and an address is the same however it is spelled. */
import { describe, expect, it } from "vitest";
import { divideGuards, RATE_UNITS } from "../../src/domain/guard/ceilings.ts";
import { ipOf, ipRangeOf, isInRange } from "../../src/domain/guard/ip-range.ts";
import { TargetGuard } from "../../src/domain/guard/target-guard.ts";
import type { Guard } from "../../streams/schema/guard.ts";
import { between, heavyTailed, type Random, randomFrom } from "./random.ts";

const SEEDS = Array.from({ length: 300 }, (_, seed) => seed);

/** Guards of all leaves of a random tree below a node. */
function leavesBelow(random: Random, guards: readonly Guard[], depth: number): readonly (readonly Guard[])[] {
  if (depth === 0) return [guards];
  const weights = Array.from({ length: between(random, 1, 7) }, () => between(random, 0, 16));
  if (!weights.some((weight) => weight > 0)) weights[0] = 1;
  return weights.flatMap((_, index) =>
    leavesBelow(random, divideGuards(guards, { weights, index }), depth - 1),
  );
}

describe("ceilings, divided (segment law)", () => {
  it("sum to the whole over the leaves of any tree, in whole numbers", () => {
    for (const seed of SEEDS) {
      const random = randomFrom(seed);
      const [maxRate, maxRequests] = [1 + heavyTailed(random, 23), heavyTailed(random, 50)];
      const guards = [
        { zone: "world", maxRate, maxVus: 3 },
        { zone: "eu", maxRequests },
        { zone: "x", targets: ["*"] },
      ];
      const leaves = leavesBelow(random, guards, between(random, 1, 3));
      const sum = (of: (guards: readonly Guard[]) => number | undefined) =>
        leaves.reduce((total, leaf) => total + (of(leaf) ?? Number.NaN), 0);
      expect(
        sum((leaf) => leaf[0]?.part?.rate),
        `seed ${seed}`,
      ).toBe(maxRate * RATE_UNITS);
      expect(
        sum((leaf) => leaf[1]?.part?.requests),
        `seed ${seed}`,
      ).toBe(maxRequests);
      for (const leaf of leaves) {
        expect(leaf).toMatchObject(guards);
        for (const { part = {} } of leaf)
          for (const value of Object.values(part)) expect(value).toBeGreaterThanOrEqual(0);
      }
    }
  });
});

/** An IPv4 address as different programs write it, all of which a URL takes for the same. */
function spellings(random: Random, bytes: readonly number[]): readonly string[] {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const whole = ((a * 256 + b) * 256 + c) * 256 + d;
  const hex = (value: number) => `0x${value.toString(16)}`;
  const octal = (value: number) => `0${value.toString(8)}`;
  const any = (value: number) => [String(value), hex(value), octal(value)][between(random, 0, 2)];
  return [
    bytes.join("."),
    String(whole),
    hex(whole),
    octal(whole),
    bytes.map(any).join("."),
    `${any(a)}.${any((b * 256 + c) * 256 + d)}`,
    `${any(a)}.${any(b)}.${any(c * 256 + d)}`,
    `[::ffff:${bytes.join(".")}]`,
    `[0:0:0:0:0:FFFF:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}]`,
  ];
}

describe("an address", () => {
  it("is refused in every spelling, or in none", () => {
    const guard = new TargetGuard({
      zone: "eu",
      guards: [{ zone: "eu", targets: ["10.0.0.0/8"] }],
      planTargets: undefined,
      controlPlane: [],
    });
    for (const seed of SEEDS) {
      const random = randomFrom(seed);
      const first = [10, 127, 169, 192, 224, between(random, 1, 254)][between(random, 0, 5)] ?? 1;
      const bytes = [
        first,
        first === 169 ? 254 : between(random, 0, 255),
        between(random, 0, 255),
        between(random, 0, 255),
      ];
      const rails = spellings(random, bytes).map((text) => {
        const host = new URL(`http://${text}/`).hostname.replace(/^\[|\]$/g, "");
        return guard.refusal({ host, address: host, port: 80, scheme: "http", isRenamed: false })?.rail;
      });
      expect(new Set(rails).size, `seed ${seed}: ${bytes.join(".")}`).toBe(1);
    }
  });

  it("is in a range exactly if its first bits are those of the range", () => {
    for (const seed of SEEDS) {
      const random = randomFrom(seed);
      const bits = between(random, 0, 128);
      const number = () =>
        BigInt(`0x${Array.from({ length: 32 }, () => between(random, 0, 15).toString(16)).join("")}`);
      const text = (value: bigint) => (value.toString(16).padStart(32, "0").match(/.{4}/g) ?? []).join(":");
      const base = number();
      const flipped = base ^ (1n << BigInt(between(random, 0, 127)));
      const range = ipRangeOf(`${text(base)}/${bits}`);
      const other = ipOf(text(flipped));
      const same = (base ^ flipped) >> BigInt(128 - bits) === 0n;
      expect(range !== undefined && other !== undefined && isInRange(range, other), `seed ${seed}`).toBe(
        same,
      );
    }
  });
});
