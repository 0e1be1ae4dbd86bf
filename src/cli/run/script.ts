/**
 * From a path to what root is asked: bundles the script, runs its module scope once to learn its options, and checks
 * the plan with root's own function, only to answer sooner.
 */
import { randomInt } from "node:crypto";
import type { PlanRequest, Problem, ZoneWeight } from "../../../streams/schema/plan.ts";
import { type Bundle, sha256Hex } from "../../bundle/artifact.ts";
import { bundleScript } from "../../bundle/bundle.ts";
import {
  exampleTargetFile,
  exampleTargetOf,
  type ExampleTarget,
  startExampleTarget,
} from "../../bundle/example-target.ts";
import { inspectScript } from "../../bundle/inspect-script.ts";
import { optionPlaces } from "../../bundle/option-places.ts";
import { ScriptError } from "../../bundle/script-error.ts";
import { hideValues, namesOf, type RunEnvironment } from "../../domain/plan/environment.ts";
import { planRun } from "../../domain/plan/normalize.ts";
import { exitCode, Failure } from "../exit-codes.ts";
import { certificateProblems } from "./client-certificates.ts";
import { problemsFailure } from "./problems-failure.ts";
import { type Labels, labelsOf } from "./labels.ts";
import { basename } from "node:path";

export interface ScriptFlags {
  readonly script: string;
  readonly zones: readonly ZoneWeight[];
  readonly agents: number;
  readonly env: Readonly<Record<string, string>>;
  /** Values of `--secret`. */
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly vus?: number | undefined;
  readonly duration?: string | undefined;
  readonly iterations?: number | undefined;
  /** As k6 writes them: `10s:20`. */
  readonly stages?: readonly string[] | undefined;
  readonly embedded: boolean;
  /** Of the random choices; by chance when it is not given. */
  readonly seed?: number | undefined;
  /** As they were given; what can be seen of commit and CI is added. */
  readonly labels: Labels;
  /** False when the run is not to land in ClickHouse. */
  readonly history?: boolean | undefined;
}

/** A script that can be run as it was asked for. */
export interface Examined {
  /** What root is asked: values of the environment are left out, their names are not. */
  readonly request: PlanRequest;
  readonly bundle: Bundle;
  /** Bytes of its data files, by SHA-256. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly environment: RunEnvironment;
  /** The script's options as it gave them. */
  readonly options: unknown;
}

/** Starts nothing that outlives it. Throws a Failure with everything that is wrong with the script or the flags. */
export async function examineScript(flags: ScriptFlags): Promise<Examined> {
  const [bundled, labels] = await Promise.all([
    bundleScript(flags.script),
    labelsOf(flags.script, flags.labels),
  ]);
  const seed = flags.seed ?? randomInt(2 ** 32);
  const bundle = valid(bundled);
  const found = await inspectScript(bundle, { env: { ...flags.env }, seed });
  if (found instanceof ScriptError && found.problems.length > 0) throw await refused(flags, found.problems);
  const inspected = valid(found);
  const named = inspected.files.map(({ name, bytes }) => ({ name, bytes, sha256: sha256Hex(bytes) }));
  const request: PlanRequest = {
    script: basename(flags.script),
    bundle: bundle.sha256,
    options: inspected.options ?? {},
    exports: inspected.exports,
    metrics: inspected.metrics,
    flags: {
      ...(flags.vus === undefined ? {} : { vus: flags.vus }),
      ...(flags.iterations === undefined ? {} : { iterations: flags.iterations }),
      ...(flags.duration === undefined ? {} : { duration: flags.duration }),
      ...((flags.stages ?? []).length === 0 ? {} : { stages: flags.stages ?? [] }),
    },
    zones: flags.zones,
    agents: flags.agents,
    env: [],
    embedded: flags.embedded,
    seed,
    ...(flags.history === false ? { history: false } : {}),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...(named.length === 0
      ? {}
      : { files: named.map(({ name, sha256, bytes }) => ({ name, sha256, bytes: bytes.length })) }),
  };
  const planned = planRun(request);
  if (!planned.ok) throw await refused(flags, planned.problems);
  const target = targetOf(flags, inspected.options);
  if (target !== undefined) valid(exampleTargetFile(flags.script, target));
  const { options, ...values } = hideValues(request.options);
  const unusable = await certificateProblems(values.tlsAuth);
  if (unusable.length > 0) throw await refused(flags, unusable);
  const { secrets = {} } = flags;
  const hidden = Object.keys(secrets).length === 0 ? {} : { secrets };
  const environment = { env: flags.env, ...hidden, ...values };
  return {
    request: { ...request, options, env: namesOf(environment) },
    bundle,
    files: new Map(named.map(({ sha256, bytes }) => [sha256, bytes])),
    environment,
    options: inspected.options,
  };
}

export interface Prepared {
  readonly request: PlanRequest;
  readonly bundle: Uint8Array;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly sourceMap: string;
  readonly environment: RunEnvironment;
  /** The target that an example brings along, already up. */
  readonly target: ExampleTarget | undefined;
}

export async function prepareScript(flags: ScriptFlags): Promise<Prepared> {
  const { bundle, environment: given, files, options, request } = await examineScript(flags);
  const target = await bringTarget(flags, options);
  const env = target === undefined ? given.env : { ...given.env, TARGET_URL: target.url };
  const environment = { ...given, env };
  return {
    request: { ...request, env: namesOf(environment) },
    bundle: bundle.bytes,
    files,
    sourceMap: bundle.sourceMap,
    environment,
    target,
  };
}

const refused = async ({ script }: ScriptFlags, problems: readonly Problem[]): Promise<Failure> =>
  problemsFailure(script, problems, await optionPlaces(script));

/** The program of a target that this run would bring along. */
const targetOf = (flags: ScriptFlags, options: unknown): string | undefined =>
  flags.embedded && !("TARGET_URL" in flags.env) ? exampleTargetOf(options) : undefined;

async function bringTarget(flags: ScriptFlags, options: unknown): Promise<ExampleTarget | undefined> {
  const program = targetOf(flags, options);
  return program === undefined ? undefined : valid(await startExampleTarget(flags.script, program));
}

function valid<A>(result: A | ScriptError): A {
  if (!(result instanceof ScriptError)) return result;
  const exit = result.reason === "threw" ? exitCode.scriptThrew : exitCode.scriptInvalid;
  const all = [result, ...result.more];
  const texts = all.map(
    ({ frame, message, place }) => `${place}: ${message}${frame === "" ? "" : `\n${frame}`}`,
  );
  const hints = new Set(all.flatMap(({ hint }) => hint ?? []));
  const hint = hints.size === 0 ? undefined : [...hints].join("\n      ");
  throw new Failure(exit, "Script", texts.join("\n"), hint);
}
