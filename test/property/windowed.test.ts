/**
 * The law of thresholds with a timeframe: on any log of root, with windows of any length, gaps and late data, they are
 * breached at the interval, in the windows and by the figure that a model finds which keeps every sample and, after each
 * interval, looks at all that has passed once more.
 */
import { describe, expect, it } from "vitest";
import { RunMetrics } from "../../src/domain/summary/run-metrics.ts";
import { WindowedThresholds } from "../../src/domain/threshold/windowed.ts";
import { planOf } from "../unit/plan/request.ts";
import { frameOf } from "../unit/threshold/fixture.ts";
import { between, pick, type Random, randomFrom } from "./random.ts";

const SEEDS = Array.from({ length: 200 }, (_, index) => index + 1);
const METRIC = { trend: "http_req_duration", rate: "http_req_failed", counter: "http_reqs" } as const;

interface Case {
  readonly kind: keyof typeof METRIC;
  readonly method: string;
  readonly operator: "<" | ">";
  readonly limit: number;
  readonly logic: "for" | "within" | "over";
  readonly length: number;
  readonly delayMs: number;
  readonly windowMs: number;
  readonly loadSeconds: number;
}

interface Interval {
  readonly window: number;
  readonly samples: readonly number[];
}

function caseOf(random: Random): Case {
  const [kind, method, limit] = pick(random, [
    ["trend", "max", between(random, 2, 9) + 0.5],
    ["trend", "avg", between(random, 2, 9) + 0.5],
    ["trend", "p(50)", between(random, 2, 9) + 0.5],
    ["rate", "rate", between(random, 1, 9) / 10],
    ["counter", "count", between(random, 1, 12)],
    ["counter", "rate", between(random, 1, 12) / 2],
  ] as const);
  return {
    kind,
    method,
    operator: pick(random, ["<", "<", ">"]),
    limit,
    logic: pick(random, ["for", "within", "over"]),
    length: between(random, 1, 6),
    delayMs: pick(random, [0, 0, 1000, 2500]),
    windowMs: pick(random, [1000, 200, 500]),
    loadSeconds: between(random, 6, 20),
  };
}

/** Windows in their order, now and then one again with what came late, or nothing at all. */
function logOf(random: Random, { kind, loadSeconds, windowMs }: Case): readonly Interval[] {
  const windows = Math.floor((loadSeconds * 1000) / windowMs) + between(random, -8, 5);
  const [few, bad] = [random() * 0.8, random()];
  const samplesIn = () =>
    Array.from({ length: random() < few ? 0 : between(random, 1, 4) }, () => {
      if (kind === "trend") return random() < bad ? between(random, 3, 12) : 1;
      return kind === "rate" ? Number(random() < bad) : 1;
    });
  return Array.from({ length: Math.max(1, windows) }, (_, window) => window).flatMap((window) => {
    const late = random() < 0.2 ? [{ window: between(random, 0, window), samples: samplesIn() }] : [];
    return [{ window, samples: samplesIn() }, ...late];
  });
}

/** The figure of some samples; undefined without. */
function figureOf({ kind, method }: Case, samples: readonly number[], ms: number, hasCounted: boolean) {
  const sum = samples.reduce((all, each) => all + each, 0);
  if (kind === "counter") return !hasCounted ? undefined : method === "count" ? sum : (sum / ms) * 1000;
  if (samples.length === 0) return undefined;
  if (method === "max") return Math.max(...samples);
  if (method === "p(50)")
    return samples.toSorted((a, b) => a - b)[Math.max(1, Math.ceil(samples.length / 2)) - 1];
  return sum / samples.length;
}

/** The breach that all intervals so far show, the one that ends first. */
function modelled(of: Case, log: readonly Interval[]) {
  const span = 1000 / of.windowMs;
  const closed = Math.floor((Math.max(...log.map(({ window }) => window)) + 1) / span) - 1;
  const inSeconds = (from: number, to: number) =>
    log.filter(({ window }) => window >= from * span && window < (to + 1) * span).flatMap((i) => i.samples);
  const figure = (from: number, to: number) => {
    const hasCounted = inSeconds(0, to).length > 0;
    return figureOf(of, inSeconds(from, to), (to - from + 1) * 1000, hasCounted);
  };
  for (let end = 0; end <= Math.min(closed, of.loadSeconds - 1); end += 1) {
    if ((end + 1) * 1000 <= of.delayMs) continue;
    const breach = of.logic === "for" ? rowAt(of, end, figure) : slideAt(of, end, figure);
    if (breach === undefined) continue;
    const windows = [breach.from * span, (end + 1) * span - 1];
    return { observed: breach.observed, windows };
  }
  return undefined;
}

type Figure = (from: number, to: number) => number | undefined;

const isBad = ({ limit, operator }: Case, figure: number): boolean =>
  operator === "<" ? figure >= limit : figure <= limit;

function slideAt(of: Case, end: number, figure: Figure) {
  const { length, logic } = of;
  if (logic === "over" && end < length - 1) return undefined;
  const from = Math.max(0, end - length + 1);
  const observed = figure(from, end);
  return observed !== undefined && isBad(of, observed) ? { from, observed } : undefined;
}

function rowAt(of: Case, end: number, figure: Figure) {
  const observed = figure(end, end);
  if (observed === undefined) return undefined;
  for (let [from, bad] = [end, 0]; from >= 0; from -= 1) {
    const each = figure(from, from);
    if (each === undefined) continue;
    if (!isBad(of, each)) return undefined;
    if (++bad === of.length) return { from, observed };
  }
  return undefined;
}

/** After each interval of a log, what the program says and what the model says. */
function both(seed: number) {
  const random = randomFrom(seed);
  const of = caseOf(random);
  const metric = METRIC[of.kind];
  const threshold = `${of.method}${of.operator}${of.limit} ${of.logic} ${of.length}s`;
  const thresholds = { [metric]: [{ threshold, delayAbortEval: of.delayMs }] };
  const plan = { ...planOf({ duration: `${of.loadSeconds}s`, vus: 1, thresholds }), windowMs: of.windowMs };
  const windowed = new WindowedThresholds(plan);
  const metrics = new RunMetrics({ summaryTrendStats: [], selectors: [metric], windowed });
  const log = logOf(random, of);
  let first: ReturnType<typeof modelled>;
  return log.map(({ samples, window }, number) => {
    metrics.add(frameOf(number, window, { [metric]: samples }));
    const seen = windowed.breach(metric, threshold);
    first ??= modelled(of, log.slice(0, number + 1));
    const said = seen && { observed: seen.observed, windows: [...seen.frame.windows] };
    return { said: rounded(said), modelled: rounded(first), of: threshold };
  });
}

/** A percentile is that of its bucket, less than a thousandth away. */
const rounded = (breach: ReturnType<typeof modelled>) =>
  breach && { ...breach, observed: Math.round(breach.observed * 20) / 20 };

describe("a threshold with a timeframe", () => {
  it.each(SEEDS.filter((seed) => seed % 10 === 0))("says what the model says, seeds to %i", (last) => {
    for (let seed = last - 9; seed <= last; seed += 1) {
      for (const [interval, { modelled: model, of, said }] of both(seed).entries())
        expect(said, `seed ${seed}, interval ${interval}: ${of}`).toEqual(model);
    }
  });

  it("is breached in many of these cases, and kept in many", () => {
    const breached = SEEDS.filter((seed) => both(seed).at(-1)?.said !== undefined).length;
    expect(breached).toBeGreaterThan(SEEDS.length / 5);
    expect(breached).toBeLessThan((SEEDS.length * 4) / 5);
  });
});
