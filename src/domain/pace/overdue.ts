/**
 * What becomes of a slot of the open model that is due. On time, and up to 5 s after a standstill, it starts if a VU is
 * free, and is dropped if none is. What became due during a standstill is judged in rounds: a round has the VUs that
 * were free when it began, so that VUs which come free meanwhile do not make a burst of old slots. Pure; the loop calls.
 */

/** A slot that is overdue by more is dropped as late, whoever is free. */
export const LATE_MAX_US = 5_000_000;

/** What is overdue by this much is so because the process stood still. */
const STANDSTILL_US = 50_000;

/** Slots that were due up to `untilUs`, and how many of them may still start. */
export interface Round {
  untilUs: number;
  left: number;
  /** It began with a slot that a standstill had kept: VUs that are missing for it are no sign of too few. */
  isStandstill: boolean;
}

export const noRound = (): Round => ({ untilUs: Number.NEGATIVE_INFINITY, left: 0, isStandstill: false });

export type Fate = "start" | "drop" | "late";

/** Judges the next slot, which was due at `dueUs`; begins the next round where the last is over. */
export function judgeSlot(round: Round, dueUs: number, nowUs: number, free: number): Fate {
  if (dueUs > round.untilUs) {
    round.untilUs = nowUs;
    round.left = free;
    round.isStandstill = nowUs - dueUs >= STANDSTILL_US;
  }
  if (nowUs - dueUs > LATE_MAX_US) return "late";
  if (round.left === 0 || free === 0) return "drop";
  round.left -= 1;
  return "start";
}
