/** What the mesh log says: the zones that were ever heard, and what was decided about them. A fold, nothing else. */
import type { MeshEvent } from "../../../streams/events/mesh.ts";

/** Who decided something about a zone, and why, where it was said. */
export interface Decision {
  readonly actor: string;
  readonly reason: string | undefined;
}

export interface MeshZone {
  readonly zone: string;
  /** Empty where the zone was never heard: it was revoked before. */
  readonly program: string;
  readonly protocol: number;
  readonly host: string;
  readonly parent: string | undefined;
  /** Hub time of its last word, while it is not heard, µs. */
  readonly silentSince: number | undefined;
  /** Gets no new runs. */
  readonly drained: Decision | undefined;
  /** Its credentials are not valid any more; `at` is the hub's time. */
  readonly revoked: (Decision & { readonly at: number }) | undefined;
}

export interface MeshState {
  readonly zones: Readonly<Record<string, MeshZone>>;
  /** Up to which sequence facts were copied, by the stream they came from: none is copied twice. */
  readonly copied: Readonly<Record<string, number>>;
  /** The run that was removed last. */
  readonly removed: string;
}

export const newMesh: MeshState = { zones: {}, copied: {}, removed: "" };

/** Nobody builds a deeper tree: what seems to be one is a circle. */
const LEVELS_MAX = 100;

/** The zone of root's above one that is deeper; itself where it is one, or nothing is known of it. */
export function topOf({ zones }: Pick<MeshState, "zones">, zone: string): string {
  let top = zone;
  for (let level = 0; level < LEVELS_MAX; level += 1) {
    const parent = zones[top]?.parent;
    if (parent === undefined) break;
    top = parent;
  }
  return top;
}

const unheard = (zone: string): MeshZone => ({
  zone,
  program: "",
  protocol: 0,
  host: "",
  parent: undefined,
  silentSince: undefined,
  drained: undefined,
  revoked: undefined,
});

export function evolveMesh(state: MeshState, event: MeshEvent): MeshState {
  switch (event.type) {
    case "ZoneSeen": {
      const { zone, program, protocol, host, parent } = event;
      return withZone(state, zone, {
        program,
        protocol,
        host,
        parent,
        revoked: undefined,
        silentSince: undefined,
      });
    }
    case "ZoneSilent":
      return withZone(state, event.zone, { silentSince: event.since });
    case "ZoneReturned":
      return withZone(state, event.zone, { silentSince: undefined });
    case "ZoneDrained":
      return withZone(state, event.zone, { drained: decision(event) });
    case "ZoneUndrained":
      return withZone(state, event.zone, { drained: undefined });
    case "ZoneRevoked":
      return withZone(state, event.zone, { revoked: { ...decision(event), at: event.at } });
    case "AccessRefused":
    case "ScriptRefused": {
      const { origin } = event;
      if (origin === undefined) return state;
      // What was only counted is told later than what came after it.
      const copied = Math.max(state.copied[origin.stream] ?? 0, origin.sequence);
      return { ...state, copied: { ...state.copied, [origin.stream]: copied } };
    }
    case "CommandRefused":
      return state;
    case "RunRemoved":
      return { ...state, removed: event.run };
  }
}

const decision = ({ actor, reason }: { actor: string; reason?: string }): Decision => ({ actor, reason });

function withZone(state: MeshState, zone: string, change: Partial<MeshZone>): MeshState {
  const known = state.zones[zone] ?? unheard(zone);
  return { ...state, zones: { ...state.zones, [zone]: { ...known, ...change } } };
}
