/**
 * What root writes into the mesh log. An input that says nothing new gives no event, so that it may come twice: a zone
 * speaks twice a second, and facts of zones are read again by the next leader.
 */
import type { MeshEvent } from "../../../streams/events/mesh.ts";
import type { AccessRefusal } from "../../../streams/schema/access.ts";
import type { Origin } from "../../../streams/schema/cause.ts";
import { type MeshState, type MeshZone, topOf } from "./state.ts";

/** What a zone says about itself with each heartbeat. */
export interface ZoneWord {
  readonly zone: string;
  readonly program: string;
  readonly protocol: number;
  readonly host: string;
  readonly parent?: string | undefined;
}

export type MeshInput =
  /** `at`: hub time of the word, µs, as whoever heard it says; `teller`: whose heartbeat it was. */
  | { readonly type: "Heard"; readonly word: ZoneWord; readonly at: number; readonly teller: string }
  /** Not heard since this instant, hub time, µs. */
  | { readonly type: "Silent"; readonly zone: string; readonly since: number }
  | {
      readonly type: "Drain";
      readonly zone: string;
      readonly undo: boolean;
      readonly actor: string;
      readonly reason?: string | undefined;
    }
  | {
      readonly type: "Revoked";
      readonly zone: string;
      readonly actor: string;
      readonly at: number;
      readonly reason?: string | undefined;
    }
  /** At the hub's own servers. */
  | { readonly type: "Access"; readonly refusal: AccessRefusal }
  /** In a zone. `counted`: several, of which the last came from there. */
  | {
      readonly type: "ZoneAccess";
      readonly zone: string;
      readonly refusal: AccessRefusal;
      readonly origin: Origin;
      readonly counted?: true | undefined;
    }
  | {
      readonly type: "ScriptRefused";
      readonly zone: string;
      readonly run: string;
      readonly reason: string;
      readonly sha256?: string | undefined;
      readonly origin: Origin;
    }
  | {
      readonly type: "CommandRefused";
      readonly command: string;
      readonly actor: string;
      readonly reason: string;
    }
  | {
      readonly type: "Removed";
      readonly run: string;
      readonly actor: string;
      readonly script?: string | undefined;
    };

/** Words of a zone that were under way when it was revoked do not mean that it is back. */
const UNDER_WAY_US = 10_000_000;

export function decideMesh(state: MeshState, input: MeshInput): readonly MeshEvent[] {
  switch (input.type) {
    case "Heard":
      return heard(state, input);
    case "Silent":
      return isExpected(state, input.zone)
        ? [{ type: "ZoneSilent", zone: input.zone, since: input.since }]
        : [];
    case "Drain":
      return drain(state, input);
    case "Revoked":
      return [{ type: "ZoneRevoked", zone: input.zone, ...byWhom(input), at: input.at }];
    case "Access":
      return [{ type: "AccessRefused", ...input.refusal }];
    case "ZoneAccess": {
      const { counted, zone, refusal, origin } = input;
      return isCopied(state, origin) && counted !== true
        ? []
        : [{ type: "AccessRefused", ...refusal, zone, origin }];
    }
    case "ScriptRefused": {
      const { zone, run, reason, sha256, origin } = input;
      if (isCopied(state, origin)) return [];
      return [{ type: "ScriptRefused", zone, run, reason, ...(sha256 && { sha256 }), origin }];
    }
    case "CommandRefused": {
      const { command, actor, reason } = input;
      return [{ type: "CommandRefused", command, actor, reason }];
    }
    case "Removed": {
      const { run, actor, script } = input;
      return state.removed === run ? [] : [{ type: "RunRemoved", run, actor, ...(script && { script }) }];
    }
  }
}

/** Zones of which the log says neither that they are silent nor that nobody may come under their name. */
export const expectedZones = (state: MeshState): readonly string[] =>
  Object.keys(state.zones).filter((zone) => isExpected(state, zone));

function isExpected({ zones }: MeshState, zone: string): boolean {
  const known = zones[zone];
  return known !== undefined && known.silentSince === undefined && known.revoked === undefined;
}

/** True when a word of a zone says what the log does not say of it yet. */
export const isNews = (state: MeshState, said: Omit<Heard, "type">): boolean =>
  isOther(state, said) || isBack(state, said);

type Heard = MeshInput & { readonly type: "Heard" };

const isBack = (state: MeshState, { teller, word }: Omit<Heard, "type">): boolean => {
  const known = state.zones[word.zone];
  if (known?.silentSince === undefined || known.revoked !== undefined) return false;
  return word.parent === undefined || isCredible(state, word.parent, known, teller);
};

function heard(state: MeshState, said: Heard): readonly MeshEvent[] {
  const { at, word } = said;
  if (isOther(state, said)) return [seen(word)];
  const since = state.zones[word.zone]?.silentSince;
  if (since === undefined || !isBack(state, said)) return [];
  return [{ type: "ZoneReturned", zone: word.zone, silentMs: Math.max(0, Math.round((at - since) / 1000)) }];
}

function isOther(state: MeshState, { at, teller, word }: Omit<Heard, "type">): boolean {
  const known = state.zones[word.zone];
  if (word.parent !== undefined && !isCredible(state, word.parent, known, teller)) return false;
  if (known === undefined || known.program === "") return true;
  if (known.revoked !== undefined) return at > known.revoked.at + UNDER_WAY_US;
  return known.program !== word.program || known.protocol !== word.protocol || known.parent !== word.parent;
}

/** So many zones below one of root's are known by name. */
const INNER_MAX = 1000;

/**
 * What a zone says of another one below it. It cannot speak for one that is there as somebody else's, nor put one below
 * somebody else's, nor bring back one that was revoked, nor fill the log with names.
 */
function isCredible(state: MeshState, parent: string, known: MeshZone | undefined, teller: string): boolean {
  if (topOf(state, parent) !== teller) return false;
  if (known === undefined)
    return Object.keys(state.zones).length < INNER_MAX || (innerOf(state.zones).get(teller) ?? 0) < INNER_MAX;
  if (known.revoked !== undefined) return false;
  return known.parent === parent || known.silentSince !== undefined;
}

/** How many zones are known below each of root's: counted once, for a zone may name any number with each word. */
function innerOf(zones: MeshState["zones"]): ReadonlyMap<string, number> {
  const known = counted.get(zones);
  if (known !== undefined) return known;
  const counts = new Map<string, number>();
  for (const { parent, zone } of Object.values(zones)) {
    if (parent === undefined) continue;
    const top = topOf({ zones }, zone);
    counts.set(top, (counts.get(top) ?? 0) + 1);
  }
  counted.set(zones, counts);
  return counts;
}

const counted = new WeakMap<MeshState["zones"], ReadonlyMap<string, number>>();

const seen = ({ zone, program, protocol, host, parent }: ZoneWord): MeshEvent => ({
  type: "ZoneSeen",
  zone,
  program,
  protocol,
  host,
  ...(parent === undefined ? {} : { parent }),
});

/** Each command gets its event, also where nothing changes: whoever sent it waits for one. */
function drain({ zones }: MeshState, input: MeshInput & { readonly type: "Drain" }): readonly MeshEvent[] {
  const { zone, undo, actor } = input;
  const parent = zones[zone]?.parent;
  if (parent !== undefined && !undo) {
    const reason = `zone ${zone} is below zone ${parent}, which gives it its part of a run: drain that one, or stop mesh zone ${zone}`;
    return [{ type: "CommandRefused", command: "DrainZone", actor, reason }];
  }
  if (zones[zone] !== undefined) {
    return [{ type: undo ? "ZoneUndrained" : "ZoneDrained", zone, ...byWhom(input) }];
  }
  const known = Object.keys(zones).sort();
  const others = known.length === 0 ? "no zone ever was" : `known: ${known.join(", ")}`;
  const reason = `zone ${zone} was never heard (${others})`;
  return [{ type: "CommandRefused", command: "DrainZone", actor, reason }];
}

const byWhom = ({ actor, reason }: { readonly actor: string; readonly reason?: string | undefined }) => ({
  actor,
  ...(reason === undefined ? {} : { reason }),
});

const isCopied = ({ copied }: MeshState, { stream, sequence }: Origin): boolean =>
  sequence <= (copied[stream] ?? 0);
