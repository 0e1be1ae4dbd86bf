/**
 * The shortcuts `vus`, `iterations`, `duration` and `stages`, from a script's options or a door's flags: they make one
 * scenario called `default`. As in k6 a shortcut beside `scenarios` is a problem in a script, while flags replace whatever the
 * script says; only `--vus` alone lets the script's other shortcuts stand.
 */
import type { PlanRequest, Problem, Scenario } from "../../../streams/schema/plan.ts";
import { COMMON_DEFAULTS } from "../executor/executor.ts";
import { iterations, MAX_DURATION_MS, regularDuration, vus } from "../executor/load-options.ts";
import { RAMP_DEFAULTS } from "../executor/ramping-vus.ts";
import { enoughIterations } from "../executor/shared-iterations.ts";
import { stageFlag, type Stages, vuStages } from "../executor/stages.ts";
import { isGiven, isObject, type Reader } from "./field.ts";
import { type Place, placeAt } from "./place.ts";
import { listOf } from "./reader.ts";
import { isExported } from "./scenarios.ts";

/** One scenario's worth of load in short form; the duration in milliseconds. */
export interface Shortcuts {
  readonly vus?: number | undefined;
  readonly iterations?: number | undefined;
  readonly duration?: number | undefined;
  readonly stages?: Stages | undefined;
}

const NAMES = ["vus", "iterations", "duration", "stages"] as const;

/** What a door calls them. */
const FLAGS = {
  vus: "--vus",
  iterations: "--iterations",
  duration: "--duration",
  stages: "--stage",
} as const;

const stageFlags: Reader<Stages> = (value, at) => {
  const list = listOf(stageFlag)(value, at);
  return list === undefined ? undefined : vuStages(list, at);
};

/** The door's flags; undefined after problems with any of them were reported. */
export function readFlags(flags: PlanRequest["flags"], problems: Problem[]): Shortcuts | undefined {
  const before = problems.length;
  const read = <T>(name: keyof Shortcuts, reader: Reader<T>): T | undefined =>
    isGiven(flags[name]) ? reader(flags[name], placeAt(FLAGS[name], problems)) : undefined;
  const shortcuts = {
    vus: read("vus", vus),
    iterations: read("iterations", iterations),
    duration: read("duration", regularDuration),
    stages: read("stages", stageFlags),
  };
  checkTogether(flags, (name) => FLAGS[name], placeAt(FLAGS.stages, problems));
  return problems.length === before ? shortcuts : undefined;
}

/** True if the door's flags say how much load there is, so that the script's scenarios do not count. */
export function flagsReplace(flags: PlanRequest["flags"]): boolean {
  return NAMES.some((name) => isGiven(flags[name]));
}

/** True if the load comes from `options.scenarios`, and not from shortcuts or flags. */
export function usesScenarios({ options, flags }: Pick<PlanRequest, "options" | "flags">): boolean {
  return !flagsReplace(flags) && isObject(options) && isGiven(options["scenarios"]);
}

/** Reports load given both as scenarios and as a shortcut, and a missing default function to run by shortcuts. */
export function checkLoad(request: PlanRequest, problems: Problem[]): void {
  if (!usesScenarios(request)) {
    if (!reportsReplaced(request, problems))
      isExported("default", request.exports, placeAt("script", problems));
    if (!flagsReplace(request.flags) && isObject(request.options))
      checkTogether(request.options, (name) => `\`${name}\``, placeAt("options.stages", problems));
    return;
  }
  const options = request.options as Readonly<Record<string, unknown>>;
  const shortcuts = NAMES.filter((name) => isGiven(options[name]));
  if (shortcuts.length === 0) return;
  const names = shortcuts.map((name) => `\`${name}\``).join(" and ");
  const hint = `remove ${names}, or move the load into a scenario`;
  placeAt("options", problems).report(`has both \`scenarios\` and ${names}`, hint);
}

/** Reports flags that put a missing default function in the place of scenarios, which name others. */
function reportsReplaced({ exports, flags, options }: PlanRequest, problems: Problem[]): boolean {
  const hasScenarios = isObject(options) && isGiven(options["scenarios"]);
  const given = NAMES.filter((name) => isGiven(flags[name])).map((name) => FLAGS[name]);
  const [first] = given;
  if (first === undefined || !hasScenarios || exports.includes("default")) return false;
  placeAt(first, problems).report(
    "replaces options.scenarios and so needs a default export, which the script does not have",
    `leave out ${given.join(" and ")} to run the scenarios, or write: export default async function () { … }`,
  );
  return true;
}

/** Reports stages beside what else says how long or how often, as k6 does. */
function checkTogether(
  given: Readonly<Partial<Record<keyof Shortcuts, unknown>>>,
  written: (name: keyof Shortcuts) => string,
  at: Place,
): void {
  if (!isGiven(given.stages)) return;
  const others = (["iterations", "duration"] as const).filter((name) => isGiven(given[name]));
  if (others.length === 0) return;
  const names = others.map(written).join(" and ");
  at.report(`cannot be combined with ${names}`, `remove ${names}: stages say how long`);
}

/** Reports fewer iterations than VUs, at the place where `iterations` were written: the script or a flag. */
export function checkCounts(script: Shortcuts, flags: Shortcuts, options: Place): boolean {
  const { vus, iterations } = overridden(script, flags);
  const at = flags.iterations === undefined ? options.in("iterations") : options.root("--iterations");
  return enoughIterations({ vus: vus ?? 1, iterations }, at);
}

/** What is left of the script's shortcuts once the flags have had their say. */
export function overridden(script: Shortcuts, flags: Shortcuts): Shortcuts {
  const vus = flags.vus ?? script.vus;
  const { duration, iterations, stages } = flags;
  const stand = iterations === undefined && duration === undefined && stages === undefined;
  return stand ? { ...script, vus } : { vus, iterations, duration, stages };
}

/** The scenario that shortcuts mean, by k6's rules. */
export function scenarioOf(shortcuts: Shortcuts): Scenario {
  const { vus = 1, duration, stages } = shortcuts;
  if (stages !== undefined) {
    return { executor: "ramping-vus", ...COMMON_DEFAULTS, ...RAMP_DEFAULTS, startVus: vus, stages };
  }
  const iterations = shortcuts.iterations ?? (duration === undefined ? shortcuts.vus : undefined);
  if (iterations !== undefined) {
    const maxDurationMs = duration ?? MAX_DURATION_MS;
    return { executor: "shared-iterations", ...COMMON_DEFAULTS, vus, iterations, maxDurationMs };
  }
  if (duration !== undefined) {
    return { executor: "constant-vus", ...COMMON_DEFAULTS, vus, durationMs: duration };
  }
  const once = { vus: 1, iterations: 1, maxDurationMs: MAX_DURATION_MS };
  return { executor: "per-vu-iterations", ...COMMON_DEFAULTS, ...once };
}
