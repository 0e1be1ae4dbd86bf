/**
 * How complete the windows of a run are: how many there were, in which somebody was missing, and how many workers were
 * in one. Fed with the heads of root's intervals in the order of their log; memory grows only with partial windows.
 */
import { Coverage } from "../interval/coverage.ts";
import type { FrameHead } from "../interval/head.ts";
import type { Range, Ranges } from "../interval/ranges.ts";

export interface WindowCounts {
  readonly total: number;
  readonly complete: number;
  readonly partial: number;
  /** How many workers were in one window; absent where none ever was. */
  readonly workers?: { readonly min: number; readonly typical: number; readonly max: number };
  /** The first partial windows, as ranges; absent where there is none. */
  readonly lacking?: readonly Range[];
}

/** How many ranges of partial windows are told. */
const LACKING_MAX = 10;

export class WindowAttendance {
  readonly #windows = new Coverage();
  /** Windows that lack somebody: the most that were expected and that were present. */
  readonly #partial = new Map<number, { readonly most: number; readonly present: number }>();
  /** How many complete windows had so many workers. */
  readonly #complete = new Map<number, number>();
  /** The last window of which anybody had anything. */
  #lastPresent = -1;

  /**
   * A window is complete once one of its intervals had everybody who was ever expected in it. Only partial ones are
   * remembered, with the most that were expected: a later interval that knows of fewer does not complete them.
   */
  attend({ expected, present, window }: FrameHead): void {
    const isNew = !this.#windows.covers("", window);
    const before = this.#partial.get(window);
    const most = Math.max(expected, before?.most ?? 0);
    this.#windows.cover("", [window, window]);
    if (present > 0) this.#lastPresent = Math.max(this.#lastPresent, window);
    if (present < most) {
      this.#partial.set(window, { most, present: Math.max(present, before?.present ?? 0) });
      return;
    }
    this.#partial.delete(window);
    if (isNew || before !== undefined) this.#complete.set(present, (this.#complete.get(present) ?? 0) + 1);
  }

  /**
   * Windows behind the last one of which anybody had anything are not counted: they were closed while somebody was
   * waited for whose load was over already.
   */
  get counts(): WindowCounts {
    const total = this.#windows
      .rangesOf("")
      .reduce((sum, [from, to]) => sum + Math.max(0, Math.min(to, this.#lastPresent) - from + 1), 0);
    const partial = [...this.#partial.keys()].filter((window) => window <= this.#lastPresent);
    const counts = { total, complete: total - partial.length, partial: partial.length };
    const lacking = rangesOf(partial).slice(0, LACKING_MAX);
    return { ...counts, ...this.#workers(partial), ...(lacking.length === 0 ? {} : { lacking }) };
  }

  /** Least, median and most workers of a window. */
  #workers(partial: readonly number[]): Pick<WindowCounts, "workers"> {
    const windowsOf = new Map(this.#complete);
    for (const window of partial) {
      const { present } = this.#partial.get(window) as { present: number };
      windowsOf.set(present, (windowsOf.get(present) ?? 0) + 1);
    }
    const sizes = [...windowsOf].toSorted(([a], [b]) => a - b);
    const [min, max] = [sizes[0]?.[0], sizes.at(-1)?.[0]];
    if (min === undefined || max === undefined || max === 0) return {};
    let left = sizes.reduce((sum, [, windows]) => sum + windows, 0) / 2;
    const typical = sizes.find(([, windows]) => (left -= windows) <= 0)?.[0] ?? max;
    return { workers: { min, typical, max } };
  }
}

function rangesOf(windows: readonly number[]): Ranges {
  const coverage = new Coverage();
  for (const window of windows) coverage.cover("", [window, window]);
  return coverage.rangesOf("");
}
