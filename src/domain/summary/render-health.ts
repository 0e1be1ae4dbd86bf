/**
 * The verdict on the generators in a sentence each: healthy in one calm line, or who broke which budget, and what a
 * clock that starts at the send would have hidden. Nothing of a run whose plan has no budgets.
 */
import type { HealthSample } from "../interval/health.ts";
import type { GeneratorSummary } from "./document.ts";
import { durationText } from "./figures.ts";
import { type Page, paragraph } from "./text-layout.ts";

const BREACH_LINES_MAX = 5;

export function renderHealth(generator: GeneratorSummary, indent: string, page: Page): string[] {
  const { breaches = [], onBreach, p99Ms } = generator;
  const lines = breaches.length > 0 ? broken(generator) : onBreach === undefined ? [] : [healthy(generator)];
  if (p99Ms !== undefined) {
    const [actual, intended] = [durationText(p99Ms.actual), durationText(p99Ms.intended)];
    lines.push(`iterations p99 ${actual} from their actual start, ${intended} from the intended one`);
  }
  return lines.length === 0 ? [] : ["", ...lines.flatMap((line) => paragraph(line, indent, page))];
}

function broken({ breaches = [], onBreach }: GeneratorSummary): string[] {
  const mark = onBreach === "invalid" ? "✗" : "!";
  const more = breaches.length - BREACH_LINES_MAX;
  return [
    ...breaches.slice(0, BREACH_LINES_MAX).map(({ message }) => `${mark} ${message}`),
    ...(more > 0 ? [`… and ${more} more`] : []),
  ];
}

/** The worst window of any agent. */
function healthy({ byAgent }: GeneratorSummary): string {
  const agents = Object.values(byAgent);
  const most = (of: (health: HealthSample) => number) => Math.max(0, ...agents.map(of));
  const figures = [
    ...(most(({ lagUsMax }) => lagUsMax) === 0
      ? []
      : [`schedule lag p99 ${durationText(most(({ lagUsP99 }) => lagUsP99) / 1000)}`]),
    `event loop at most ${durationText(most(({ loopDelayUsMax }) => loopDelayUsMax) / 1000)} late`,
    `cpu at most ${Math.round(most(({ cpuPermille }) => cpuPermille) / 10)}% of a core`,
  ];
  return `✓ generator healthy: ${figures.join(", ")}`;
}
