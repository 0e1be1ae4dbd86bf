/**
 * What root writes into the mesh log. An input that says nothing new gives no event, so that it may come twice: a zone
 * speaks twice a second, and facts of zones are read again by the next leader.
 */
import type { MeshEvent } from "../../../streams/events/mesh.ts";
import type { AccessRefusal } from "../../../streams/schema/access.ts";
import type { Origin } from "../../../streams/schema/cause.ts";
import type { MeshState, MeshZone } from "./state.ts";

/** What a zone says about itself with each heartbeat. */
export interface ZoneWord {
  readonly zone: string;
  readonly program: string;
  readonly protocol: number;
  readonly host: string;
  readonly parent?: string | undefined;
}

export type MeshInput =
  /** `at`: hub time of the word, µs. */
  | { readonly type: "Heard"; readonly word: ZoneWord; readonly at: number }
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
  /** In a zone, whose coordinator counted already. */
  | {
      readonly type: "ZoneAccess";
      readonly zone: string;
      readonly refusal: AccessRefusal;
      readonly origin: Origin;
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
      return heard(state, input.word, input.at);
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
      const { zone, refusal, origin } = input;
      return isCopied(state, origin) ? [] : [{ type: "AccessRefused", ...refusal, zone, origin }];
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
export const isNews = (state: MeshState, word: ZoneWord, at: number): boolean =>
  isOther(state, word, at) || isBack(state, word);

const isBack = ({ zones }: MeshState, { zone }: ZoneWord): boolean => {
  const known = zones[zone];
  return known?.silentSince !== undefined && known.revoked === undefined;
};

function heard(state: MeshState, word: ZoneWord, at: number): readonly MeshEvent[] {
  if (isOther(state, word, at)) return [seen(word)];
  const since = state.zones[word.zone]?.silentSince;
  if (since === undefined || !isBack(state, word)) return [];
  return [{ type: "ZoneReturned", zone: word.zone, silentMs: Math.max(0, Math.round((at - since) / 1000)) }];
}

function isOther({ zones }: MeshState, word: ZoneWord, at: number): boolean {
  const known = zones[word.zone];
  if (word.parent !== undefined && !isCredible(zones, word.parent, known)) return false;
  if (known === undefined || known.program === "") return true;
  if (known.revoked !== undefined) return at > known.revoked.at + UNDER_WAY_US;
  return known.program !== word.program || known.protocol !== word.protocol || known.parent !== word.parent;
}

/** So many zones below others are known by name. */
const INNER_MAX = 1000;

/**
 * What a zone says of another one below it. It cannot speak for one that is there as somebody else's, nor bring back one
 * that was revoked, nor fill the log with names.
 */
function isCredible(zones: MeshState["zones"], parent: string, known: MeshZone | undefined): boolean {
  if (known === undefined)
    return Object.values(zones).filter((each) => each.parent !== undefined).length < INNER_MAX;
  if (known.revoked !== undefined) return false;
  return known.parent === parent || known.silentSince !== undefined;
}

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
