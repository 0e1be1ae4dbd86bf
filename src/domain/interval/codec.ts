/**
 * Reads and writes whole frames as objects: for tests, tools, export and reading heads. The way from the wire into an
 * accumulator makes no such objects (accumulator.ts). The layout is in frame.ts.
 */
import { ByteReader } from "../metric/byte-reader.ts";
import { ByteWriter } from "../metric/byte-writer.ts";
import { makeCell } from "../metric/cell.ts";
import { type Definitions, readDefinitions, writeDefinitions } from "./definitions.ts";
import type { IntervalFrame, IntervalHead, IntervalSeries } from "./frame.ts";
import { readCoverage, readFrameHead, writeHead } from "./head.ts";
import { byId, readSeries, writeSeries } from "./series-section.ts";

/** Writes a frame. `definitions` and `series` may come in any order: the frame is canonical. */
export function encodeInterval(
  head: IntervalHead,
  definitions: Definitions,
  series: readonly IntervalSeries[],
): Uint8Array {
  const writer = new ByteWriter();
  writeHead(head, writer);
  writeDefinitions(definitions, writer);
  writeSeries(series.toSorted(byId), writer);
  return writer.finish();
}

/** Reads the head and the coverage, and no series. Throws `MalformedFrame`. */
export function decodeHead(bytes: Uint8Array): IntervalHead {
  const reader = new ByteReader(bytes);
  return { ...readFrameHead(reader), ...readCoverage(reader.section()) };
}

/** Reads a whole frame into objects: for tests, tools and export. Throws `MalformedFrame`. */
export function decodeInterval(bytes: Uint8Array): IntervalFrame {
  const reader = new ByteReader(bytes);
  const head = { ...readFrameHead(reader), ...readCoverage(reader.section()) };
  const definitions = readDefinitions(reader).map(({ definition }) => definition);
  const series: IntervalSeries[] = [];
  readSeries(reader, (id, kind, body) => {
    const cell = makeCell(kind);
    cell.fold(body);
    series.push({ id, cell });
  });
  return { head, definitions, series };
}
