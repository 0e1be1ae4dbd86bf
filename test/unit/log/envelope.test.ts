/** Headers that somebody else wrote: what of them is taken, and that nobody reads the body of what has others. */
import { describe, expect, it } from "vitest";
import { decodeBody, decodeEnvelope, encodeBody, encodeEnvelope } from "../../../src/domain/log/codec.ts";
import { headers } from "../../../streams/envelope.ts";

const forgotten = { type: "ShareForgotten", run: "r" };
const ours = {
  id: "zone-fra.7.2",
  type: "ShareForgotten",
  version: 1,
  time: 1_795_305_600_000_000,
  epoch: 2,
  actor: "fra",
  correlation: "r",
  causation: "r.4.2",
} as const;

const read = (change: Readonly<Record<string, string>>) => {
  const lines: Record<string, string> = { ...Object.fromEntries(encodeEnvelope(ours)), ...change };
  return decodeEnvelope((name) => lines[name] ?? "");
};
const take = (change: Readonly<Record<string, string>>) =>
  decodeBody("zone event", read(change), encodeBody(forgotten));

describe("headers", () => {
  it("of ours are read as they were written", () => {
    expect(read({})).toEqual(ours);
    expect(take({})).toEqual(forgotten);
  });

  it.each(["x", "NaN", "1e30", "-1", "1.5", "0x10", "9007199254740993", "Infinity", " 5"])(
    "that are no whole number (%s) are left out, and the body is nobody's",
    (value) => {
      for (const field of ["time", "epoch", "expires", "sequence"] as const) {
        expect(read({ [headers[field]]: value })[field]).toBe(0);
        expect(() => take({ [headers[field]]: value })).toThrow(`${headers[field]} is no whole number`);
      }
    },
  );

  it.each([
    ["longer than any of ours", "x".repeat(1001)],
    ["of two lines", "x\nNats-Msg-Id: y"],
  ])("that are %s are left out, and the body is nobody's", (_, value) => {
    for (const field of ["id", "actor", "causation"] as const) {
      expect(read({ [headers[field]]: value })[field]).toBe("");
      expect(() => take({ [headers[field]]: value })).toThrow(/is too long, or not one line/);
    }
  });
});

describe("a body that is not ours", () => {
  it("is refused in words of some length, whatever is in it", () => {
    const long = { type: "ShareForgotten", run: "x".repeat(100_000) };
    const reasonOf = () => {
      try {
        return JSON.stringify(decodeBody("zone event", ours, encodeBody(long)));
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(reasonOf().length).toBeLessThan(1200);
  });
});
