/**
 * What scripts draw by chance: `Math` with a `random` of its own for each VU, and k6-utils' few functions on it. Under
 * the same seed an iteration draws the same again, wherever it runs. `node:crypto` stays what it is.
 */
import { randomUUID } from "node:crypto";
import type { RandomFunctions } from "./api.ts";
import type { RandomStream } from "./random-stream.ts";

const LETTERS = "abcdefghijklmnopqrstuvwxyz";
const HEX = "0123456789abcdef";

/** Everything of `Math`, and chance from the stream. */
export function mathOf(stream: RandomStream): Math {
  return Object.create(Math, {
    random: { value: stream.next, writable: true, configurable: true },
  }) as Math;
}

function wholeBetween(stream: RandomStream, min: number, max: number): number {
  if (!Number.isFinite(min) || !Number.isFinite(max) || max < min) {
    const given = `${String(min)}, ${String(max)}`;
    throw new TypeError(`randomIntBetween(${given}): give two numbers, the smaller one first`);
  }
  return Math.floor(stream.next() * (max - min + 1) + min);
}

function textOf(stream: RandomStream, length: number, alphabet: string): string {
  let text = "";
  for (let at = 0; at < length; at++) text += alphabet[Math.floor(stream.next() * alphabet.length)] ?? "";
  return text;
}

function uuidOf(stream: RandomStream): string {
  const digits = textOf(stream, 30, HEX);
  const variant = HEX[8 + Math.floor(stream.next() * 4)] ?? "8";
  const parts = [digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(12, 15)}`];
  return [...parts, `${variant}${digits.slice(15, 18)}`, digits.slice(18)].join("-");
}

/** The functions of one VU. */
export function randomFunctions(stream: RandomStream): RandomFunctions {
  return {
    randomIntBetween: (min, max) => wholeBetween(stream, min, max),
    // As in k6-utils, an empty list has no item.
    randomItem: <T>(items: readonly T[]): T => items[Math.floor(stream.next() * items.length)] as T,
    randomString: (length, alphabet = LETTERS) => textOf(stream, length, alphabet),
    uuidv4: (secure = false) => (secure ? randomUUID() : uuidOf(stream)),
  };
}
