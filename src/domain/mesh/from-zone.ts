/** Which facts of a zone belong into the mesh log; of those that it copied from a zone below, that one's name. */
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { Origin } from "../../../streams/schema/cause.ts";
import type { MeshInput } from "./decide.ts";
import { type MeshState, topOf } from "./state.ts";

/** Types of zone events that root copies into the mesh log: what was written while nobody led is looked for by type. */
export const MESH_FACTS = ["AccessRefused", "ShareRefused"] as const satisfies readonly ZoneEvent["type"][];

/** `teller`: whose fact it is. A zone that it names counts only where the log has that one below it. */
export function meshInputOf(
  state: MeshState,
  teller: string,
  event: ZoneEvent,
  origin: Origin,
): (MeshInput & { readonly type: "ScriptRefused" | "ZoneAccess" }) | undefined {
  if (event.type !== "AccessRefused" && event.type !== "ShareRefused") return undefined;
  const isBelow = event.zone !== undefined && topOf(state, event.zone) === teller;
  const zone = isBelow ? event.zone : teller;
  if (event.type === "ShareRefused") {
    const { cause, run } = event;
    if (cause.kind !== "guard-refused") return undefined;
    return { type: "ScriptRefused", zone, run, reason: cause.message, origin };
  }
  const { type: _, zone: _named, origin: _below, ...refusal } = event;
  return { type: "ZoneAccess", zone, refusal, origin };
}
