/** `mesh runs`: one line per run, newest first. */
import { durationText } from "../../domain/summary/figures.ts";
import { listRuns, type RunRow } from "../../roles/door/list-runs.ts";
import { atServer, type Note } from "../at-server.ts";
import { columns } from "../columns.ts";
import { localDateTime } from "../local-time.ts";
import type { PlaceFlags } from "../place.ts";

/** Runs that have all of these labels: `key=value`, or `key` with any value. */
export async function readRuns(
  flags: PlaceFlags,
  labels: readonly string[],
  note: Note,
): Promise<readonly RunRow[]> {
  const rows = await atServer(flags, note, listRuns);
  return rows.filter((row) => labels.every((label) => fits(row.labels, label)));
}

const fits = (labels: RunRow["labels"], asked: string): boolean =>
  Object.entries(labels).some(([name, value]) => asked === name || asked === `${name}=${value}`);

const HEAD = ["RUN", "STATE", "OUTCOME", "EXIT", "STARTED", "DURATION", "ITERATIONS", "SCRIPT", "LABELS"];
const NUMBERS = [3, 5, 6];

export function runsText(rows: readonly RunRow[], labels: readonly string[]): string {
  if (rows.length === 0)
    return labels.length === 0 ? "no runs yet\n" : `no run has ${labels.join(" and ")}\n`;
  return `${columns([HEAD, ...rows.map(cells)], NUMBERS).join("\n")}\n`;
}

const cells = (row: RunRow): readonly string[] => [
  row.run,
  row.state,
  row.outcome ?? "-",
  row.exitCode === null ? "-" : String(row.exitCode),
  localDateTime(row.startedAt),
  row.durationMs === null ? "-" : durationText(row.durationMs),
  row.iterations === null ? "-" : String(row.iterations),
  row.script === "" ? "-" : row.script,
  labelsText(row),
];

const COMMIT = /^[0-9a-f]{40}$/;

/** A commit as people write it; notes are counted, `--json` has them. */
function labelsText({ labels, notes }: RunRow): string {
  const shown = Object.entries(labels)
    .filter(([name]) => name !== "ci_url")
    .map(([name, value]) => `${name}=${COMMIT.test(value) ? value.slice(0, 8) : value}`);
  const count = notes.length === 1 ? "1 note" : `${notes.length} notes`;
  return [...shown, ...(notes.length === 0 ? [] : [count])].join(" ") || "-";
}
