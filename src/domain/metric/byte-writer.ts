/**
 * Appends wire numbers and text to a growing buffer. Relies on nothing; reused between frames, so it never
 * shrinks. Numbers are unsigned LEB128; signed ones are ZigZag first. A sum beyond what a reader takes is written as the
 * largest number that it does: whoever adds up numbers of others must not write what nobody can read.
 */
const LARGEST_INT32_VARINT = 0x7fff_ffff;
/** A reader takes 16 bytes of 7 bits. */
const LARGEST_BIG = 2n ** 112n - 1n;
const LARGEST_SIGNED = 2n ** 111n - 1n;
const encoder = new TextEncoder();

export class ByteWriter {
  bytes: Uint8Array = new Uint8Array(1024);
  length = 0;

  /** A copy of what was written since the last `clear`. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  /** Makes room for `more` bytes, so that a caller may then write to `bytes` directly. */
  reserve(more: number): void {
    const needed = this.length + more;
    if (needed <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  byte(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  /** Copies `source` as it is. */
  raw(source: Uint8Array): void {
    this.reserve(source.length);
    this.bytes.set(source, this.length);
    this.length += source.length;
  }

  /** A whole number from 0 to 2^53 - 1. */
  uvarint(value: number): void {
    this.reserve(8);
    const { bytes } = this;
    let at = this.length;
    let rest = value > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : value;
    while (rest > LARGEST_INT32_VARINT) {
      bytes[at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      bytes[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.length = at;
  }

  /** A whole number of any size, not negative. */
  uvarintBig(value: bigint): void {
    let rest = value > LARGEST_BIG ? LARGEST_BIG : value;
    while (rest > 0x7fn) {
      this.byte(Number(rest & 0x7fn) | 0x80);
      rest >>= 7n;
    }
    this.byte(Number(rest));
  }

  /** A signed whole number of any size, ZigZag. */
  svarintBig(value: bigint): void {
    if (value < 0n) this.uvarintBig((value < -LARGEST_SIGNED ? LARGEST_SIGNED : -value) * 2n - 1n);
    else this.uvarintBig((value > LARGEST_SIGNED ? LARGEST_SIGNED : value) * 2n);
  }

  /** Eight bytes, most significant first. */
  uint64(value: bigint): void {
    this.reserve(8);
    new DataView(this.bytes.buffer).setBigUint64(this.length, value);
    this.length += 8;
  }

  /** UTF-8, its length in bytes first. */
  text(value: string): void {
    const utf8 = encoder.encode(value);
    this.uvarint(utf8.length);
    this.raw(utf8);
  }

  /** Writes what `write` writes, its length in bytes first. */
  section(write: () => void): void {
    const start = this.length;
    write();
    const size = this.length - start;
    this.uvarint(size);
    const prefix = this.length - start - size;
    // The length is known only now: move the content up and put the length in front of it.
    const lengthBytes = this.bytes.slice(start + size, this.length);
    this.bytes.copyWithin(start + prefix, start, start + size);
    this.bytes.set(lengthBytes, start);
  }
}
