/** Which facts of a zone belong into the mesh log. */
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Origin } from "../../../streams/schema/cause.ts";
import type { MeshInput } from "./decide.ts";

/** Types of zone events that root copies into the mesh log: what was written while nobody led is looked for by type. */
export const MESH_FACTS = ["AccessRefused", "ShareRefused"] as const satisfies readonly ZoneEvent["type"][];

export function meshInputOf(zone: string, event: ZoneEvent, origin: Origin): MeshInput | undefined {
  if (event.type === "ShareRefused") {
    const { cause, run } = event;
    if (cause.kind !== "guard-refused") return undefined;
    // The owner of an inner zone refuses for that zone, and the one above only tells of it.
    return { type: "ScriptRefused", zone: event.zone ?? zone, run, reason: cause.message, origin };
  }
  if (event.type !== "AccessRefused") return undefined;
  const { type: _, ...refusal } = event;
  return { type: "ZoneAccess", zone, refusal, origin };
}
