/** Where to look next: commands about one run, whole, so that they can be pasted into the shell that the run was made in. */
import type { NextStep } from "../../domain/summary/render.ts";
import { shellWord } from "../shell-word.ts";

export interface NextFlags {
  readonly nats?: string | undefined;
  /** The flags that find the mesh again. */
  readonly where: readonly string[];
  /** Whether the run lands in ClickHouse. */
  readonly history: boolean;
}

export function whereNext(run: string, flags: NextFlags): readonly NextStep[] {
  const where = flags.where.map((word) => ` ${shellWord(word)}`).join("");
  const steps: readonly NextStep[] = [
    { command: `mesh events ${run}${where}`, tells: "what happened, event by event" },
    { command: `mesh replay ${run}${where}`, tells: "these figures again, made from the log" },
  ];
  if (!flags.history || !hasHistory(flags)) return steps;
  const sql = `SELECT metric, p50, p95, p99 FROM trend_summary WHERE run = '${run}'`;
  return [...steps, { command: `mesh sql "${sql}"${where}`, tells: "" }];
}

/** A mesh that somebody else runs has a history only where ClickHouse is named. */
const hasHistory = ({ nats }: NextFlags): boolean =>
  nats === undefined || (process.env["MESH_CLICKHOUSE_URL"] ?? "") !== "";
