/**
 * The zones of a mesh: what the mesh log says of each, beside its own last words, as far as it speaks. For people to
 * look at; nothing is decided from it. Reads only.
 */
import * as Effect from "effect/Effect";
import type { MeshEvent } from "../../../streams/events/mesh.ts";
import type { Beat } from "../../../streams/messages/live.ts";
import { subjects } from "../../../streams/subjects.ts";
import type { Decision } from "../../domain/mesh/state.ts";
import { evolveMesh, type MeshState, newMesh } from "../../domain/mesh/state.ts";
import type { Asked, Server, Stored } from "../../ports/server.ts";
import { HEARD_WITHIN_MS } from "../heard-zones.ts";
import { readBody } from "../read-body.ts";
import { MESH_EVENTS } from "./ask-mesh.ts";

/** What the zone itself says, and when it said so, hub time, µs. */
export interface ZoneWords extends Pick<
  Beat,
  "incarnation" | "protocol" | "program" | "host" | "pid" | "runs" | "agents" | "counted"
> {
  readonly zone: string;
  /** The zone above; null where that is root. */
  readonly parent: string | null;
  readonly heardAt: number;
  /** How long its word was under way, as far as its clock tells. */
  readonly delayMs: number;
}

/** How many agents a zone has, and cores of theirs: those it tells of, and those it only counts. */
export function sizeOf({ agents, counted = [] }: Pick<ZoneWords, "agents" | "counted">) {
  const told = agents.map(({ cores }) => ({ agents: 1, cores }));
  const others = counted.map(({ busy, cores, idle }) => ({
    agents: busy + idle,
    cores: (busy + idle) * cores,
  }));
  return [...told, ...others].reduce(
    (sum, each) => ({ agents: sum.agents + each.agents, cores: sum.cores + each.cores }),
    { agents: 0, cores: 0 },
  );
}

/** `up` and `silent` are facts of now; `drained` and `revoked` were decided; `unheard` was never there. */
export type ZoneCondition = "up" | "silent" | "drained" | "revoked" | "unheard";

export interface ZoneRow {
  readonly zone: string;
  /** Null at the top. */
  readonly parent: string | null;
  readonly state: ZoneCondition;
  readonly isHeard: boolean;
  /** It has credentials at this hub, and was never heard. Only commands in the hub's own folder know. */
  readonly isMade?: true;
  /** While it is not heard: hub time of its last word, µs, as far as anybody knows. */
  readonly silentSince: number | null;
  readonly drained: Decided | null;
  readonly revoked: Decided | null;
  /** Of the last word, or of the log where it does not speak. */
  readonly program: string;
  readonly protocol: number;
  readonly host: string;
  /** Null where it does not speak. */
  readonly words: Omit<ZoneWords, "zone" | "parent" | "program" | "protocol" | "host"> | null;
}

export interface Decided {
  readonly actor: string;
  readonly reason: string | null;
  /** Hub time, µs. */
  readonly at: number;
}

/** What is known of zones from the log alone, and when each was drained and revoked. */
export interface KnownZones {
  readonly state: MeshState;
  /** By `zone` and then `drained` or `revoked`. */
  readonly decidedAt: Readonly<Record<string, number>>;
}

export const knownZones = (server: Server): Asked<KnownZones> =>
  Effect.gen(function* () {
    let state = newMesh;
    const decidedAt: Record<string, number> = {};
    yield* scanMeshLog(server, (stored, event) => {
      state = evolveMesh(state, event);
      if (event.type === "ZoneDrained") decidedAt[`${event.zone} drained`] = stored.envelope.time;
      if (event.type === "ZoneRevoked") decidedAt[`${event.zone} revoked`] = stored.envelope.time;
    });
    return { state, decidedAt };
  });

/** Every event of the mesh log that can be read here; none where no root ever led. */
export const scanMeshLog = (server: Server, take: (stored: Stored, event: MeshEvent) => void): Asked<void> =>
  server.admin.subjects(MESH_EVENTS, subjects.meshLog()).pipe(
    Effect.flatMap((found) =>
      found.length === 0
        ? Effect.void
        : server.log.scan(MESH_EVENTS, subjects.meshLog(), (stored) => {
            const event = readBody("mesh event", stored, () => {});
            if (event !== undefined) take(stored, event);
          }),
    ),
    Effect.catchIf(
      ({ reason }) => reason === "not-provisioned",
      () => Effect.void,
    ),
  );

/** One row per zone, by name, those below another one behind that one. `now`: hub time, µs. */
export function zoneRows(known: KnownZones, words: readonly ZoneWords[], now: number): readonly ZoneRow[] {
  const names = new Set([...Object.keys(known.state.zones), ...words.map(({ zone }) => zone)]);
  const rows = [...names].map((zone) =>
    rowOf(
      zone,
      known,
      words.find((word) => word.zone === zone),
      now,
    ),
  );
  const pathOf = ({ parent, zone }: ZoneRow, seen: readonly string[] = []): string => {
    const above = seen.includes(zone) ? undefined : rows.find((row) => row.zone === parent);
    return above === undefined ? zone : `${pathOf(above, [...seen, zone])} ${zone}`;
  };
  return rows.toSorted((a, b) => (pathOf(a) < pathOf(b) ? -1 : 1));
}

function rowOf(
  name: string,
  { state, decidedAt }: KnownZones,
  words: ZoneWords | undefined,
  now: number,
): ZoneRow {
  const known = state.zones[name];
  const isHeard = words !== undefined && now - words.heardAt < HEARD_WITHIN_MS * 1000;
  const decided = (what: "drained" | "revoked", decision: Decision | undefined): Decided | null =>
    decision === undefined
      ? null
      : {
          actor: decision.actor,
          reason: decision.reason ?? null,
          at: decidedAt[`${name} ${what}`] ?? 0,
        };
  const drained = decided("drained", known?.drained);
  const revoked = decided("revoked", known?.revoked);
  const wasHeard = words !== undefined || (known !== undefined && known.program !== "");
  const unheard = wasHeard ? "silent" : "unheard";
  const present = isHeard ? "up" : unheard;
  return {
    zone: name,
    parent: words === undefined ? (known?.parent ?? null) : words.parent,
    state: revoked !== null ? "revoked" : drained !== null ? "drained" : present,
    isHeard,
    silentSince: isHeard ? null : (words?.heardAt ?? known?.silentSince ?? null),
    drained,
    revoked,
    program: words?.program ?? known?.program ?? "",
    protocol: words?.protocol ?? known?.protocol ?? 0,
    host: words?.host ?? known?.host ?? "",
    words: words === undefined ? null : spoken(words),
  };
}

const spoken = ({ agents, counted, delayMs, heardAt, incarnation, pid, runs }: ZoneWords) => ({
  agents,
  ...(counted === undefined ? {} : { counted }),
  delayMs,
  heardAt,
  incarnation,
  pid,
  runs,
});
