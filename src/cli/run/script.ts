/**
 * From a path to what root is asked: bundles the script, runs its module scope once to learn its options, and checks
 * the plan with root's own function, only to answer sooner.
 */
import { randomInt } from "node:crypto";
import type { PlanRequest, ZoneWeight } from "../../../streams/schema/plan.ts";
import { bundleScript } from "../../bundle/bundle.ts";
import { exampleTargetOf, type ExampleTarget, startExampleTarget } from "../../bundle/example-target.ts";
import { inspectScript } from "../../bundle/inspect-script.ts";
import { ScriptError } from "../../bundle/script-error.ts";
import { hideValues, namesOf, type RunEnvironment } from "../../domain/plan/environment.ts";
import { planRun } from "../../domain/plan/normalize.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import { problemsFailure } from "./problems-failure.ts";
import { type Labels, labelsOf } from "./labels.ts";
import { basename } from "node:path";

export interface ScriptFlags {
  readonly script: string;
  readonly zones: readonly ZoneWeight[];
  readonly agents: number;
  readonly env: Readonly<Record<string, string>>;
  readonly vus?: number | undefined;
  readonly duration?: string | undefined;
  readonly iterations?: number | undefined;
  readonly embedded: boolean;
  /** As they were given; what can be seen of commit and CI is added. */
  readonly labels: Labels;
  /** False when the run is not to land in ClickHouse. */
  readonly history?: boolean | undefined;
}

export interface Prepared {
  readonly request: PlanRequest;
  readonly bundle: Uint8Array;
  readonly sourceMap: string;
  readonly environment: RunEnvironment;
  /** The target that an example brings along, already up. */
  readonly target: ExampleTarget | undefined;
}

export async function prepareScript(flags: ScriptFlags): Promise<Prepared> {
  const [bundled, labels] = await Promise.all([
    bundleScript(flags.script),
    labelsOf(flags.script, flags.labels),
  ]);
  const bundle = valid(bundled);
  const first = valid(await inspectScript(bundle, { ...flags.env }));
  const target = await bringTarget(flags, first.options);
  const env = target === undefined ? flags.env : { ...flags.env, TARGET_URL: target.url };
  const request: PlanRequest = {
    script: basename(flags.script),
    bundle: bundle.sha256,
    options: first.options ?? {},
    exports: first.exports,
    metrics: first.metrics,
    flags: {
      ...(flags.vus === undefined ? {} : { vus: flags.vus }),
      ...(flags.iterations === undefined ? {} : { iterations: flags.iterations }),
      ...(flags.duration === undefined ? {} : { duration: flags.duration }),
    },
    zones: flags.zones,
    agents: flags.agents,
    env: [],
    embedded: flags.embedded,
    seed: randomInt(2 ** 32),
    ...(flags.history === false ? { history: false } : {}),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
  };
  const planned = planRun(request);
  if (!planned.ok) {
    await target?.stop();
    throw problemsFailure(flags.script, planned.problems);
  }
  const { options, scenarios } = hideValues(request.options);
  const environment = { env, scenarios };
  return {
    request: { ...request, options, env: namesOf(environment) },
    bundle: bundle.bytes,
    sourceMap: bundle.sourceMap,
    environment,
    target,
  };
}

async function bringTarget(flags: ScriptFlags, options: unknown): Promise<ExampleTarget | undefined> {
  const program = exampleTargetOf(options);
  if (program === undefined || !flags.embedded || "TARGET_URL" in flags.env) return undefined;
  return valid(await startExampleTarget(flags.script, program));
}

function valid<A>(result: A | ScriptError): A {
  if (!(result instanceof ScriptError)) return result;
  const exit = result.reason === "threw" ? exitCode.scriptThrew : exitCode.scriptInvalid;
  const frame = result.frame === "" ? "" : `\n${result.frame}`;
  throw new Failure(exit, "Script", `${result.place}: ${result.message}${frame}`, result.hint);
}
