/** `mesh runs`: one line per run, newest first. */
import { durationText } from "../../domain/summary/figures.ts";
import { listRuns, type RunRow } from "../../roles/door/list-runs.ts";
import { atServer, type Note } from "../at-server.ts";
import { columns } from "../columns.ts";
import { localDateTime } from "../local-time.ts";
import type { PlaceFlags } from "../place.ts";

export const readRuns = (flags: PlaceFlags, note: Note): Promise<readonly RunRow[]> =>
  atServer(flags, note, listRuns);

const HEAD = ["RUN", "STATE", "OUTCOME", "EXIT", "STARTED", "DURATION", "ITERATIONS", "SCRIPT"];
const NUMBERS = [3, 5, 6];

export function runsText(rows: readonly RunRow[]): string {
  if (rows.length === 0) return "no runs yet\n";
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
];
