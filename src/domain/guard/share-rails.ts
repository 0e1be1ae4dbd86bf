/**
 * What a zone holds a share to: the guards of those above and its owner's own, as the owner's file says now, and why the
 * share may not be taken at all. Pure: the file was read by whoever has it.
 */
import type { Guard } from "../../../streams/schema/guard.ts";
import type { Plan, Problem } from "../../../streams/schema/plan.ts";
import type { Share } from "../../../streams/schema/share.ts";
import { beyondCeilings } from "./ceilings.ts";
import { type GuardFile, problemLines } from "./guard-file.ts";

export interface ShareRails {
  readonly guards?: readonly Guard[];
  readonly controlPlane?: readonly string[];
  /** For a person, in one sentence; undefined where the share may be taken. */
  readonly refusal?: string | undefined;
  /** The owner approved this very bundle: it must be what lies under its hash. */
  readonly isApproved?: boolean;
}

/** An owner's file as it is just now. */
export interface OwnersFile {
  /** What the file is called, for people. */
  readonly name: string;
  readonly read:
    | { readonly ok: true; readonly file: GuardFile }
    | { readonly ok: false; readonly problems: readonly Problem[] };
}

export interface OtherRun {
  readonly run: string;
  /** It is over, but an agent that was lost may still go on. */
  readonly lingers: boolean;
}

export interface ShareAsked {
  readonly zone: string;
  readonly plan: Plan;
  readonly share: Share;
  readonly actor: string | undefined;
  /** Of those above. */
  readonly guards: readonly Guard[];
  /** Other runs that are under way in the zone, or may be. */
  readonly others: readonly OtherRun[];
}

/** @param owners the zone's owner's file; undefined: there is none */
export function shareRails(asked: ShareAsked, owners: OwnersFile | undefined): ShareRails {
  const { plan, share, zone } = asked;
  // Only its owner decides about what is denied to everybody: nobody above speaks in this zone's name.
  const above = asked.guards.filter((guard) => guard.zone !== zone);
  if (owners !== undefined && !owners.read.ok) {
    const [first = ""] = problemLines(owners.name, owners.read.problems);
    return { guards: above, refusal: `zone ${zone} takes no run while its guard file is wrong: ${first}` };
  }
  const file = owners?.read.ok === true ? owners.read.file : undefined;
  const guards = file === undefined ? above : [...above, file.guard];
  const refusal =
    unapproved(asked, owners?.name ?? "", file) ??
    besideOthers(asked, file) ??
    beyondCeilings(guards, plan, share);
  return { guards, refusal, isApproved: file?.requireApproval === true && refusal === undefined };
}

function unapproved({ actor, plan, zone }: ShareAsked, name: string, file: GuardFile | undefined) {
  if (file?.requireApproval !== true || file.approved.includes(plan.bundle)) return undefined;
  const who = actor === undefined || actor === "" ? "somebody" : actor;
  return (
    `${plan.script} (${plan.bundle}), which ${who} asked to run, is not approved in zone ${zone}; ` +
    `its owner approves it there: mesh zone approve ${zone} ${plan.bundle} --guard ${name}`
  );
}

/** A rate is divided among the workers of one run: two runs at once would have it twice. */
function besideOthers({ others: [other], plan, zone }: ShareAsked, file: GuardFile | undefined) {
  const maxRate = file?.guard.maxRate;
  if (maxRate === undefined || other === undefined) return undefined;
  return (
    `${plan.script} cannot run in zone ${zone} just now: its owner allows ${maxRate} requests per second in all (maxRate), ` +
    `and run ${other.run} has them${other.lingers ? " (an agent was lost, and goes on until its onSilence stops it)" : ""}; ` +
    "start it again when that one is over"
  );
}
