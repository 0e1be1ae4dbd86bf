import { describe, expect, it } from "vitest";
import { canRedraw, isUtf8, type Stream, Terminal } from "../../../../src/cli/live/terminal.ts";

const streamOf = (changes: Partial<Stream>): Stream => ({
  isTTY: true,
  columns: 100,
  rows: 30,
  write: () => true,
  on: () => undefined as never,
  off: () => undefined as never,
  ...changes,
});

describe("a terminal", () => {
  it("is redrawn unless it is dumb, belongs to CI, or is none", () => {
    expect(canRedraw(streamOf({}), { TERM: "xterm" })).toBe(true);
    expect(canRedraw(streamOf({}), { TERM: "xterm", CI: "false" })).toBe(true);
    expect(canRedraw(streamOf({}), { TERM: "dumb" })).toBe(false);
    expect(canRedraw(streamOf({}), { TERM: "xterm", CI: "true" })).toBe(false);
    expect(canRedraw(streamOf({ isTTY: false }), { TERM: "xterm" })).toBe(false);
  });

  it("that reports no size has 80 columns and 24 rows", () => {
    const { columns, rows } = new Terminal(streamOf({ columns: 0, rows: 0 }), {}).look;
    expect([columns, rows]).toEqual([80, 24]);
  });

  it("is one of UTF-8 when the first setting of the locale that counts says so", () => {
    expect(isUtf8({ LANG: "en_US.UTF-8" })).toBe(true);
    expect(isUtf8({ LANG: "de_DE.utf8", LC_ALL: "" })).toBe(true);
    expect(isUtf8({ LANG: "en_US.UTF-8", LC_ALL: "C" })).toBe(false);
    expect(isUtf8({})).toBe(false);
  });
});
