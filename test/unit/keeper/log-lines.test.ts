/** Lines of a log: a name in one of them may have anything in it that other programs take for the end of a line. */
import { expect, it } from "vitest";
import { logLines } from "../../../src/keeper/log-lines.ts";

function linesOf(...texts: readonly string[]): readonly string[] {
  const lines: string[] = [];
  const { end, take } = logLines((line) => lines.push(line));
  for (const text of texts) take(text);
  end();
  return lines;
}

it("a line feed ends a line, and nothing else does", () => {
  expect(linesOf("one\ntw", "o\r", "still\u2028two\n\nla", "st")).toEqual([
    "one",
    "two\rstill\u2028two",
    "",
    "last",
  ]);
});

it("a line without an end is bounded", () => {
  expect(linesOf("x".repeat(100_000), "\n")[0]).toHaveLength(64 * 1024);
});
