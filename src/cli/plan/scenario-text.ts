/** The scenarios of a plan in sentences: what each is, when it runs, and what stands around it. Pure. */
import type { Plan, Scenario } from "../../../streams/schema/plan.ts";
import { type Curve, curveOf } from "../../domain/forecast/curve.ts";
import type { Forecast, ScenarioForecast } from "../../domain/forecast/forecast.ts";
import { durationUsOf } from "../../domain/pace/plan-totals.ts";
import { durationText } from "../../domain/plan/duration.ts";
import { grouped } from "../../domain/plan/place.ts";
import { cut, type Page, paragraph } from "../../domain/summary/text-layout.ts";
import { rateText } from "./need-text.ts";

const NAME_MAX = 20;
/** More stages than these are not written out. */
const STAGES_MAX = 8;
/** How finely curves are looked at where nobody sees them. */
const MOMENTS = 200;

export function scenarioLines(plan: Plan, forecast: Forecast, indent: string, look: Page): string[] {
  const width = Math.min(NAME_MAX, Math.max(...forecast.scenarios.map(({ name }) => name.length)));
  const lines = forecast.scenarios.flatMap((each) => {
    const below = `${indent}${" ".repeat(width)}  `;
    const [first = "", ...rest] = paragraph(scenarioText(each, plan.scenarios[each.name]!), below, look);
    return [`${indent}${cut(each.name, width).padEnd(width)}  ${first.trimStart()}`, ...rest];
  });
  return [...paragraph(timesText(plan, forecast), indent, look), "", ...lines];
}

function timesText(plan: Plan, { durationMs, latestMs, scenarios }: Forecast): string {
  const count = scenarios.length === 1 ? "one scenario" : `${scenarios.length} scenarios`;
  const isCounted = scenarios.every(({ iterations, model }) => iterations !== null && model === "closed");
  const lasts = `${isCounted ? "until all iterations are done, at most " : ""}${durationText(durationMs)}`;
  const graceful = latestMs > durationMs ? `, with gracefulStop at most ${durationText(latestMs)}` : "";
  const stages = [
    plan.hasSetup ? `before it setup, at most ${durationText(plan.setupTimeoutMs)}` : [],
    plan.hasTeardown ? `after it teardown, at most ${durationText(plan.teardownTimeoutMs)}` : [],
    plan.hasHandleSummary ? "in the end handleSummary" : [],
  ].flat();
  return `${[`${count}: ${lasts}${graceful}`, ...stages].join("; ")}.`;
}

function scenarioText(forecast: ScenarioForecast, scenario: Scenario): string {
  const { exec, executor, startMs } = forecast;
  const parts = [
    `${executor}: ${loadText(forecast, isSteady(scenario))}${stagesText(scenario)}`,
    startMs > 0 ? `from ${durationText(startMs)}` : [],
    exec === "default" ? [] : `exec ${exec}`,
    scenario.setup === undefined ? [] : `setup ${scenario.setup}`,
    scenario.teardown === undefined ? [] : `teardown ${scenario.teardown}`,
  ];
  return parts.flat().join(", ");
}

/** As `--stage` writes them, with where they start. */
function stagesText(scenario: Scenario): string {
  if (!("stages" in scenario)) return "";
  const { stages } = scenario;
  const start = "startVus" in scenario ? scenario.startVus : scenario.startRate;
  const shown = stages
    .slice(0, STAGES_MAX)
    .map(({ durationMs, target }) => `${durationText(durationMs)}:${target}`);
  const rest = stages.length > STAGES_MAX ? ` and ${stages.length - STAGES_MAX} more` : "";
  const unit =
    "timeUnitMs" in scenario && scenario.timeUnitMs !== 1000
      ? ` per ${durationText(scenario.timeUnitMs)}`
      : "";
  return ` (${start}, then ${shown.join(", ")}${rest}${unit})`;
}

function loadText(scenario: ScenarioForecast, steady: boolean): string {
  const { durationMs, iterations, ratePeak, vus, vusMax } = scenario;
  const many = steady ? "" : "up to ";
  const counted = plural(iterations ?? 0, "iteration");
  const time = durationText(durationMs);
  if (ratePeak !== null) {
    return `${many}${rateText(ratePeak)} for ${time}, ${counted} by ${rangeOf(vus, vusMax, "VUs")}`;
  }
  const by = plural(vusMax, "VU");
  return iterations === null ? `${many}${by} for ${time}` : `${counted} by ${by}, at most ${time}`;
}

/** Whether the load of a scenario is the same all the time. */
const isSteady = (scenario: Scenario): boolean =>
  isLevel(curveOf(scenario, scenario.startTimeMs + durationUsOf(scenario) / 1000, MOMENTS));

export function isLevel(curve: Curve): boolean {
  const values = curve.flatMap((value) => value ?? []);
  return Math.min(...values) >= 0.99 * Math.max(...values);
}

const plural = (count: number, noun: string): string => `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;

export function rangeOf(least: number, most: number, noun?: string): string {
  const range = least === most ? grouped(most) : `${grouped(least)}–${grouped(most)}`;
  return noun === undefined ? range : `${range} ${most === 1 ? noun.replace(/s$/, "") : noun}`;
}
