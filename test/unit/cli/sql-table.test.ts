/** The table of `mesh sql`. */
import { describe, expect, it } from "vitest";
import { SqlTable } from "../../../src/cli/sql/table.ts";

const tableOf = (...lines: readonly (readonly (string | null)[])[]): string => {
  const table = new SqlTable();
  return lines.map((line) => table.add(line)).join("") + table.end();
};

describe("table of an answer", () => {
  it("aligns numbers to the right, and changes no digit", () => {
    expect(
      tableOf(
        ["run", "n", "p99"],
        ["String", "UInt64", "Nullable(Float64)"],
        ["a", "18446744073709551615", "1.5"],
        ["longer", "7", null],
      ),
    ).toBe(
      "run                        n   p99\na       18446744073709551615   1.5\nlonger                     7  NULL\n",
    );
  });

  it("says that there are no rows", () => {
    expect(tableOf(["a"], ["UInt8"])).toBe("a\n(no rows)\n");
    expect(tableOf()).toBe("");
  });

  it("lets nothing move the cursor", () => {
    expect(tableOf(["a"], ["String"], ["x\n\u001b[2Jy"])).toBe("a\nx\\n\\x1b[2Jy\n");
  });

  it("goes on with the widths of the first thousand rows, and cuts nothing", () => {
    const rows = Array.from({ length: 1500 }, (_, n) => [n === 1200 ? "much longer" : "ab", String(n)]);
    const lines = tableOf(["a", "n"], ["String", "UInt64"], ...rows).split("\n");
    expect(lines).toHaveLength(1502);
    expect([lines[1], lines[1201], lines[1500]]).toEqual(["ab    0", "much longer  1200", "ab  1499"]);
  });
});
