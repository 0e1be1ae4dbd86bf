/**
 * Head and coverage of a frame on the wire (the layout is in frame.ts). They are two sections, so that a node can
 * read who sent what without the coverage of that node's children: with 10,000 agents that is most of the bytes.
 */
import { type ByteReader, MalformedFrame, readCount } from "../metric/byte-reader.ts";
import type { ByteWriter } from "../metric/byte-writer.ts";
import type { IntervalHead } from "./frame.ts";
import { readHealth, writeHealth } from "./health.ts";
import type { Ranges, SourceRanges } from "./ranges.ts";

export const FRAME_VERSION = 1;
const FINAL = 1;

/** The head without the coverage. */
export type FrameHead = Omit<IntervalHead, "adds" | "through">;

export function writeHead(head: IntervalHead, writer: ByteWriter): void {
  writer.byte(FRAME_VERSION);
  writer.section(() => {
    writer.text(head.source);
    writer.uvarint(head.number);
    writer.uvarint(head.window);
    writer.byte(head.final ? FINAL : 0);
    writer.uvarint(head.expected);
    writer.uvarint(head.present);
    writeHealth(head.health, writer);
  });
  writer.section(() => {
    writeChildren(head.adds, writer);
    writeChildren(head.through, writer);
  });
}

function writeChildren(children: readonly SourceRanges[], writer: ByteWriter): void {
  writer.uvarint(children.length);
  for (const { ranges, source } of children.toSorted((a, b) => (a.source < b.source ? -1 : 1))) {
    writer.text(source);
    writer.uvarint(ranges.length);
    let end = 0;
    for (const [from, to] of ranges) {
      writer.uvarint(from - end);
      writer.uvarint(to - from);
      end = to;
    }
  }
}

/** Reads version and head; the reader then stands before the coverage section. Throws `MalformedFrame`. */
export function readFrameHead(reader: ByteReader): FrameHead {
  const version = reader.byte();
  if (version !== FRAME_VERSION) throw new MalformedFrame(`version ${version} is unknown`);
  const head = reader.section();
  return {
    source: head.text(),
    number: head.uvarint(),
    window: head.uvarint(),
    final: (head.byte() & FINAL) !== 0,
    expected: head.uvarint(),
    present: head.uvarint(),
    health: readHealth(head),
  };
}

export function readCoverage(section: ByteReader): Pick<IntervalHead, "adds" | "through"> {
  return { adds: readChildren(section), through: readChildren(section) };
}

function readChildren(reader: ByteReader): SourceRanges[] {
  return Array.from({ length: readCount(reader) }, () => ({
    source: reader.text(),
    ranges: readRanges(reader),
  }));
}

function readRanges(reader: ByteReader): Ranges {
  let end = 0;
  return Array.from({ length: readCount(reader) }, () => {
    const from = end + reader.uvarint();
    end = from + reader.uvarint();
    return [from, end] as const;
  });
}
