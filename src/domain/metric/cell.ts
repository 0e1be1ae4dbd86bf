/**
 * A cell: what has been merged of one series. The four kinds share one shape (fold from the wire, merge, encode,
 * reset), so that worker, agent, zone, root and replay all merge with the same code.
 */
import { type ByteReader, MalformedFrame } from "./byte-reader.ts";
import { checkCounter, Counter } from "./counter.ts";
import type { Kind } from "./definition.ts";
import { checkGauge, Gauge } from "./gauge.ts";
import { checkRate, Rate } from "./rate.ts";
import { checkTrend, Trend } from "./trend.ts";

export type Cell = Counter | Gauge | Rate | Trend;

/** The kind's byte on the wire is its place here, from 1. Never reorder. */
const KINDS: readonly Kind[] = ["counter", "gauge", "rate", "trend"];

export function kindCode(kind: Kind): number {
  return KINDS.indexOf(kind) + 1;
}

/** Throws `MalformedFrame` on a code of a later version. */
export function kindOfCode(code: number): Kind {
  const kind = KINDS[code - 1];
  if (kind === undefined) throw new MalformedFrame(`kind ${code} is unknown`);
  return kind;
}

/** An empty cell: the identity of its kind's merge. */
export function makeCell(kind: Kind): Cell {
  if (kind === "counter") return new Counter();
  if (kind === "gauge") return new Gauge();
  if (kind === "rate") return new Rate();
  return new Trend();
}

/** Checks a body on the wire before anything of its frame is merged. Throws `MalformedFrame`. */
export function checkBody(kind: Kind, body: ByteReader): void {
  if (kind === "counter") checkCounter(body);
  else if (kind === "gauge") checkGauge(body);
  else if (kind === "rate") checkRate(body);
  else checkTrend(body);
  if (body.at !== body.end) throw new MalformedFrame("a series is longer than its content");
}

/** Merges `other` into `cell`; false when they are of different kinds. */
export function mergeCells(cell: Cell, other: Cell): boolean {
  if (cell.kind === "counter" && other.kind === "counter") cell.merge(other);
  else if (cell.kind === "gauge" && other.kind === "gauge") cell.merge(other);
  else if (cell.kind === "rate" && other.kind === "rate") cell.merge(other);
  else if (cell.kind === "trend" && other.kind === "trend") cell.merge(other);
  else return false;
  return true;
}
