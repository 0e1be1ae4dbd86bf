/** Reads the wire's numbers and text, slowly and plainly. */

export class Bytes {
  readonly #bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.at = at;
    this.end = end;
  }

  byte(): number {
    if (this.at >= this.end) throw new Error(`no byte at ${this.at}`);
    const byte = this.#bytes[this.at] ?? 0;
    this.at += 1;
    return byte;
  }

  /** Unsigned LEB128 of any length. */
  big(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte % 128) << shift;
      if (byte < 128) return value;
    }
  }

  number(): number {
    return Number(this.big());
  }

  /** ZigZag: 0, -1, 1, -2, … */
  signed(): bigint {
    const value = this.big();
    return value % 2n === 0n ? value / 2n : -(value + 1n) / 2n;
  }

  take(count: number): Uint8Array {
    const taken = this.#bytes.slice(this.at, this.at + count);
    if (taken.length !== count || this.at + count > this.end)
      throw new Error(`no ${count} bytes at ${this.at}`);
    this.at += count;
    return taken;
  }

  text(): string {
    return new TextDecoder().decode(this.take(this.number()));
  }

  section(): Bytes {
    return new Bytes(this.take(this.number()));
  }

  list<T>(read: () => T): T[] {
    return Array.from({ length: this.number() }, read);
  }
}
