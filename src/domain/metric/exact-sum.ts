/**
 * A sum of whole numbers that never rounds, so that any order of adding gives the same bits. Fast while the sum
 * is a safe integer; what goes beyond spills into a bigint (about once in 2^53 / value additions).
 */
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** Numbers of at most 7 varint bytes are below 2^49 and need no bigint. */
const FAST_VARINT_BYTES = 7;

export class ExactSum {
  // A typed array, not a field: a field may be boxed anew at each store.
  readonly #low = new Float64Array(1);
  #high = 0n;

  /** Adds a safe integer. */
  add(value: number): void {
    const next = (this.#low[0] as number) + value;
    if (next <= Number.MAX_SAFE_INTEGER && next >= Number.MIN_SAFE_INTEGER) this.#low[0] = next;
    else this.addBig(BigInt(value));
  }

  addBig(value: bigint): void {
    this.#high += BigInt(this.#low[0] as number) + value;
    this.#low[0] = 0;
  }

  merge(other: ExactSum): void {
    this.#high += other.#high;
    this.add(other.#low[0] as number);
  }

  get total(): bigint {
    return this.#high + BigInt(this.#low[0] as number);
  }

  /** The nearest double: for showing, not for merging. */
  get number(): number {
    return this.#high === 0n ? (this.#low[0] as number) : Number(this.total);
  }

  reset(): void {
    this.#low[0] = 0;
    this.#high = 0n;
  }

  /** Writes a sum that cannot be negative. */
  encodeUnsigned(writer: ByteWriter): void {
    if (this.#high === 0n) writer.uvarint(this.#low[0] as number);
    else writer.uvarintBig(this.total);
  }

  /** Writes a sum of either sign, ZigZag. */
  encodeSigned(writer: ByteWriter): void {
    writer.svarintBig(this.total);
  }

  foldUnsigned(reader: ByteReader): void {
    if (reader.varintLength() <= FAST_VARINT_BYTES) this.add(reader.uvarint());
    else this.addBig(reader.uvarintBig());
  }

  foldSigned(reader: ByteReader): void {
    if (reader.varintLength() <= FAST_VARINT_BYTES) this.add(unzigzag(reader.uvarint()));
    else this.addBig(unzigzagBig(reader.uvarintBig()));
  }
}

/** ZigZag of a whole number with |value| < 2^52. */
export function zigzag(value: number): number {
  return value < 0 ? -value * 2 - 1 : value * 2;
}

/** The inverse of `zigzag`. */
export function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

export function unzigzagBig(value: bigint): bigint {
  return value % 2n === 0n ? value / 2n : -(value + 1n) / 2n;
}
