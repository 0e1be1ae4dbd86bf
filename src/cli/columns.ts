/** Rows in columns for a terminal or `awk`: no column is cut, the last one is not padded. */
import { printableLine } from "../domain/printable.ts";

/** One line per row; `right` are the columns whose cells are numbers. */
export function columns(
  given: readonly (readonly string[])[],
  right: readonly number[] = [],
): readonly string[] {
  const rows = given.map((row) => row.map(printableLine));
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return right.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
