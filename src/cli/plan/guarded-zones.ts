/** A plan held against a guard file: what holds in each zone of the plan, and whether a run would be taken there. */
import type { Plan } from "../../../streams/schema/plan.ts";
import { guardWords } from "../../domain/guard/guard-words.ts";
import { shareRails } from "../../domain/guard/share-rails.ts";
import { actor } from "../actor.ts";
import { ownersFile } from "../zone/guard-file.ts";

export interface GuardedZone {
  readonly zone: string;
  /** What holds there, a phrase each. */
  readonly rails: readonly string[];
  /** Why a run would not be taken; absent where it would. */
  readonly refusal?: string;
}

export function guardedZones(plan: Plan, file: string): readonly GuardedZone[] {
  const weights = plan.zones.map(({ weight }) => weight);
  return plan.zones.map(({ zone }, index) => {
    const owners = ownersFile(file, zone);
    const share = [{ weights, index }];
    const { guards = [], refusal } = shareRails(
      { zone, plan, share, actor: actor(), guards: [], others: [] },
      owners,
    );
    const only = owners.read.ok && owners.read.file.requireApproval ? ["only approved scripts"] : [];
    const rails = [...guards.flatMap(guardWords), ...only];
    return { zone, rails, ...(refusal === undefined ? {} : { refusal }) };
  });
}
