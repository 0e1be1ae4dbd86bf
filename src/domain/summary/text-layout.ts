/**
 * Plain text in columns on a page of a given width: names padded with dots as k6 does, tables with aligned columns, both
 * stacked where the page is too narrow for them. Looks are put on last, so that they never count in a width.
 */
import { printable, printableLine } from "../printable.ts";

export const WIDTH_MAX = 100;
const WIDTH_MIN = 20;
const NAME_MAX = 44;
/** Beside dotted names there must be room for this much, or values go below their names. */
const CELLS_MIN = 26;

/** How a piece of text looks: the names are those of Node's `styleText`. */
export type Look = "bold" | "dim" | "green" | "red" | "yellow";
export type Paint = (look: Look, text: string) => string;

export interface Page {
  readonly columns: number;
  readonly paint: Paint;
}

/** A page as wide as asked, within reason; without `paint` its text is plain. */
export const pageOf = (columns: number | undefined, paint: Paint = (_, text) => text): Page => ({
  columns: Math.max(WIDTH_MIN, Math.min(WIDTH_MAX, columns || WIDTH_MAX)),
  paint,
});

/** Text cut to `length`, with an ellipsis when something is missing. */
export const cut = (text: string, length: number): string => printable(text, length);

const MARKS = { "✓": "green", "✗": "red", "!": "yellow" } as const;

/** A line cut to the page, whose first sign, if it is a mark, has its colour. */
export function marked(text: string, { columns, paint }: Page): string {
  const line = cut(text, columns);
  return line.replace(/^( *)([✓✗!])(?= )/, (_, indent: string, mark: keyof typeof MARKS) => {
    return `${indent}${paint(MARKS[mark], mark)}`;
  });
}

/** The title of a block, and the empty line below it. */
export const title = (text: string, { columns, paint }: Page): string[] => [
  paint("bold", cut(`  █ ${text}`, columns)),
  "",
];

/** A name and its cells. */
export type Row = readonly [name: string, ...cells: string[]];

/** Scripts and zones choose names and cells. */
const shown = ([name, ...cells]: Row): Row => [printableLine(name), ...cells.map(printableLine)];

/** Rows as `name....: cell cell`; cells that do not fit go on below the first. */
export function dotted(given: readonly Row[], indent: string, page: Page): string[] {
  const rows = given.map(shown);
  const width = Math.min(NAME_MAX, Math.max(0, ...rows.map(([name]) => name.length))) + 3;
  const room = page.columns - indent.length - width - 2;
  if (room < CELLS_MIN) return stacked(rows, indent, page);
  const widest = Math.max(
    0,
    ...rows.flatMap(([, ...cells]) => (fits(cells, room) ? [] : cells.map(lengthOf))),
  );
  return rows.flatMap(([name, ...cells]) => {
    const head = `${indent}${cut(name, NAME_MAX).padEnd(width, ".")}: `;
    return balanced(cells, room, widest).map((line, index) =>
      `${index === 0 ? head : " ".repeat(head.length)}${line}`.trimEnd(),
    );
  });
}

const lengthOf = (cell: string): number => cell.trimEnd().length;
const fits = (cells: readonly string[], width: number): boolean => wrap(cells, width).length === 1;

/** For narrow pages: each name on a line of its own, its cells below it. */
function stacked(rows: readonly Row[], indent: string, { columns }: Page): string[] {
  return rows.flatMap(([name, ...cells]) => {
    const below = `${indent}${/^ */.exec(name)?.[0] ?? ""}  `;
    const inner = cells.map((cell) => cell.trimEnd());
    const lines = inner.length === 0 ? [] : wrap(inner, columns - below.length);
    return [cut(`${indent}${name}`, columns), ...lines.map((line) => `${below}${line}`)];
  });
}

/** Cells in as few lines as they need, about as many in each, below each other, so that rows of one kind look alike. */
function balanced(cells: readonly string[], width: number, widest: number): string[] {
  const greedy = wrap(cells, width);
  if (greedy.length === 1) return greedy;
  const size = Math.ceil(cells.length / greedy.length);
  const padded = cells.map((cell) => cell.trimEnd().padEnd(widest));
  const even = greedy.map((_, line) => padded.slice(line * size, (line + 1) * size).join(" "));
  return even.every((line) => lengthOf(line) <= width) ? even : greedy;
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

/** Rows below their heads: the first column left-aligned, the others right-aligned; `head=cell` where that is too wide. */
export function table(head: Row, given: readonly Row[], indent: string, page: Page): string[] {
  const rows = given.map(shown);
  const all = [head, ...rows];
  const columns = Math.max(0, ...all.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...all.map((row) => cut(row[column] ?? "", NAME_MAX).length)),
  );
  const lines = all.map((row) => {
    const cells = row.map((cell, column) => align(cut(cell, NAME_MAX), widths[column] as number, column));
    return `${indent}${cells.join("  ")}`.trimEnd();
  });
  if (lines.every((line) => line.length <= page.columns)) return lines;
  const named = ([name, ...cells]: Row): Row => [
    name,
    ...cells.map((cell, column) => `${head[column + 1]}=${cell}`),
  ];
  return stacked(rows.map(named), indent, page);
}

function align(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}

/** Words as lines of at most the page's width, each indented; a mark at their beginning has its colour. */
export function paragraph(text: string, indent: string, page: Page): string[] {
  const lines = wrap(printableLine(text).split(/\s+/), page.columns - indent.length);
  return lines.map((line, index) => (index === 0 ? marked(`${indent}${line}`, page) : `${indent}${line}`));
}
