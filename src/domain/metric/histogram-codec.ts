/**
 * The HDR V2 uncompressed encoding of a histogram, read and written without any object in between. What is
 * written here `hdr-histogram-js` decodes (proved bucket by bucket in test/property/histogram.test.ts).
 *
 * Bytes: cookie 0x1c849313 · payload length · normalizing offset 0 · digits 3 (int32 each) · lowest 1 · highest
 * 2^47 - 1 (int64 each) · ratio 1.0 (double), all big-endian; then per bucket a ZigZag LEB128 count, a run of n > 1
 * zeros as -n, up to the last bucket that is not empty. hdr-histogram-js writes 1 for offset and ratio and ignores
 * them when it reads; the Java original does not ignore them, so ours are the original's.
 */
import { MalformedFrame } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { type Histogram, PAGE_SIZE } from "./histogram.ts";
import { BUCKETS, HIGHEST_TRACKABLE, LOWEST_DISCERNIBLE, SIGNIFICANT_DIGITS } from "./layout.ts";

const COOKIE = 0x1c849313;
const HEADER_SIZE = 40;
/** Eight LEB128 bytes hold 56 bits, more than a count can have. */
const COUNT_BYTES_MAX = 8;

const HEADER = makeHeader();

function makeHeader(): Uint8Array {
  const view = new DataView(new ArrayBuffer(HEADER_SIZE));
  view.setInt32(0, COOKIE);
  view.setInt32(12, SIGNIFICANT_DIGITS);
  view.setBigInt64(16, BigInt(LOWEST_DISCERNIBLE));
  view.setBigInt64(24, BigInt(HIGHEST_TRACKABLE));
  view.setFloat64(32, 1);
  return new Uint8Array(view.buffer);
}

/** Appends the encoding of `histogram`. */
export function encodeHistogram(histogram: Histogram, writer: ByteWriter): void {
  const start = writer.length;
  writer.raw(HEADER);
  let zeros = 0;
  for (const page of histogram.pages) {
    if (page === undefined) {
      zeros += PAGE_SIZE;
      continue;
    }
    for (let offset = 0; offset < PAGE_SIZE; offset += 1) {
      const count = page[offset] as number;
      if (count === 0) {
        zeros += 1;
        continue;
      }
      if (zeros > 0) writer.uvarint(zeros === 1 ? 0 : zeros * 2 - 1);
      zeros = 0;
      writer.uvarint(count * 2);
    }
  }
  const payloadSize = writer.length - start - HEADER_SIZE;
  new DataView(writer.bytes.buffer).setInt32(start + 4, payloadSize);
}

/** What a payload holds, found while checking it. */
export interface HistogramShape {
  readonly count: number;
  readonly firstBucket: number;
  readonly lastBucket: number;
}

/** Checks header and counts of the encoding in `bytes[start, end)`. Throws `MalformedFrame`. */
export function checkHistogram(bytes: Uint8Array, start: number, end: number): HistogramShape {
  checkHeader(bytes, start, end);
  let count = 0;
  let firstBucket = -1;
  let lastBucket = -1;
  walkCounts(bytes, start, end, (bucket, more) => {
    if (bucket >= BUCKETS) throw new MalformedFrame("a histogram has too many buckets");
    if (firstBucket < 0) firstBucket = bucket;
    lastBucket = bucket;
    count += more;
  });
  return { count, firstBucket, lastBucket };
}

function checkHeader(bytes: Uint8Array, start: number, end: number): void {
  if (end - start < HEADER_SIZE) throw new MalformedFrame("a histogram ends too early");
  for (let offset = 0; offset < HEADER_SIZE; offset += 1) {
    const inLength = offset >= 4 && offset < 8;
    if (!inLength && bytes[start + offset] !== HEADER[offset]) {
      throw new MalformedFrame("a histogram has another layout");
    }
  }
  const size = new DataView(bytes.buffer, bytes.byteOffset).getInt32(start + 4);
  if (size !== end - start - HEADER_SIZE) throw new MalformedFrame("a histogram's length is wrong");
}

/** Adds the counts of a checked encoding to `histogram`: the merge from the wire. */
export function foldHistogram(histogram: Histogram, bytes: Uint8Array, start: number, end: number): void {
  walkCounts(bytes, start, end, (bucket, count) => histogram.add(bucket, count));
}

/** Calls `visit` for each bucket that is not empty, in order. */
function walkCounts(
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (bucket: number, count: number) => void,
): void {
  let at = start + HEADER_SIZE;
  let bucket = 0;
  while (at < end) {
    let byte = bytes[at++] as number;
    let word = byte & 0x7f;
    let scale = 128;
    const limit = Math.min(end, at + COUNT_BYTES_MAX - 1);
    while (byte > 0x7f) {
      if (at >= limit) throw new MalformedFrame("a count is too large or cut off");
      byte = bytes[at++] as number;
      word += (byte & 0x7f) * scale;
      scale *= 128;
    }
    if (word % 2 === 1) bucket += (word + 1) / 2;
    else {
      if (word !== 0) visit(bucket, word / 2);
      bucket += 1;
    }
  }
}
