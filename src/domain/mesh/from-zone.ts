/** Which facts of a zone belong into the mesh log; of those that it copied from a zone below, that one's name. */
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Origin } from "../../../streams/schema/cause.ts";
import type { MeshInput } from "./decide.ts";

/** Types of zone events that root copies into the mesh log: what was written while nobody led is looked for by type. */
export const MESH_FACTS = ["AccessRefused", "ShareRefused"] as const satisfies readonly ZoneEvent["type"][];

export function meshInputOf(zone: string, event: ZoneEvent, origin: Origin): MeshInput | undefined {
  if (event.type === "ShareRefused") {
    const { cause, run, zone: of = zone } = event;
    if (cause.kind !== "guard-refused") return undefined;
    return { type: "ScriptRefused", zone: of, run, reason: cause.message, origin };
  }
  if (event.type !== "AccessRefused") return undefined;
  const { type: _, zone: of = zone, origin: _below, ...refusal } = event;
  return { type: "ZoneAccess", zone: of, refusal, origin };
}
