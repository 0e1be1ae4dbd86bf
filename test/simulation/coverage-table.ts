/** The table of which fault has struck after which event: what `COVERAGE.md` holds. */
import type { Coverage } from "./coverage.ts";

const HEADER = (seeds: number) => `# What the simulator has struck

Kind of fault against the event that was published last when it struck, or was being published, over ${seeds} seeds.
Written by \`npm run test:sim -- --coverage\`; do not edit.
`;

/** Columns are sorted, rows in the order of the kinds; a dot is a pair that has not come up. */
export function coverageTable({ counts }: Coverage, seeds: number): string {
  const types = [...new Set([...counts.values()].flatMap((row) => [...row.keys()]))].toSorted();
  const kinds = [...counts.keys()].toSorted();
  const totals = kinds.map((kind) => {
    const row = [...(counts.get(kind)?.values() ?? [])];
    return [kind, String(row.reduce((sum, count) => sum + count, 0)), String(row.length)];
  });
  const rows = types.map((type) => [
    type,
    ...kinds.map((kind) => String(counts.get(kind)?.get(type) ?? "·")),
  ]);
  return [
    HEADER(seeds),
    ...tableOf(["fault", "times", "different events"], totals),
    "",
    ...tableOf(["last event", ...kinds], rows),
    "",
  ].join("\n");
}

/** A table as the formatter leaves it: names to the left, numbers to the right. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const widths = head.map((_, column) =>
    Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const padded = (row: readonly string[]) =>
    line(
      row.map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      ),
    );
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [padded(head), line(rule), ...rows.map(padded)];
}
