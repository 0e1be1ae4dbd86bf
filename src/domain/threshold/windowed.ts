/**
 * The thresholds of a plan that have a timeframe, judged on root's own interval log in its order. Once a second of the run
 * is over by the log, they look; data that come later for a second are put into it and it is looked at again, up to five
 * minutes late. Whatever was breached once stays breached. Time is counted in window numbers, so that root, the root that
 * takes over, a live view and a replay see the same at the same interval.
 */
import type { Plan } from "../../../streams/schema/plan.ts";
import { loadMsOf } from "../pace/plan-totals.ts";
import type { Judgement } from "./evaluate.ts";
import { type Look, type Looking, lookingOf } from "./looks.ts";
import { parseThreshold, type ThresholdExpression } from "./parse.ts";
import { Seconds } from "./seconds.ts";

type Planned = Pick<Plan, "scenarios" | "thresholds" | "windowMs">;

/** Windows of root's log, both inside, and their time in the run. */
export interface Frame {
  readonly windows: readonly [from: number, to: number];
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Seen {
  readonly observed: number;
  readonly frame: Frame;
}

/** How a threshold stands: what it saw at its breach; else the figure nearest to its limit, or beyond it. */
export interface Standing {
  readonly judgement: Judgement;
  readonly seen: Seen | undefined;
  /** What it saw last. */
  readonly latest: Seen | undefined;
}

interface Judge {
  readonly expression: ThresholdExpression;
  readonly looking: Looking;
  readonly seconds: Seconds;
  /** The first second that counts: as for the others, the first that ends when more than the delay has passed. */
  readonly delay: number;
  breach: Look | undefined;
  /** The figure nearest to the limit, or furthest beyond it. */
  worst: Look | undefined;
  latest: Look | undefined;
}

const keyOf = (metric: string, threshold: string): string => `${metric}\n${threshold}`;

export class WindowedThresholds {
  readonly #judges = new Map<string, Judge>();
  readonly #seconds = new Map<string, Seconds>();
  readonly #windowMs: number;
  /** Windows of a second. */
  readonly #span: number;
  /** The last second that the planned load fills: in what comes after it, iterations only end. */
  readonly #last: number;
  #newest = -1;
  #looked = -1;

  constructor({ scenarios, thresholds, windowMs }: Planned) {
    this.#windowMs = windowMs;
    this.#span = Math.ceil(1000 / windowMs);
    this.#last = Math.floor(loadMsOf(scenarios) / this.#secondMs) - 1;
    const all = Object.entries(thresholds).flatMap(([metric, list]) =>
      list.map((each) => ({ metric, ...each })),
    );
    for (const { delayAbortEvalMs, metric, threshold } of all) this.#add(metric, threshold, delayAbortEvalMs);
  }

  get #secondMs(): number {
    return this.#span * this.#windowMs;
  }

  #add(metric: string, threshold: string, delayMs: number): void {
    const expression = parseThreshold(threshold);
    if (!expression.ok || expression.timeframe === undefined) return;
    const { logic, seconds: wanted } = expression.timeframe;
    const length = Math.ceil((wanted * 1000) / this.#secondMs);
    const seconds = this.#seconds.get(metric) ?? new Seconds();
    seconds.keep(length);
    this.#seconds.set(metric, seconds);
    const delay = Math.floor(delayMs / this.#secondMs);
    const looking = lookingOf({ expression, logic, length, secondMs: this.#secondMs, delay });
    this.#judges.set(keyOf(metric, threshold), {
      expression,
      looking,
      seconds,
      delay,
      breach: undefined,
      worst: undefined,
      latest: undefined,
    });
  }

  /** The seconds that samples of a metric or sub-metric belong into; undefined where no timeframe asks for them. */
  secondsOf(selector: string): Seconds | undefined {
    return this.#seconds.get(selector);
  }

  /** Ends an interval of this window, whose samples are in the seconds: looks at what is new by it. */
  close(window: number): void {
    const second = Math.floor(window / this.#span);
    this.#newest = Math.max(this.#newest, window);
    const changed = new Map([...this.#seconds.values()].map((seconds) => [seconds, seconds.put(second)]));
    const before = this.#looked;
    this.#looked = Math.min(this.#last, Math.floor((this.#newest + 1) / this.#span) - 1);
    for (const judge of this.#judges.values()) {
      if (judge.breach !== undefined) continue;
      const last = changed.get(judge.seconds);
      if (last !== undefined) this.#look(judge, second, Math.min(before, last + judge.looking.reach - 1));
      this.#look(judge, before + 1, this.#looked);
    }
  }

  #look(judge: Judge, first: number, last: number): void {
    for (const look of judge.looking.looks(judge.seconds, first, last)) {
      judge.looking.take(look);
      judge.breach ??= judge.looking.breachAt(look);
      if (look.to < judge.delay) continue;
      judge.worst = worseOf(judge.expression, judge.worst, look);
      if (look.to >= (judge.latest?.to ?? 0)) judge.latest = look;
    }
  }

  /** What a threshold saw when it was breached, once it was. */
  breach(metric: string, threshold: string): Seen | undefined {
    const breach = this.#judges.get(keyOf(metric, threshold))?.breach;
    return breach && this.#seen(breach);
  }

  /**
   * How a threshold stands by the log so far; undefined where it has no timeframe. `atEnd` it also looks at a last second
   * that is not over: nothing will come any more.
   */
  standing(metric: string, threshold: string, atEnd: boolean): Standing | undefined {
    const judge = this.#judges.get(keyOf(metric, threshold));
    if (judge === undefined) return undefined;
    const part = atEnd && judge.breach === undefined ? this.#lastPart(judge) : undefined;
    const breach = judge.breach ?? (part && judge.looking.breachAt(part));
    const shown = breach ?? worseOf(judge.expression, judge.worst, part);
    return {
      judgement: breach !== undefined ? "fail" : shown === undefined ? "no data" : "pass",
      seen: shown && this.#seen(shown),
      latest: judge.latest && this.#seen(judge.latest),
    };
  }

  #lastPart(judge: Judge): Look | undefined {
    const second = Math.floor(this.#newest / this.#span);
    if (second <= this.#looked || second > this.#last) return undefined;
    const partMs = (this.#newest + 1 - second * this.#span) * this.#windowMs;
    const look = judge.looking.lookAtPart(judge.seconds, second, partMs);
    return look === undefined || second < judge.delay ? undefined : look;
  }

  /** The end of a second that is not over is the end of its last window. */
  #seen({ from, observed, to }: Look): Seen {
    const windows = [from * this.#span, Math.min((to + 1) * this.#span - 1, this.#newest)] as const;
    const [fromMs, toMs] = [windows[0] * this.#windowMs, (windows[1] + 1) * this.#windowMs];
    return { observed, frame: { windows, fromMs, toMs } };
  }
}

/** The look that is nearer to the limit, or further beyond it; where the limit has no side, the later one. */
function worseOf(
  { operator }: ThresholdExpression,
  a: Look | undefined,
  b: Look | undefined,
): Look | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (operator.startsWith("<")) return b.observed > a.observed ? b : a;
  if (operator.startsWith(">")) return b.observed < a.observed ? b : a;
  return b;
}
