/** The interval frame, version 1, read from the description in streams and frame.ts by somebody who never saw the code. */
import { Bytes } from "./bytes.ts";
import { type Buckets, decodeHistogram } from "./histogram.ts";

export type Range = readonly [from: number, to: number];

export interface Ranges {
  readonly source: string;
  readonly ranges: readonly Range[];
}

export interface Definition {
  readonly kind: string;
  readonly metric: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** One series: what of it merges by addition. */
export interface Series {
  readonly id: string;
  readonly kind: number;
  /** A counter's sum in millionths; a rate's passes; a trend's sum. */
  readonly sum: bigint;
  /** A rate's or a trend's samples. */
  readonly count: number;
  readonly buckets: Buckets;
  /** Of a trend. */
  readonly min: number;
  readonly max: number;
}

/** How many iterations of open models were due on an agent, and how many of them were later than the plan allows. */
export interface Health {
  readonly agent: string;
  readonly arrivals: number;
  readonly late: number;
}

export interface Frame {
  readonly source: string;
  readonly number: number;
  readonly window: number;
  readonly final: boolean;
  readonly expected: number;
  readonly present: number;
  readonly health: readonly Health[];
  readonly adds: readonly Ranges[];
  readonly through: readonly Ranges[];
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly series: readonly Series[];
  readonly bytes: Uint8Array;
}

const COUNTER = 1;
const GAUGE = 2;
const RATE = 3;

/** All frames of a message: one behind the other. */
export function decodeFrames(bytes: Uint8Array): readonly Frame[] {
  const reader = new Bytes(bytes);
  const frames: Frame[] = [];
  while (reader.at < reader.end) frames.push(decodeFrame(reader, bytes));
  return frames;
}

function decodeFrame(reader: Bytes, bytes: Uint8Array): Frame {
  const start = reader.at;
  const version = reader.byte();
  if (version !== 1) throw new Error(`a frame of version ${version}`);
  const head = reader.section();
  const about = {
    source: head.text(),
    number: head.number(),
    window: head.number(),
    final: head.byte() % 2 === 1,
    expected: head.number(),
    present: head.number(),
    health: head.list(() => readHealth(head)),
  };
  const coverage = reader.section();
  const [adds, through] = [readRanges(coverage), readRanges(coverage)];
  const definitions = new Map(
    reader.list(() => [idOf(reader), JSON.parse(reader.text()) as Definition] as const),
  );
  const series = reader.list(() => readSeries(reader));
  return { ...about, adds, through, definitions, series, bytes: bytes.slice(start, reader.at) };
}

/** Eight measures, of which nothing adds up, then the arrivals of open models, where there were any. */
function readHealth(reader: Bytes): Health {
  const agent = reader.text();
  const measures = reader.section();
  for (let index = 0; index < 8; index += 1) measures.big();
  const [arrivals, late] = measures.at < measures.end ? [measures.number(), measures.number()] : [0, 0];
  return { agent, arrivals, late };
}

const idOf = (reader: Bytes): string => Buffer.from(reader.take(8)).toString("hex");

const readRanges = (reader: Bytes): Ranges[] =>
  reader.list(() => {
    const source = reader.text();
    let end = 0;
    const ranges = reader.list((): Range => {
      const from = end + reader.number();
      end = from + reader.number();
      return [from, end];
    });
    return { source, ranges };
  });

function readSeries(reader: Bytes): Series {
  const [id, kind] = [idOf(reader), reader.byte()];
  const body = reader.section();
  const nothing = { id, kind, sum: 0n, count: 0, buckets: new Map<number, number>(), min: 0, max: 0 };
  if (kind === COUNTER) return { ...nothing, sum: body.signed() };
  if (kind === GAUGE) return nothing;
  if (kind === RATE) return { ...nothing, sum: body.big(), count: body.number() };
  const [count, sum] = [body.number(), body.big()];
  const [min, max] = [body.number(), body.number()];
  for (const _ of ["rejected", "saturated"]) body.number();
  return { ...nothing, sum, count, min, max, buckets: decodeHistogram(body.take(body.number())) };
}
