/**
 * How one worker keeps its part of a rate, without a word to the others. A part of one request per burst and more is a
 * bucket that fills. A smaller part is a place in a row: once per period, at an instant that the parts before it decide, so
 * that a hundred workers which each may send now and then do not send together.
 */
import { RATE_UNITS } from "../../domain/guard/ceilings.ts";

export interface RateBucket {
  /** For people: which rail, and whose. */
  readonly rail: string;
  /** Whether a request may go out now. */
  readonly admits: (nowMs: number) => boolean;
  readonly take: (nowMs: number) => void;
  /** From when it may admit one that is held; it may then come late. */
  readonly waitMs: (nowMs: number) => number;
  /** Nobody is held any more. */
  readonly rest: () => void;
}

export interface Part {
  /** Requests per 1,000 s. */
  readonly rate: number;
  /** What others have of the rate before this one; undefined: all of it is here. */
  readonly before: number | undefined;
  readonly whole: number;
}

/** A rate is kept over this time; within it requests may bunch. */
const BURST_MS = 20;

export function rateBucket(rail: string, part: Part): RateBucket {
  const perMs = part.rate / RATE_UNITS / 1000;
  const isAlone = part.before === undefined || part.rate === part.whole;
  return isAlone || part.rate === 0 || perMs * BURST_MS >= 1
    ? filling(rail, perMs)
    : inTurn(rail, perMs, part);
}

function filling(rail: string, perMs: number): RateBucket {
  // A little more than one, or what a timer is late would be lost for good.
  const size = Math.max(1.5, perMs * BURST_MS);
  let tokens = perMs > 0 ? 1 : 0;
  let atMs = performance.now();
  const fill = (nowMs: number): void => {
    tokens = Math.min(size, tokens + (nowMs - atMs) * perMs);
    atMs = nowMs;
  };
  return {
    rail,
    admits: (nowMs) => {
      fill(nowMs);
      return tokens >= 1;
    },
    take: () => void tokens--,
    waitMs: () => (1 - tokens) / perMs,
    rest: () => undefined,
  };
}

/** By the machine's clock, so that all workers of a machine have one row. */
function inTurn(rail: string, perMs: number, { before = 0, whole }: Part): RateBucket {
  const periodMs = 1 / perMs;
  const offsetMs = (before / whole) * periodMs - performance.timeOrigin;
  const turnAt = (nowMs: number): number => Math.floor((nowMs - offsetMs) / periodMs);
  let taken = turnAt(performance.now());
  /** From this turn on a request is held for it: what is late, by a timer or by another ceiling, must not lose its turn. */
  let awaited = Number.POSITIVE_INFINITY;
  const rest = () => void (awaited = Number.POSITIVE_INFINITY);
  return {
    rail,
    admits: (nowMs) => {
      const turn = turnAt(nowMs);
      const isInTime = turn >= awaited || nowMs - (offsetMs + turn * periodMs) < BURST_MS;
      return turn > taken && isInTime;
    },
    take: (nowMs) => {
      taken = turnAt(nowMs);
      rest();
    },
    rest,
    waitMs: (nowMs) => {
      awaited = turnAt(nowMs) + 1;
      return offsetMs + awaited * periodMs - nowMs;
    },
  };
}
