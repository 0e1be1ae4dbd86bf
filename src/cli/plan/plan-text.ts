/** `mesh plan` for people: the load over time, where it falls, what judges it, and how many agents it needs. Pure. */
import type { Plan } from "../../../streams/schema/plan.ts";
import { totalOf, weighedOf } from "../../domain/forecast/curve.ts";
import type { Forecast, LoadForecast } from "../../domain/forecast/forecast.ts";
import { peakOf } from "../../domain/forecast/peak.ts";
import { durationText } from "../../domain/plan/duration.ts";
import { grouped } from "../../domain/plan/place.ts";
import { dotted, type Page, paragraph, type Row, table, title } from "../../domain/summary/text-layout.ts";
import { chart, frameOf } from "./chart.ts";
import type { GuardedZone } from "./guarded-zones.ts";
import { isLevel, rangeOf, scenarioLines } from "./scenario-text.ts";
import { type Asked, needLines, rateText } from "./need-text.ts";

export interface Look extends Page {
  /** How wide charts may be; text is never wider than its page. */
  readonly chartColumns: number;
  readonly utf8: boolean;
}

const INDENT = "    ";
/** Lines of the topmost curve, where there is something to see. */
const TALL = 4;
/** How finely curves are looked at where nobody sees them. */
const MOMENTS = 200;

/** What is known of a plan beside itself. */
export interface Known {
  readonly forecast: Forecast;
  readonly asked: Asked;
  /** What a guard file says of it; undefined where nobody named one. */
  readonly guarded: readonly GuardedZone[] | undefined;
}

export function planText(plan: Plan, { asked, forecast, guarded }: Known, look: Look): string {
  const blocks = [
    [...title(plan.script, look), ...scenarioLines(plan, forecast, INDENT, look)],
    ...chartBlocks(plan, forecast, look),
    [...title("WHERE", look), ...zoneLines(forecast, look)],
    thresholdLines(plan, look),
    guardLines(plan, guarded, look),
    [...title("AGENTS NEEDED", look), ...needLines(forecast, asked, INDENT, look)],
  ];
  const shown = blocks.filter((block) => block.length > 0).map((block) => block.join("\n"));
  return `\n${shown.join("\n\n")}\n\n`;
}

/** Both models on one scale of time; below it the scenarios of each, and on top what they ask together. */
function chartBlocks(plan: Plan, forecast: Forecast, look: Look): string[][] {
  const models = [
    { model: "closed", heading: "VUS OVER TIME" },
    { model: "open", heading: "ITERATIONS STARTED PER SECOND" },
  ] as const;
  const { durationMs } = forecast;
  const draw = (columns: number) =>
    models.flatMap(({ heading, model }) => {
      const names = forecast.scenarios.flatMap((each) => (each.model === model ? each.name : []));
      const rows = chartRows(plan, names, durationMs, columns).map((row) => {
        // Exact, where a column of the chart has only the mean of its time.
        const most = peakOf(row.of.map((name) => plan.scenarios[name]!));
        return { ...row, peak: model === "open" ? rateText(most) : vusText(most) };
      });
      return rows.length === 0 ? [] : [{ heading, rows }];
    });
  const rough = draw(MOMENTS).flatMap(({ rows }) => rows);
  const frame = frameOf(rough, look.chartColumns);
  return draw(frame.columns).map(({ heading, rows }) => [
    ...title(heading, look),
    ...chart(rows, frame, durationMs, look.utf8),
  ]);
}

const vusText = (vus: number): string => grouped(Math.round(vus));

function chartRows(plan: Plan, names: readonly string[], wholeMs: number, columns: number) {
  const weighed = names.map((name) => weighedOf(plan.scenarios[name]!, wholeMs, columns));
  const rows = names.map((name, n) => ({ name, of: [name], curve: weighed[n]?.curve ?? [] }));
  const all = rows.length < 2 ? rows : [{ name: "total", of: names, curve: totalOf(weighed) }, ...rows];
  return all.map((row, n) => ({ ...row, height: n === 0 && !isLevel(row.curve) ? TALL : 1 }));
}

function zoneLines({ zones }: Forecast, look: Look): string[] {
  const hasRate = zones.some(({ ratePeak }) => ratePeak !== null);
  const hasCount = zones.some(({ iterations }) => iterations !== null);
  const loadCells = (load: LoadForecast) => [
    rangeOf(load.vus, load.vusMax),
    ...(hasRate ? [rateText(load.ratePeak ?? 0)] : []),
    ...(hasCount ? [grouped(load.iterations ?? 0)] : []),
  ];
  const head: Row = [
    "zone",
    "weight",
    "agents",
    "VUs",
    ...(hasRate ? ["peak rate"] : []),
    ...(hasCount ? ["iterations"] : []),
  ];
  const rows = zones.flatMap(({ agent, agents, weight, zone, ...load }): Row[] => {
    const own: Row = [zone, grouped(weight), grouped(agents), ...loadCells(load)];
    if (agents === 1) return [own];
    const { least, most } = agent;
    const [first, last] = [loadCells(most), loadCells(least)];
    const isEven = first.join() === last.join();
    const lines: Row[] = isEven
      ? [["  each agent", "", "", ...first]]
      : [
          ["  first agent", "", "", ...first],
          ["  last agent", "", "", ...last],
        ];
    return [own, ...lines];
  });
  return table(head, rows, INDENT, look);
}

/** Where a run may go, and whether the owner of each zone takes it. */
function guardLines({ http }: Plan, guarded: readonly GuardedZone[] = [], look: Look): string[] {
  const targets: Row[] = http?.targets === undefined ? [] : [["targets", http.targets.join(", ") || "none"]];
  const rows = guarded.map(({ rails, zone }): Row => [`zone ${zone}`, rails.join("; ") || "none"]);
  const refusals = guarded.flatMap(({ refusal }) =>
    refusal === undefined ? [] : paragraph(`✗ ${refusal}`, INDENT, look),
  );
  const lines = [...dotted([...targets, ...rows], INDENT, look), ...refusals];
  return lines.length === 0 ? [] : [...title("GUARD RAILS", look), ...lines];
}

function thresholdLines({ thresholds }: Plan, look: Look): string[] {
  const rows = Object.entries(thresholds).map(([metric, list]): Row => [
    metric,
    ...list.map(({ abortOnFail, delayAbortEvalMs, threshold }, n) => {
      const delay = delayAbortEvalMs > 0 ? ` after ${durationText(delayAbortEvalMs)}` : "";
      const text = abortOnFail ? `${threshold} (else the run ends${delay})` : threshold;
      return n < list.length - 1 ? `${text},` : text;
    }),
  ]);
  return rows.length === 0 ? [] : [...title("THRESHOLDS", look), ...dotted(rows, INDENT, look)];
}
