/** `mesh zone show`: all that is known of one zone, one fact per line. */
import { printable, printableLine } from "../../domain/printable.ts";
import { type Decided, sizeOf, type ZoneRow } from "../../roles/door/mesh-zones.ts";
import type { Note } from "../at-server.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import { localDateTime } from "../local-time.ts";
import type { PlaceFlags } from "../place.ts";
import { agoText } from "../status.ts";
import { readZones, stateText } from "./list.ts";

export async function readZone(
  zone: string,
  flags: PlaceFlags,
  note: Note,
): Promise<{ readonly zone: ZoneRow; readonly below: readonly string[]; readonly now: number }> {
  const { now, zones } = await readZones(flags, note);
  const found = zones.find((row) => row.zone === zone);
  const below = zones.filter(({ parent }) => parent === zone).map((row) => row.zone);
  if (found !== undefined) return { zone: found, below, now };
  const names = zones.map((row) => row.zone);
  const known = names.length === 0 ? "none ever was" : `known: ${names.join(", ")}`;
  throw new Failure(
    exitCode.usage,
    "ZoneNotFound",
    `no zone ${zone} was ever heard (${known})`,
    `if it should be there, look at what it says: mesh zone ${zone}`,
  );
}

export function zoneText(row: ZoneRow, below: readonly string[], nowUs: number): string {
  const facts: readonly (readonly [string, string])[] = [
    ["zone", row.zone],
    ["parent", row.parent ?? "root"],
    ...(below.length === 0 ? [] : [["below", below.join(", ")] as const]),
    ["state", stateText(row)],
    ...decidedLine("drained", row.drained),
    ...decidedLine("revoked", row.revoked),
    ...(row.program === ""
      ? []
      : [["program", `${printable(row.program)}, protocol ${row.protocol}`] as const]),
    ...(row.host === "" ? [] : [["host", printable(row.host)] as const]),
    ...wordLines(row, nowUs),
  ];
  const lines = facts.map(([name, fact]) => `${name.padEnd(NAME_WIDTH)}${printableLine(fact)}`);
  return `${lines.join("\n")}\n`;
}

const NAME_WIDTH = 10;

const decidedLine = (name: string, decided: Decided | null): readonly (readonly [string, string])[] =>
  decided === null ? [] : [[name, `${localDateTime(decided.at)} by ${decided.actor}${reasonText(decided)}`]];

const reasonText = ({ reason }: Decided): string => (reason === null ? "" : `: ${reason}`);

function wordLines({ words }: ZoneRow, nowUs: number): readonly (readonly [string, string])[] {
  if (words === null) return [];
  const { agents: count } = sizeOf(words);
  const { agents, delayMs, heardAt, incarnation, pid, runs } = words;
  return [
    ["process", `pid ${pid}, incarnation ${incarnation}`],
    ["word", `${agoText(nowUs - heardAt)}, ${delayMs} ms under way`],
    ["runs", runs.length === 0 ? "none" : runs.join(", ")],
    ["agents", count === 0 ? `none; start one: mesh agent --zone …` : String(count)],
    ...agents.map(({ agent, cores, host, incarnation: of }): readonly [string, string] => [
      "agent",
      `${agent}: ${cores === 1 ? "one core" : `${cores} cores`} on ${printable(host)}, incarnation ${of}`,
    ]),
  ];
}
