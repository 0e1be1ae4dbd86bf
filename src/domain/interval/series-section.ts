/**
 * The series of a frame on the wire: id, kind and body each, sorted by id. Reading hands out the body's place and
 * makes no object per series, so that a zone can fold thousands of frames a second.
 */
import { ByteReader, MalformedFrame, readCount } from "../metric/byte-reader.ts";
import type { ByteWriter } from "../metric/byte-writer.ts";
import { type Cell, checkBody, kindCode, kindOfCode } from "../metric/cell.ts";
import type { Kind } from "../metric/definition.ts";
import type { SeriesId } from "../metric/series.ts";

/** Called once per series; `body` is only valid during the call. */
export type SeriesVisitor = (id: SeriesId, kind: Kind, body: ByteReader) => void;

/** Order of series in a frame. */
export function byId(a: { readonly id: SeriesId }, b: { readonly id: SeriesId }): number {
  return a.id < b.id ? -1 : 1;
}

/** Writes series that are sorted by id. */
export function writeSeries(
  series: readonly { readonly id: SeriesId; readonly cell: Cell }[],
  writer: ByteWriter,
): void {
  writer.uvarint(series.length);
  for (const { cell, id } of series) {
    writer.uint64(id);
    writer.byte(kindCode(cell.kind));
    writer.section(() => cell.encode(writer));
  }
}

/** Visits the series at `reader`, the last part of a frame. Throws `MalformedFrame`. */
export function readSeries(reader: ByteReader, visit: SeriesVisitor): void {
  const body = new ByteReader(reader.bytes);
  for (let left = readCount(reader); left > 0; left -= 1) {
    const id = reader.uint64();
    const kind = kindOfCode(reader.byte());
    const size = reader.uvarint();
    body.at = reader.skip(size);
    body.end = reader.at;
    visit(id, kind, body);
  }
  if (reader.at !== reader.end) throw new MalformedFrame("has bytes behind its last series");
}

/** Checks every series: order, kinds (against `kindOf`, where known) and bodies. Throws `MalformedFrame`. */
export function checkSeries(reader: ByteReader, kindOf: (id: SeriesId) => Kind | undefined): void {
  let last = -1n;
  readSeries(reader, (id, kind, body) => {
    if (id <= last) throw new MalformedFrame("series are not sorted by id");
    last = id;
    if ((kindOf(id) ?? kind) !== kind) throw new MalformedFrame("a series changed its kind");
    checkBody(kind, body);
  });
}
