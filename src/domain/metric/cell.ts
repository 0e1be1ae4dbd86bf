/**
 * The kinds of metric that exist, and their cells. A cell is what has been merged of one series; all kinds share one
 * shape, so that worker, agent, zone, root and replay merge with the same code, whatever the kind.
 */
import { type ByteReader, MalformedFrame } from "./byte-reader.ts";
import { type Counter, counterKind } from "./counter.ts";
import type { Kind } from "./definition.ts";
import { type Gauge, gaugeKind } from "./gauge.ts";
import type { KindDefinition } from "./kind.ts";
import { type Rate, rateKind } from "./rate.ts";
import { type Trend, trendKind } from "./trend.ts";

export type Cell = Counter | Gauge | Rate | Trend;

const KINDS: { readonly [K in Kind]: KindDefinition<Extract<Cell, { kind: K }>> } = {
  counter: counterKind,
  gauge: gaugeKind,
  rate: rateKind,
  trend: trendKind,
};

export const KIND_NAMES = Object.keys(KINDS) as readonly Kind[];

const BY_CODE: ReadonlyMap<number, Kind> = new Map(KIND_NAMES.map((kind) => [KINDS[kind].code, kind]));

/** All that is known of a kind; whoever passes a cell passes one of that kind. */
export function kindOf(kind: Kind): KindDefinition<Cell> {
  return KINDS[kind] as unknown as KindDefinition<Cell>;
}

/** The kind's byte on the wire. */
export function kindCode(kind: Kind): number {
  return KINDS[kind].code;
}

/** Throws `MalformedFrame` on a code of a later version. */
export function kindOfCode(code: number): Kind {
  const kind = BY_CODE.get(code);
  if (kind === undefined) throw new MalformedFrame(`kind ${code} is unknown`);
  return kind;
}

/** An empty cell: the identity of its kind's merge. */
export function makeCell(kind: Kind): Cell {
  return KINDS[kind].make();
}

/** Checks a body on the wire before anything of its frame is merged. Throws `MalformedFrame`. */
export function checkBody(kind: Kind, body: ByteReader): void {
  KINDS[kind].check(body);
  if (body.at !== body.end) throw new MalformedFrame("a series is longer than its content");
}

/** Merges `other` into `cell`; false when they are of different kinds. */
export function mergeCells(cell: Cell, other: Cell): boolean {
  if (cell.kind !== other.kind) return false;
  (cell as { merge(other: Cell): void }).merge(other);
  return true;
}
