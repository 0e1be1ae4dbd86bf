/**
 * Rate: how many samples were true, of how many. Merge law: addition of both, with 0 of 0 as identity.
 * Body: true, total, rejected samples (varints).
 */
import { type ByteReader, MalformedFrame } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { KindDefinition } from "./kind.ts";

export class Rate {
  readonly kind = "rate";
  passes = 0;
  total = 0;
  rejected = 0;

  /** Adds one sample: any number but 0 is true, as in k6; NaN is rejected. */
  record(value: number): void {
    if (Number.isNaN(value)) {
      this.rejected += 1;
      return;
    }
    this.total += 1;
    if (value !== 0) this.passes += 1;
  }

  get fails(): number {
    return this.total - this.passes;
  }

  fold(reader: ByteReader): void {
    this.passes += reader.uvarint();
    this.total += reader.uvarint();
    this.rejected += reader.uvarint();
  }

  merge(other: Rate): void {
    this.passes += other.passes;
    this.total += other.total;
    this.rejected += other.rejected;
  }

  encode(writer: ByteWriter): void {
    writer.uvarint(this.passes);
    writer.uvarint(this.total);
    writer.uvarint(this.rejected);
  }

  reset(): void {
    this.passes = 0;
    this.total = 0;
    this.rejected = 0;
  }
}

export const rateKind: KindDefinition<Rate> = {
  code: 3,
  make: () => new Rate(),
  check: (body) => {
    const passes = body.uvarint();
    if (passes > body.uvarint()) throw new MalformedFrame("a rate has more passes than samples");
    body.uvarint();
  },
  takes: { what: "a rate takes true, false and numbers", fits: (value) => !Number.isNaN(value) },
  methods: ["rate"],
  observe: ({ name }, { passes, total }) => (name === "rate" && total > 0 ? passes / total : undefined),
  figures: ({ fails, passes, total }) => (total === 0 ? undefined : { rate: passes / total, passes, fails }),
};
