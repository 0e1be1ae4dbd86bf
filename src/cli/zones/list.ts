/** `mesh zone ls` and `mesh zone show`: the zones of a mesh, their own words beside what was decided about them. */
import { printable } from "../../domain/printable.ts";
import { hubNowUs } from "../../roles/door/mesh-status.ts";
import { sizeOf, type ZoneRow } from "../../roles/door/mesh-zones.ts";
import type { Note } from "../at-server.ts";
import { columns } from "../columns.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import { folderHere } from "../folder-here.ts";
import { localDateTime } from "../local-time.ts";
import type { PlaceFlags } from "../place.ts";
import { agoText, readStatus } from "../status.ts";

export interface Zones {
  readonly zones: readonly ZoneRow[];
  /** Hub time, µs. */
  readonly now: number;
}

export async function readZones(flags: PlaceFlags, note: Note): Promise<Zones> {
  const { home, mesh } = await readStatus(flags, note);
  if (mesh !== null) {
    const zones = withMade(mesh.known, await madeHere(flags.nats));
    return { zones, now: hubNowUs(mesh, Date.now()) };
  }
  throw new Failure(
    exitCode.unreachable,
    "NoMesh",
    `nothing runs in ${home}`,
    "name the server of a mesh with --nats, or start servers that stay: mesh up",
  );
}

/** Zones of which the hub whose folder this is has records. */
async function madeHere(url: string | undefined): Promise<readonly string[]> {
  const folder = await folderHere(url);
  if (folder === undefined) return [];
  const { zonesOf } = await import("../../trust/link.ts");
  return zonesOf(folder).toSorted();
}

export function withMade(rows: readonly ZoneRow[], made: readonly string[]): readonly ZoneRow[] {
  const marked = rows.map((row) =>
    row.state === "unheard" && made.includes(row.zone) ? { ...row, isMade: true as const } : row,
  );
  const silent = made.filter((zone) => rows.every((row) => row.zone !== zone));
  return [...marked, ...silent.map((zone) => ({ ...MADE, zone }))];
}

const MADE: Omit<ZoneRow, "zone"> = {
  parent: null,
  state: "unheard",
  isHeard: false,
  isMade: true,
  silentSince: null,
  drained: null,
  revoked: null,
  program: "",
  protocol: 0,
  host: "",
  words: null,
};

const HEAD = ["ZONE", "PARENT", "STATE", "AGENTS", "CORES", "PROGRAM", "PROTOCOL", "HEARD", "DELAY", "RUNS"];
const NUMBERS = [3, 4, 6, 8];
/** A zone says what it runs: it must not push the other columns out of sight. */
const PROGRAM_MAX = 40;

export function zonesText(rows: readonly ZoneRow[], nowUs: number): string {
  if (rows.length === 0) return "no zone was ever heard; start one: mesh zone eu --nats …\n";
  return `${columns([HEAD, ...rows.map((row) => cells(row, rows, nowUs))], NUMBERS).join("\n")}\n`;
}

const cells = (row: ZoneRow, rows: readonly ZoneRow[], nowUs: number): readonly string[] => {
  const { parent, program, protocol, words, zone } = row;
  const size = words === null ? undefined : sizeOf(words);
  return [
    zone,
    parent ?? "-",
    stateText(row),
    size === undefined ? "-" : `${size.agents}${belowText(agentsBelow(zone, rows))}`,
    size === undefined ? "-" : String(size.cores),
    program === "" ? "-" : printable(program, PROGRAM_MAX),
    program === "" ? "-" : String(protocol),
    words === null ? "-" : agoText(nowUs - words.heardAt).replace(/^(last )?heard /, ""),
    words === null ? "-" : `${words.delayMs}ms`,
    words?.runs.join(",") || "-",
  ];
};

/** A zone may have none of its own and take part with those below it. */
const belowText = (below: number): string => (below === 0 ? "" : ` + ${below} below`);

const agentsBelow = (zone: string, rows: readonly ZoneRow[], seen: readonly string[] = []): number =>
  rows
    .filter((row) => row.parent === zone && !seen.includes(row.zone))
    .reduce(
      (sum, { words, zone: inner }) =>
        sum + (words === null ? 0 : sizeOf(words).agents) + agentsBelow(inner, rows, [...seen, zone]),
      0,
    );

/** `up`, `drained`, `drained, silent since 2026-11-22 01:02:03`, `never heard`. */
export function stateText({ drained, isHeard, isMade, revoked, silentSince, state }: ZoneRow): string {
  const decided = [...(revoked === null ? [] : ["revoked"]), ...(drained === null ? [] : ["drained"])];
  const since = silentSince === null ? "" : ` since ${localDateTime(silentSince)}`;
  if (state === "unheard") return isMade === true ? "made, never heard" : "never heard";
  if (isHeard) return decided.length === 0 ? "up" : decided.join(", ");
  return [...decided, `silent${since}`].join(", ");
}
