/**
 * Rows in aligned columns, for a terminal. The widths are those of the first rows; should a later one need more, its line
 * is longer and nothing is cut. Pure: text in, text out.
 */
import { escapedIn } from "../../domain/printable.ts";

/** Rows that are held back to find the widths. */
const MEASURED_ROWS = 1000;

const NUMBER = /^(?:Nullable\(|LowCardinality\()*(?:U?Int|Float|Decimal|BFloat)/;

/** What would break a line, or move the cursor, is shown as an escape. Null is no text at all. */
const shown = (cell: string | null): string =>
  cell === null ? "NULL" : escapedIn(cell, (character) => ESCAPES[character] ?? hexOf(character));

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function hexOf(character: string): string {
  const hex = character.codePointAt(0)!.toString(16);
  return hex.length > 2 ? `\\u{${hex}}` : `\\x${hex.padStart(2, "0")}`;
}

type Cells = readonly string[];

export class SqlTable {
  #names: Cells | undefined;
  /** Which columns hold numbers, as the server's types say. */
  #isNumber: readonly boolean[] | undefined;
  #widths: readonly number[] | undefined;
  #held: Cells[] = [];
  #rows = 0;

  /** Takes the next line of the answer – names, types, then rows – and returns what can be printed by now. */
  add(line: readonly (string | null)[]): string {
    const cells = line.map(shown);
    if (this.#names === undefined) {
      this.#names = cells;
      return "";
    }
    if (this.#isNumber === undefined) {
      this.#isNumber = cells.map((type) => NUMBER.test(type));
      return "";
    }
    this.#rows += 1;
    if (this.#widths !== undefined) return this.#text(cells);
    this.#held.push(cells);
    return this.#held.length < MEASURED_ROWS ? "" : this.#release();
  }

  /** The rest. */
  end(): string {
    if (this.#names === undefined) return "";
    const rest = this.#widths === undefined ? this.#release() : "";
    return this.#rows === 0 ? `${rest}(no rows)\n` : rest;
  }

  #release(): string {
    const names = this.#names ?? [];
    const held = this.#held;
    this.#widths = names.map((name, column) =>
      held.reduce((width, cells) => Math.max(width, (cells[column] ?? "").length), name.length),
    );
    this.#held = [];
    return [names, ...held].map((cells) => this.#text(cells)).join("");
  }

  #text(cells: Cells): string {
    const padded = cells.map((cell, column) => {
      const width = this.#widths?.[column] ?? 0;
      return this.#isNumber?.[column] === true ? cell.padStart(width) : cell.padEnd(width);
    });
    return `${padded.join("  ").trimEnd()}\n`;
  }
}
