/**
 * Who is there: the leading root, zones and their agents in their last words, and runs that are open. For people to
 * look at; nothing is decided from it. Reads only.
 */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import type { Beat } from "../../../streams/messages/live.ts";
import { patterns } from "../../../streams/subjects.ts";
import type { Asked, Server, Stored } from "../../ports/server.ts";
import { beatReader } from "../read-beat.ts";
import { readBody } from "../read-body.ts";
import { openRuns, type RunRow } from "./list-runs.ts";
import { knownZones, type ZoneRow, zoneRows, type ZoneWords } from "./mesh-zones.ts";

const HUB_LIVE = { asset: "hubLive", zone: "" } as const;

export interface RootStatus {
  readonly name: string;
  /** Null when it holds the lease and was not heard. */
  readonly epoch: number | null;
  readonly heardAt: number | null;
}

export interface MeshStatus {
  /** Who leads; null when nobody does. */
  readonly root: RootStatus | null;
  /** Those that speak. */
  readonly zones: readonly ZoneWords[];
  /** Every zone that ever was, with what was decided about it. */
  readonly known: readonly ZoneRow[];
  readonly runs: readonly RunRow[];
}

export const meshStatus = (server: Server): Asked<MeshStatus> =>
  Effect.gen(function* () {
    const holder = yield* server.lease.holder("root").pipe(Effect.orElseSucceed(() => undefined));
    const words = yield* lastWords(server);
    const root = holder === undefined ? null : rootOf(holder, words);
    const zones = zonesIn(words);
    const now = hubNowUs({ root, zones }, yield* Clock.currentTimeMillis);
    return {
      root,
      zones,
      known: zoneRows(yield* knownZones(server), zones, now),
      runs: yield* openRuns(server),
    };
  });

/** Words are kept for seconds, and not at all where no root ever led. */
const lastWords = (server: Server): Asked<readonly Stored[]> =>
  server.admin.subjects(HUB_LIVE, patterns.rootPulse).pipe(
    Effect.andThen(server.log.read(HUB_LIVE, [patterns.rootPulse, patterns.zoneBeats])),
    Effect.catchIf(
      ({ reason }) => reason === "not-provisioned",
      () => Effect.succeed([]),
    ),
  );

function rootOf(holder: string, words: readonly Stored[]): RootStatus {
  const heard = words.flatMap((word) => {
    // A measurement of the clock stands on the same subject.
    const pulse = word.envelope.type === "Pulse" ? readBody("pulse", word, () => {}) : undefined;
    return pulse?.node === holder ? [{ epoch: pulse.incarnation, heardAt: word.at }] : [];
  });
  return { name: holder, ...(heard.at(-1) ?? { epoch: null, heardAt: null }) };
}

/** What a zone says itself counts before what another one tells of a zone with its name. */
function zonesIn(words: readonly Stored[]): readonly ZoneWords[] {
  const readBeat = beatReader(() => {});
  const said = words.flatMap((word) => {
    const beat = readBeat(word);
    return beat === undefined ? [] : [zonesOf(word, beat)];
  });
  const own = new Set(said.flatMap(([first]) => first?.zone ?? []));
  return said
    .flatMap(([first, ...below]) => [
      ...(first === undefined ? [] : [first]),
      ...below.filter(({ zone }) => !own.has(zone)),
    ])
    .toSorted((a, b) => (a.zone < b.zone ? -1 : 1));
}

/** A zone of root's, and those below it as it tells of them. */
function zonesOf(word: Stored, beat: Beat): readonly ZoneWords[] {
  const { agents, counted, host, incarnation, node, parent = null, pid, program, protocol, runs } = beat;
  const delayMs = Math.max(0, Math.round((word.at - word.envelope.time) / 1000));
  const count = counted === undefined ? {} : { counted };
  const said = {
    incarnation,
    protocol,
    program,
    host,
    pid,
    runs,
    agents,
    ...count,
    heardAt: word.at,
    delayMs,
  };
  const below = (beat.below ?? []).map(({ silentMs, ...each }) => ({
    ...each,
    heardAt: word.at - silentMs * 1000,
    delayMs,
  }));
  return [{ zone: node, parent, ...said }, ...below];
}

/** Last words are kept for this long. */
const KEPT_US = 10_000_000;

/**
 * The hub's time, as well as its words tell it. They are seconds old at most: a clock here that is within that of the
 * newest one is right enough, and any other is not asked.
 */
export function hubNowUs({ root, zones }: Pick<MeshStatus, "root" | "zones">, nowMs: number): number {
  const newest = Math.max(root?.heardAt ?? 0, ...zones.map(({ heardAt }) => heardAt));
  const aheadUs = nowMs * 1000 - newest;
  return newest + (aheadUs >= 0 && aheadUs <= KEPT_US ? aheadUs : 0);
}
