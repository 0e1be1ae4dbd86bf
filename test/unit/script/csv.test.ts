import { describe, expect, it } from "vitest";
import { readCsv } from "../../../src/script/csv.ts";
import { between, pick, randomFrom } from "../../property/random.ts";

const fieldsOf = (text: string, delimiter = ",") => readCsv(text, delimiter).map(({ fields }) => fields);

describe("separated values", () => {
  it.each([
    [
      "plain rows",
      "a,b\nc,d\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "no break at the end, and Windows' breaks",
      "a,b\r\nc,d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "empty fields",
      ",\na,\n",
      [
        ["", ""],
        ["a", ""],
      ],
    ],
    ["quotes, doubled ones, separators and breaks in them", '"a ""x""","b,\nc"\n', [['a "x"', "b,\nc"]]],
    ["a quote inside of a plain field", 'a"b,c\n', [['a"b', "c"]]],
    ["blank lines, which are no rows", "\na\n  \n\nb\n", [["a"], ["b"]]],
    ["nothing", "", []],
  ])("are read: %s", (_what, text, rows) => {
    expect(fieldsOf(text)).toEqual(rows);
  });

  it("may have any separator", () => {
    expect(fieldsOf("a;b\n", ";")).toEqual([["a", "b"]]);
    expect(fieldsOf("a||b|c\n", "||")).toEqual([["a", "b|c"]]);
  });

  it("know the line that each row begins at", () => {
    expect(readCsv('a\n"b\nc"\n\nd\n', ",").map(({ line }) => line)).toEqual([1, 2, 5]);
  });

  it.each([
    ['a,b\nc,"d', "a quoted field begins here and never ends", 2, 3],
    ['a\n"x\ny" z\n', "something follows the closing quote of a field", 3, 3],
  ])("say where %j is wrong", (text, message, line, column) => {
    expect(() => readCsv(text, ",")).toThrow(expect.objectContaining({ message, line, column }));
  });

  it("give back every table that was written by the rules", () => {
    const random = randomFrom(11);
    const alphabet = ["a", "b", ",", '"', "\n", "\r\n", " ", "é"];
    for (let round = 0; round < 500; round++) {
      const width = between(random, 2, 4);
      const text = () => Array.from({ length: between(random, 0, 4) }, () => pick(random, alphabet)).join("");
      const table = Array.from({ length: between(random, 0, 4) }, () => Array.from({ length: width }, text));
      const quoted = (field: string) => `"${field.replaceAll('"', '""')}"`;
      const written = table.map((row) => `${row.map(quoted).join(",")}\n`).join("");
      expect(fieldsOf(written)).toEqual(table);
    }
  });
});
