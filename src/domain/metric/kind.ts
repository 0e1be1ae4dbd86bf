/**
 * What a kind of metric is: everything that is asked of a kind beside the merging of its cells, so that one module has
 * it all. `cell.ts` lists the kinds that exist.
 */
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { Kind } from "./definition.ts";

/** What has been merged of one series, in whatever way its kind merges. */
export interface AnyCell {
  readonly kind: Kind;
  /** Samples that were none. */
  readonly rejected: number;
  /** Merges a body on the wire. */
  fold(reader: ByteReader): void;
  /** Writes the body. */
  encode(writer: ByteWriter): void;
  reset(): void;
}

/** What a threshold compares: a named figure, or a percentile of a trend. */
export type Method =
  | { readonly name: "count" | "rate" | "value" | "avg" | "min" | "max" | "med" }
  | { readonly name: "p"; readonly percent: number };

export interface KindDefinition<Cell extends AnyCell> {
  /** Its byte on the wire, for ever. */
  readonly code: number;
  /** An empty cell: the identity of the merge. */
  readonly make: () => Cell;
  /** Checks a body on the wire, all of it. Throws `MalformedFrame`. */
  readonly check: (body: ByteReader) => void;
  /** Which samples it takes; all others are rejected and counted. */
  readonly takes: { readonly what: string; readonly fits: (value: number) => boolean };
  /** What thresholds may ask of it, as people write it. */
  readonly methods: readonly string[];
  /** The figure that a method names, in k6's units; undefined without data, or when there is no such figure. */
  readonly observe: (method: Method, cell: Cell, durationMs: number) => number | undefined;
  /** The figures of the summary, in k6's units; undefined when there are none. */
  readonly figures: (
    cell: Cell,
    durationMs: number,
    trendStats: readonly string[],
  ) => Readonly<Record<string, number>> | undefined;
}
