/**
 * The table of `export const options`: every option we take, with its default, and those of k6 that we do not take yet.
 */
import type { PlanRequest } from "../../../streams/schema/plan.ts";
import { iterations, regularDuration, vus } from "../executor/load-options.ts";
import { vuStages } from "../executor/stages.ts";
import { defaulted, type FieldsOf, optional, readObject, type Reader } from "./field.ts";
import { httpFields } from "./http-options.ts";
import type { Place } from "./place.ts";
import { generator, GENERATOR_DEFAULT, onAgentLoss, onSilence } from "./policies.ts";
import { anyObject, duration, flag, listOf, tagRecord, text } from "./reader.ts";
import { scenariosReader } from "./scenarios.ts";
import { checkCounts, flagsReplace, type Shortcuts, usesScenarios } from "./shortcuts.ts";
import { STAGE_TIMEOUT_MS } from "./stage-timeout.ts";
import { thresholdsReader } from "./thresholds.ts";

/** Silence under `mesh run`'s own servers means that the command died; in a mesh it may be a link that heals. */
const SILENCE_EMBEDDED_MS = 5000;
const SILENCE_MESH_MS = 300_000;

const timeout = duration(1);
const trendStat: Reader<string> = (value, at) => {
  const stat = text(value, at);
  if (stat === undefined || isTrendStat(stat)) return stat;
  return at.report(
    `is not a statistic of a trend: "${stat}"`,
    "known: avg, min, med, max, count, p(N) with N from 0 to 100",
  );
};

function isTrendStat(stat: string): boolean {
  const percentile = /^p\((\d+(?:\.\d+)?)\)$/.exec(stat)?.[1];
  if (percentile !== undefined) return Number(percentile) <= 100;
  return ["avg", "min", "med", "max", "count"].includes(stat);
}

function tableOf(request: PlanRequest) {
  const silenceMs = request.embedded ? SILENCE_EMBEDDED_MS : SILENCE_MESH_MS;
  return {
    vus: optional(vus),
    iterations: optional(iterations),
    duration: optional(regularDuration),
    stages: optional(vuStages),
    // Scenarios that flags replace are not looked at: a quick try must not stumble over them.
    scenarios: optional(flagsReplace(request.flags) ? ignored : scenariosReader(request.exports)),
    thresholds: defaulted(thresholdsReader(request), {}),
    tags: defaulted(tagRecord, {}),
    setupTimeout: defaulted(timeout, STAGE_TIMEOUT_MS),
    teardownTimeout: defaulted(timeout, STAGE_TIMEOUT_MS),
    handleSummaryTimeout: defaulted(timeout, 120_000),
    summaryTrendStats: defaulted(listOf(trendStat), ["avg", "min", "med", "max", "p(90)", "p(95)"]),
    discardResponseBodies: defaulted(flag, false),
    noConnectionReuse: defaulted(flag, false),
    insecureSkipTLSVerify: defaulted(flag, false),
    userAgent: defaulted(text, "loadmesh"),
    requestTimeout: defaulted(timeout, 60_000),
    minIterationDuration: optional(duration(0)),
    ...httpFields,
    onSilence: defaulted(onSilence, { do: "stop", afterMs: silenceMs }),
    onAgentLoss: defaulted(onAgentLoss, { do: "fail" }),
    generator: defaulted(generator, { budgets: GENERATOR_DEFAULT }),
    // As in k6: for other programs, not for us.
    cloud: optional(anyObject),
    ext: optional(anyObject),
  };
}

const ignored = () => ({});

/** Options of k6 that would change what a run does or says. To pass over one in silence would be a lie. */
const NOT_YET = [
  "address compatibilityMode consoleOutput execution executionSegment executionSegmentSequence",
  "includeSystemEnvVars linger localIPs logOutput metricSamplesBufferSize noSetup noSummary noTeardown",
  "noThresholds noUsageReport out paused summaryExport summaryMode summaryTimeUnit systemTags tracesOutput",
];

const notYet = {
  ...Object.fromEntries(NOT_YET.flatMap((names) => names.split(" ")).map((name) => [name, "remove it"])),
  httpDebug: "print what you want to see: console.log(res.request, res.headers, res.body)",
  rps: "give the scenario an arrival rate: executor constant-arrival-rate",
};

export type Options = FieldsOf<ReturnType<typeof tableOf>>;

/**
 * The script's options with every default filled in; undefined after everything wrong with them was reported. Without
 * `flags` (they could not be read) the script's shortcuts are not held against them.
 */
export function readOptions(
  request: PlanRequest,
  flags: Shortcuts | undefined,
  at: Place,
): Options | undefined {
  const check = (script: Shortcuts, at: Place) =>
    flags === undefined || usesScenarios(request) || checkCounts(script, flags, at);
  return readObject({ fields: tableOf(request), noun: "option", notYet, check }, request.options ?? {}, at);
}
