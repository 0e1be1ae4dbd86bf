/**
 * Reads wire numbers and text, the inverse of `ByteWriter`. Never reads past its end: a short or overlong input
 * throws `MalformedFrame`, which the border of the domain turns into a value (quarantine).
 */

/** The bytes are not what their version says. */
export class MalformedFrame extends Error {
  override readonly name = "MalformedFrame";
}

/** Sums never need more: 16 × 7 bits. */
const BIG_BYTES_MAX = 16;
const decoder = new TextDecoder("utf-8", { fatal: true });

export class ByteReader {
  readonly bytes: Uint8Array;
  at: number;
  end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  byte(): number {
    if (this.at >= this.end) throw new MalformedFrame("ends too early");
    return this.bytes[this.at++] as number;
  }

  /** Skips `count` bytes and returns where they began. */
  skip(count: number): number {
    const start = this.at;
    if (count > this.end - start) throw new MalformedFrame("ends too early");
    this.at = start + count;
    return start;
  }

  /** A whole number from 0 to 2^53 - 1. */
  uvarint(): number {
    let byte = this.byte();
    let value = byte & 0x7f;
    let scale = 128;
    while (byte > 0x7f) {
      byte = this.byte();
      value += (byte & 0x7f) * scale;
      scale *= 128;
      if (value > Number.MAX_SAFE_INTEGER) throw new MalformedFrame("a number is too large");
    }
    return value;
  }

  /** A whole number of up to 112 bits. */
  uvarintBig(): bigint {
    let value = 0n;
    for (let index = 0; index < BIG_BYTES_MAX; index += 1) {
      const byte = this.byte();
      value |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) return value;
    }
    throw new MalformedFrame("a number is too large");
  }

  /** How many bytes the number here has, without reading it. */
  varintLength(): number {
    let at = this.at;
    while (at < this.end && (this.bytes[at] as number) > 0x7f) at += 1;
    return at - this.at + 1;
  }

  uint64(): bigint {
    const start = this.skip(8);
    return new DataView(this.bytes.buffer, this.bytes.byteOffset).getBigUint64(start);
  }

  text(): string {
    const size = this.uvarint();
    const start = this.skip(size);
    try {
      return decoder.decode(this.bytes.subarray(start, start + size));
    } catch {
      throw new MalformedFrame("text is not UTF-8");
    }
  }

  /** The section here (its length stands first) as a reader of its own; this one goes on behind it. */
  section(): ByteReader {
    const size = this.uvarint();
    const start = this.skip(size);
    return new ByteReader(this.bytes, start, start + size);
  }
}

/** The largest number of entries a list may announce: each takes at least one byte. */
export function readCount(reader: ByteReader): number {
  const count = reader.uvarint();
  if (count > reader.end - reader.at) throw new MalformedFrame("a list is longer than the frame");
  return count;
}
