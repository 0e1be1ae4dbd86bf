/** Where to look next: commands about one run, whole, so that they can be pasted into the shell that the run was made in. */
import { shownUrl } from "../../domain/server-url.ts";
import type { NextStep } from "../../domain/summary/render.ts";
import type { PlaceFlags } from "../place.ts";

export interface NextFlags extends PlaceFlags {
  /** Whether the run lands in ClickHouse. */
  readonly history: boolean;
}

export function whereNext(run: string, flags: NextFlags): readonly NextStep[] {
  const where = placeFlags(flags);
  const steps: readonly NextStep[] = [
    { command: `mesh events ${run}${where}`, tells: "what happened, event by event" },
    { command: `mesh replay ${run}${where}`, tells: "these figures again, made from the log" },
  ];
  if (!flags.history || !hasHistory(flags)) return steps;
  const sql = `SELECT metric, p50, p95, p99 FROM trend_summary WHERE run = '${run}'`;
  return [...steps, { command: `mesh sql "${sql}"${where}`, tells: "" }];
}

/** A mesh that somebody else runs has a history only where ClickHouse is named. */
const hasHistory = ({ nats }: PlaceFlags): boolean =>
  nats === undefined || (process.env["MESH_CLICKHOUSE_URL"] ?? "") !== "";

/** What this shell's variables do not say already. A password in an address is not repeated. */
function placeFlags({ creds, nats }: PlaceFlags): string {
  const asked = [
    ["--nats", nats === undefined ? undefined : shownUrl(nats), nats === process.env["MESH_NATS_URL"]],
    ["--creds", creds, creds === process.env["MESH_CREDS"]],
  ] as const;
  return asked
    .map(([flag, value, isSet]) => (value === undefined || isSet ? "" : ` ${flag} ${quoted(value)}`))
    .join("");
}

const quoted = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
