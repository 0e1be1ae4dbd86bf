/**
 * A pace: when the starts of one scenario are due on one leaf (a worker), as a pure function of elapsed time and
 * starts so far. It is computed from the plan and the leaf's share alone, so that leaves need no conversation; by the
 * pace law (style.md 4.9) the starts of all leaves together are those of one node. It keeps no state and no clock.
 */
import type { Piece } from "./piece.ts";
import type { Shift } from "./vu-line.ts";

export interface Pace {
  readonly model: "open" | "closed";
  /** VUs that this leaf initialises before the start. */
  readonly vus: number;
  /** Up to how many VUs it may grow, one at a time (open model; else `vus`). 0 = no work here. */
  readonly vusMax: number;
  /**
   * Iterations that the plan alone gives this leaf; undefined where the executor loops by time. Those not started
   * when `next` says "stop" are dropped iterations.
   */
  readonly planned: number | undefined;
  /** Regular duration; nothing starts at or after it. */
  readonly durationUs: number;
  /**
   * µs to wait until start number `n` of this leaf may happen (0 = now; open model: negative = overdue by that much),
   * or "stop": no more starts, for this VU where the executor counts by VU.
   * @param elapsedUs since the scenario's own start, `startTimeMs` already taken off.
   * @param n starts and drops so far on this leaf.
   * @param byVu iterations that the asking VU has started.
   */
  next(elapsedUs: number, n: number, byVu: number): number | "stop";
  /** Closed model whose VUs come and go; absent where all loop from the start to the end. */
  readonly ramp?: Ramp;
  /** What the whole scenario asks for over time: VUs (closed model), starts per second (open model). */
  asks(): readonly Piece[];
  /** Global index, from 0, of this leaf's `n`th start or slot. Throws a RangeError on a leaf without work. */
  indexOf(n: number): number;
}

/** When which VUs of a leaf are wanted. */
export interface Ramp {
  /** How long a VU that is not wanted any more may go on with its iteration. */
  readonly gracefulUs: number;
  /** VUs wanted at a time. */
  vusAt(elapsedUs: number): number;
  /** The shift of the leaf's VU `vu`, from 0, that lasts or is to come; undefined when none is left. */
  shiftOf(vu: number, elapsedUs: number): Shift | undefined;
}
