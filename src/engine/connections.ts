/** How the requests of a worker go out: connections by the plan's options, within the guard rails of its assignment. */
import { TargetGuard, type TargetRefusal } from "../domain/guard/target-guard.ts";
import type { Assignment } from "../ports/workers.ts";
import type { Clock } from "../script/clock.ts";
import { AddressRules } from "../script/connect/address-rules.ts";
import { TlsRules } from "../script/connect/tls-rules.ts";
import { guardForeignConnections } from "../script/guard/foreign-connections.ts";
import type { Connections } from "../script/http-client.ts";
import { laneOpeners } from "../script/open-lane.ts";
import type { WorkerSettings } from "../script/vu-state.ts";

/** What an assignment forbids to connect to. */
export const targetGuardOf = ({ controlPlane = [], guards = [], plan, zone }: Assignment): TargetGuard =>
  new TargetGuard({ zone, guards, planTargets: plan.http?.targets, controlPlane });

/** What the connections of all VUs share. */
export function connectionsOf(settings: WorkerSettings, clock: Clock, guard: TargetGuard): Connections {
  const { http, reuseConnections: reuse, userAgent, verifyTls } = settings;
  const plainHeaders = userAgent === "" ? [] : ["User-Agent", userAgent];
  const dial = { clock, addresses: new AddressRules(http, guard), tls: new TlsRules(http, verifyTls) };
  const lanes = { clock, reuse, dial, plainHeaders };
  return { settings: lanes, opener: laneOpeners(lanes) };
}

/** What else a script may do to get out of its process, by the same rails; in force for good. */
export function guardProcess(
  { guards = [], zone }: Assignment,
  guard: TargetGuard,
  told: (refusal: TargetRefusal) => void,
): void {
  const counting = guards.find(
    ({ maxRate, maxRequests }) => maxRate !== undefined || maxRequests !== undefined,
  );
  const owner = counting?.zone ?? "";
  guardForeignConnections({
    refusal: (asked) => guard.refusal(asked),
    refused: told,
    hasAllowList: guard.hasAllowList,
    closed: counting && {
      rail: `ceilings of zone ${owner}`,
      message: `the owner of zone ${owner} counts requests, so only http of loadmesh may send any`,
    },
    noProcesses:
      guards.length === 0
        ? undefined
        : `the owner of zone ${zone} holds what runs there to guard rails, so scripts start no processes and no threads`,
  });
}
