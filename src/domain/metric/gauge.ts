/**
 * Gauge: the last value by time, with least and greatest, in thousandths. Merge law: the later instant wins,
 * then the greater source, then the greater value (a total order); min and max by comparison; unset is identity.
 * Body: 0 when unset, else 1, value, min, max (signed varints), instant (varint, µs of the run), source (text);
 * then rejected samples (varint).
 */
import { type ByteReader, MalformedFrame } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { unzigzag, zigzag } from "./exact-sum.ts";
import type { KindDefinition } from "./kind.ts";
import { GAUGE_SAMPLE_MAX, GAUGE_SCALE } from "./wire-number.ts";

/** Wire numbers; `atUs` is the instant of `value`. */
export interface Reading {
  readonly value: number;
  readonly min: number;
  readonly max: number;
  readonly atUs: number;
  readonly source: string;
}

export class Gauge {
  readonly kind = "gauge";
  #set = false;
  #value = 0;
  #min = 0;
  #max = 0;
  #atUs = 0;
  #source = "";
  rejected = 0;

  /** Takes one sample in the script's own unit, at an instant of the run in µs. */
  record(value: number, atUs: number, source: string): void {
    if (!(Math.abs(value) <= GAUGE_SAMPLE_MAX)) {
      this.rejected += 1;
      return;
    }
    const wire = Math.round(value * GAUGE_SCALE);
    this.#take(wire, wire, wire, Math.max(0, Math.round(atUs)), source);
  }

  #take(value: number, min: number, max: number, atUs: number, source: string): void {
    if (!this.#set || this.#isOlder(value, atUs, source)) {
      this.#value = value;
      this.#atUs = atUs;
      this.#source = source;
    }
    // An all-negative gauge must not report 0 as its greatest value: the first reading sets both.
    this.#min = this.#set ? Math.min(this.#min, min) : min;
    this.#max = this.#set ? Math.max(this.#max, max) : max;
    this.#set = true;
  }

  #isOlder(value: number, atUs: number, source: string): boolean {
    if (atUs !== this.#atUs) return atUs > this.#atUs;
    if (source !== this.#source) return source > this.#source;
    return value > this.#value;
  }

  get isSet(): boolean {
    return this.#set;
  }

  /** Last, least and greatest value in the script's own unit. */
  get values(): { value: number; min: number; max: number } {
    const [value, min, max] = [this.#value, this.#min, this.#max].map((wire) => wire / GAUGE_SCALE);
    return { value: value as number, min: min as number, max: max as number };
  }

  fold(reader: ByteReader): void {
    if (reader.byte() === 1) {
      const { atUs, max, min, source, value } = readReading(reader);
      this.#take(value, min, max, atUs, source);
    }
    this.rejected += reader.uvarint();
  }

  merge(other: Gauge): void {
    if (other.#set) this.#take(other.#value, other.#min, other.#max, other.#atUs, other.#source);
    this.rejected += other.rejected;
  }

  encode(writer: ByteWriter): void {
    writer.byte(this.#set ? 1 : 0);
    if (this.#set) {
      for (const wire of [this.#value, this.#min, this.#max]) writer.uvarint(zigzag(wire));
      writer.uvarint(this.#atUs);
      writer.text(this.#source);
    }
    writer.uvarint(this.rejected);
  }

  reset(): void {
    this.#set = false;
    this.#atUs = 0;
    this.#source = "";
    this.rejected = 0;
  }
}

/** Reads a reading that is set: what stands behind the body's first byte. */
export function readReading(reader: ByteReader): Reading {
  const value = unzigzag(reader.uvarint());
  const min = unzigzag(reader.uvarint());
  const max = unzigzag(reader.uvarint());
  return { value, min, max, atUs: reader.uvarint(), source: reader.text() };
}

export const gaugeKind: KindDefinition<Gauge> = {
  code: 2,
  make: () => new Gauge(),
  check: checkGauge,
  takes: {
    what: "a gauge takes finite numbers up to 2 × 10^12",
    fits: (value) => Math.abs(value) <= GAUGE_SAMPLE_MAX,
  },
  methods: ["value"],
  observe: ({ name }, cell) => (name === "value" && cell.isSet ? cell.values.value : undefined),
  figures: (cell) => (cell.isSet ? cell.values : undefined),
};

function checkGauge(reader: ByteReader): void {
  const flag = reader.byte();
  if (flag > 1) throw new MalformedFrame("a gauge has an unknown form");
  if (flag === 1) {
    const { max, min, value } = readReading(reader);
    if (value < min || value > max)
      throw new MalformedFrame("a gauge's value is not between its min and max");
  }
  reader.uvarint();
}
