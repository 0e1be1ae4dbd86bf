/**
 * Counter: an exact sum, in millionths. Merge law: addition, with 0 as identity.
 * Body: sum (signed varint), rejected samples (varint).
 */
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { ExactSum } from "./exact-sum.ts";
import type { KindDefinition } from "./kind.ts";
import { COUNTER_SAMPLE_MAX, COUNTER_SCALE } from "./wire-number.ts";

export class Counter {
  readonly kind = "counter";
  readonly sum = new ExactSum();
  rejected = 0;

  /** Adds one sample in the script's own unit; what is not finite or beyond the bound is rejected. */
  record(value: number): void {
    if (!(Math.abs(value) <= COUNTER_SAMPLE_MAX)) this.rejected += 1;
    else this.#addScaled(value);
  }

  #addScaled(value: number): void {
    const scaled = Math.round(value * COUNTER_SCALE);
    if (Number.isSafeInteger(scaled)) this.sum.add(scaled);
    else this.sum.addBig(BigInt(Math.round(value)) * BigInt(COUNTER_SCALE));
  }

  /** The sum in the script's own unit. */
  get value(): number {
    return this.sum.number / COUNTER_SCALE;
  }

  fold(reader: ByteReader): void {
    this.sum.foldSigned(reader);
    this.rejected += reader.uvarint();
  }

  merge(other: Counter): void {
    this.sum.merge(other.sum);
    this.rejected += other.rejected;
  }

  encode(writer: ByteWriter): void {
    this.sum.encodeSigned(writer);
    writer.uvarint(this.rejected);
  }

  reset(): void {
    this.sum.reset();
    this.rejected = 0;
  }
}

export const counterKind: KindDefinition<Counter> = {
  code: 1,
  make: () => new Counter(),
  check: (body) => {
    body.uvarintBig();
    body.uvarint();
  },
  takes: {
    what: "a counter takes finite numbers up to 10^12",
    fits: (value) => Math.abs(value) <= COUNTER_SAMPLE_MAX,
  },
  methods: ["count", "rate"],
  observe: ({ name }, cell, durationMs) => {
    if (name === "count") return cell.value;
    return name === "rate" ? perSecond(cell, durationMs) : undefined;
  },
  figures: (cell, durationMs) => ({ count: cell.value, rate: perSecond(cell, durationMs) }),
};

/** Over no time it is 0, not infinite. */
function perSecond({ sum }: Counter, durationMs: number): number {
  return durationMs > 0 ? (sum.number / COUNTER_SCALE / durationMs) * 1000 : 0;
}
