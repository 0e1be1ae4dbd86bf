/** Why a zone gets no runs, or is not there for one, in words for whoever asked for it: what the mesh log knows. Pure. */
import type { ClosedZone } from "../run/input.ts";
import { type Decision, type MeshState, topOf } from "./state.ts";

/** Hub time, µs, for people wherever they are. */
export type TimeText = (us: number) => string;

/** Why a zone gets no new runs; undefined where it gets them. `heard`: zones that speak for themselves now. */
export function closedZone(state: MeshState, zone: string, heard: readonly string[]): ClosedZone | undefined {
  const { drained, parent, revoked, silentSince } = state.zones[zone] ?? {};
  if (revoked !== undefined)
    return { zone, why: `is revoked${byText(revoked)}`, hint: `name other zones; ${RENEW}` };
  if (drained !== undefined) return { zone, why: `is drained${byText(drained)}` };
  if (parent === undefined || silentSince !== undefined || heard.includes(zone)) return undefined;
  const top = topOf(state, zone);
  return { zone, why: `is below zone ${parent}`, hint: `name zone ${top}: it gives ${zone} its part` };
}

const RENEW = "whoever keeps the hub's folder can give it new credentials (mesh zone rotate)";

const byText = ({ actor, reason }: Decision): string =>
  ` (by ${actor}${reason === undefined ? "" : `: ${reason}`})`;

/** A zone whose credentials were revoked cannot be waited for; undefined for any other. */
export function revokedText({ zones }: MeshState, zone: string, timeText: TimeText): string | undefined {
  const revoked = zones[zone]?.revoked;
  if (revoked === undefined) return undefined;
  const { actor, at, reason } = revoked;
  return `zone ${zone} was revoked at ${timeText(at)} by ${actor}${reason === undefined ? "" : `: ${reason}`}`;
}

/** Of a zone that nobody hears. `heard`: those that are there. */
export function absentText(
  state: MeshState,
  zone: string,
  heard: readonly string[],
  timeText: TimeText,
): string {
  const revoked = revokedText(state, zone, timeText);
  if (revoked !== undefined) return revoked;
  const start = `start it: mesh zone ${zone}`;
  const known = state.zones[zone];
  if (known !== undefined) {
    const last = known.silentSince === undefined ? "" : `, heard last at ${timeText(known.silentSince)}`;
    const up = heard.length === 0 ? "no zone is up" : `up: ${heard.join(", ")}`;
    return `zone ${zone} is not up${last} (${up}); ${start}`;
  }
  const tops = Object.values(state.zones).filter(
    ({ parent, program }) => parent === undefined && program !== "",
  );
  const names = [...new Set([...tops.map((each) => each.zone), ...heard])].sort();
  const others = names.length === 0 ? "no zone ever was" : `known: ${names.join(", ")}`;
  return `zone ${zone} was never heard (${others}); name another one, or ${start}`;
}
