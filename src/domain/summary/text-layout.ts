/**
 * Plain text in columns: names padded with dots as k6 does, tables with aligned columns, lines that fit the width. No
 * colours, no terminal.
 */
export const WIDTH = 100;
const NAME_MAX = 44;

/** Text cut to `length`, with an ellipsis when something is missing. */
export function cut(text: string, length: number): string {
  const flat = text.replaceAll(/\p{Cc}+/gu, " ");
  return flat.length <= length ? flat : `${flat.slice(0, length - 1)}…`;
}

/** A name and its cells. */
export type Row = readonly [name: string, ...cells: string[]];

/** Rows as `name....: cell cell`; cells that do not fit go on below the first. */
export function dotted(rows: readonly Row[], indent: string): string[] {
  const width = Math.min(NAME_MAX, Math.max(0, ...rows.map(([name]) => name.length))) + 3;
  return rows.flatMap(([name, ...cells]) => {
    const head = `${indent}${cut(name, NAME_MAX).padEnd(width, ".")}: `;
    return balanced(cells, WIDTH - head.length).map((line, index) =>
      `${index === 0 ? head : " ".repeat(head.length)}${line}`.trimEnd(),
    );
  });
}

/** Cells in as few lines as they need, about as many in each, so that rows of one kind break at the same cell. */
function balanced(cells: readonly string[], width: number): string[] {
  const greedy = wrap(cells, width);
  const size = Math.ceil(cells.length / greedy.length);
  const even = greedy.map((_, line) => cells.slice(line * size, (line + 1) * size).join(" "));
  return even.every((line) => line.trimEnd().length <= width) ? even : greedy;
}

/** Cells joined by spaces into lines of at most `width`; a longer cell is cut. */
function wrap(cells: readonly string[], width: number): string[] {
  const lines = [""];
  for (const cell of cells) {
    const line = lines.at(-1) as string;
    const fits = line.length + 1 + cell.trimEnd().length <= width;
    if (line === "") lines[lines.length - 1] = cut(cell, width);
    else if (fits) lines[lines.length - 1] = `${line} ${cell}`;
    else lines.push(cut(cell, width));
  }
  return lines;
}

/** Rows with the same columns: the first left-aligned, the others right-aligned. */
export function table(rows: readonly Row[], indent: string): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => cut(row[column] ?? "", NAME_MAX).length)),
  );
  return rows.map((row) => {
    const cells = row.map((cell, column) => align(cut(cell, NAME_MAX), widths[column] as number, column));
    return cut(`${indent}${cells.join("  ")}`.trimEnd(), WIDTH);
  });
}

function align(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}

/** Words as lines of at most `WIDTH`, each indented. */
export function paragraph(text: string, indent: string): string[] {
  return wrap(text.split(/\s+/), WIDTH - indent.length).map((line) => `${indent}${line}`);
}
