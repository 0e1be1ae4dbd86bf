/**
 * Decides whether a connection may go to a target: what is denied to everybody, what the owners of the zones deny and allow,
 * what the plan allows. Asked by name before anything is looked up, and by address before anything connects. Pure.
 */
import type { Guard } from "../../../streams/schema/guard.ts";
import { CONTROL_PLANE, DENIED_GROUPS, rulesOf } from "./denied-groups.ts";
import { ipOf, isInRange } from "./ip-range.ts";
import { type GuardTarget, ruleDenies, ruleMatches, type TargetRule } from "./target-rule.ts";

/** Where a connection is about to go, as a worker knows it. */
export interface TargetAsked extends Omit<GuardTarget, "address"> {
  /** Undefined while only the name is known. */
  readonly address?: string | undefined;
}

/** Why a target is refused. */
export interface TargetRefusal {
  /** Which rail, and whose: counted under this name. */
  readonly rail: string;
  /** For a person. */
  readonly message: string;
}

export interface TargetGuardOptions {
  /** The zone in which this is: its owner decides about what is denied to everybody. */
  readonly zone: string;
  readonly guards: readonly Guard[];
  /** `options.targets` of the plan. */
  readonly planTargets: readonly string[] | undefined;
  /** Servers of the mesh that this agent knows, `host:port`. */
  readonly controlPlane: readonly string[];
}

interface Denial {
  readonly rail: string;
  readonly rules: readonly TargetRule[];
  /** The owner of the zone may lift it. */
  readonly isBuiltIn: boolean;
}

interface AllowList {
  readonly whose: string;
  readonly rules: readonly TargetRule[];
  /** The script's own list takes names for what the script says they are. */
  readonly isOwn: boolean;
}

const HERE = rulesOf(["loopback"]);

export class TargetGuard {
  readonly #denied: readonly Denial[];
  readonly #lifted: readonly TargetRule[];
  readonly #allowed: readonly AllowList[];

  constructor({ controlPlane, guards, planTargets, zone }: TargetGuardOptions) {
    const lifted = guards
      .filter((guard) => guard.zone === zone)
      .flatMap(({ allowDenied = [] }) => allowDenied);
    const groups = DENIED_GROUPS.filter((group) => !lifted.includes(group));
    const serverRules = controlPlane.flatMap(serverRulesOf);
    this.#lifted = rulesOf(lifted);
    this.#denied = [
      ...groups.map((group) => ({
        rail: `${group}, built in`,
        rules: group === CONTROL_PLANE ? serverRules : rulesOf([group]),
        isBuiltIn: true,
      })),
      ...guards.flatMap(({ deny = [], zone: owner }) =>
        deny.map((entry) => ({
          rail: `deny ${entry} of zone ${owner}`,
          rules: entry === CONTROL_PLANE ? serverRules : rulesOf([entry]),
          isBuiltIn: false,
        })),
      ),
    ];
    this.#allowed = [
      ...guards.flatMap(({ targets, zone: owner }) =>
        targets === undefined ? [] : [{ whose: `zone ${owner}`, rules: rulesOf(targets), isOwn: false }],
      ),
      ...(planTargets === undefined ? [] : [{ whose: "the plan", rules: rulesOf(planTargets), isOwn: true }]),
    ];
  }

  /** What forbids this target, as far as it is known; without an address a list of ranges forbids nothing yet. */
  refusal(asked: TargetAsked): TargetRefusal | undefined {
    const address = asked.address === undefined ? undefined : ipOf(asked.address);
    const where = shown(asked);
    if (asked.address !== undefined && address === undefined)
      return { rail: "unreadable, built in", message: `${where} is refused: its address cannot be read` };
    const target: GuardTarget = { ...asked, address };
    const rail = this.#denial(target) ?? this.#absence(target);
    if (rail === undefined) return undefined;
    const why = rail.startsWith("targets of ") ? `it is not among the ${rail}` : rail;
    return { rail, message: `${where} is refused: ${why}` };
  }

  /** True where only what is listed may be reached. */
  get hasAllowList(): boolean {
    return this.#allowed.length > 0;
  }

  #denial(target: GuardTarget): string | undefined {
    const isLifted = this.#lifted.some((rule) => ruleMatches(rule, target));
    return this.#denied.find(
      ({ isBuiltIn, rules }) => !(isBuiltIn && isLifted) && rules.some((rule) => ruleDenies(rule, target)),
    )?.rail;
  }

  #absence(target: GuardTarget): string | undefined {
    const list = this.#allowed.find(({ isOwn, rules }) => {
      const asked = isOwn ? { ...target, isRenamed: false } : target;
      if (rules.some((rule) => ruleMatches(rule, asked))) return false;
      return target.address !== undefined || !rules.some(({ range }) => range !== undefined);
    });
    return list && `targets of ${list.whose}`;
  }
}

/** A server on this machine has many addresses. */
function serverRulesOf(server: string): readonly TargetRule[] {
  const own = rulesOf([server]);
  const isHere = own.some(
    ({ name, range }) =>
      name === "localhost" ||
      (range && HERE.some((here) => here.range && isInRange(here.range, range.first))),
  );
  return isHere ? [...own, ...HERE.map((rule) => ({ ...rule, port: own[0]?.port }))] : own;
}

function shown({ address, host, port }: TargetAsked): string {
  const named = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  return address === undefined || address === host ? named : `${named} (${address})`;
}
