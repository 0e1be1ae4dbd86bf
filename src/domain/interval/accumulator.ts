/**
 * The merge from the wire: folds frames of any sources, in any order and any number, into one cell per series, and
 * writes the result canonically. Checks a frame wholly before it folds any of it. Which frames may be added
 * (no duplicates) is the merger's business.
 */
import { ByteReader } from "../metric/byte-reader.ts";
import { ByteWriter } from "../metric/byte-writer.ts";
import { type Cell, makeCell } from "../metric/cell.ts";
import type { Kind } from "../metric/definition.ts";
import type { SeriesId } from "../metric/series.ts";
import { collectDefinitions, type Definitions, writeDefinitions } from "./definitions.ts";
import type { IntervalHead } from "./frame.ts";
import { readFrameHead, writeHead } from "./head.ts";
import type { SeriesLimit } from "./series-limit.ts";
import { byId, checkSeries, readSeries, writeSeries } from "./series-section.ts";

interface Slot {
  readonly id: SeriesId;
  readonly cell: Cell;
  touched: boolean;
}

export class Accumulator {
  /** Every definition seen so far, by id; may be shared between accumulators of one node. */
  readonly definitions: Map<SeriesId, string>;
  readonly #limit: SeriesLimit | undefined;
  /** Of every series seen so far, in whichever window: a log in which one changes is unreadable. */
  readonly #kinds: Map<SeriesId, Kind>;
  readonly #slots = new Map<SeriesId, Slot>();
  readonly #writer = new ByteWriter();
  #sorted: Slot[] | undefined;
  #isEmpty = true;

  /** `limit` must be of the same definitions; `kinds` may be shared as those are. */
  constructor(
    definitions = new Map<SeriesId, string>(),
    limit?: SeriesLimit,
    kinds = new Map<SeriesId, Kind>(),
  ) {
    this.definitions = definitions;
    this.#limit = limit;
    this.#kinds = kinds;
  }

  /** True when nothing was added since the last reset. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Folds a frame in. Throws `MalformedFrame`, and then nothing of it is in. */
  add(bytes: Uint8Array): void {
    const reader = new ByteReader(bytes);
    readFrameHead(reader);
    reader.section();
    const found = collectDefinitions(reader, this.definitions);
    checkSeries(new ByteReader(bytes, reader.at), (id) => this.#kinds.get(id));
    for (const [id, canonical] of found) this.#define(id, canonical);
    readSeries(reader, (id, kind, body) => this.#fold(id, kind, body));
    this.#isEmpty = false;
  }

  #fold(id: SeriesId, kind: Kind, body: ByteReader): void {
    const { cell } = this.#slot(id, kind);
    // What is folded into another series may find one there that somebody sent as another kind.
    if (cell.kind === kind) cell.fold(body);
  }

  #define(id: SeriesId, canonical: string): void {
    if (this.#limit === undefined) this.definitions.set(id, canonical);
    const report = this.#limit?.admit(id, canonical);
    const told = report === undefined ? undefined : this.#slot(report, "counter").cell;
    if (told?.kind === "counter") told.record(1);
  }

  #slot(id: SeriesId, kind: Kind): Slot {
    const known = this.#slots.get(id);
    if (known !== undefined) {
      known.touched = true;
      return known;
    }
    const target = this.#limit?.targetOf(id, kind) ?? id;
    if (target !== id) return this.#slot(target, kind);
    // As whoever came first in any window sent it.
    const slot: Slot = { id, cell: makeCell(this.#kinds.get(id) ?? kind), touched: true };
    this.#kinds.set(id, slot.cell.kind);
    this.#slots.set(id, slot);
    this.#sorted = undefined;
    return slot;
  }

  /** The series added since the last reset, sorted by id. */
  get series(): readonly { readonly id: SeriesId; readonly cell: Cell }[] {
    this.#sorted ??= [...this.#slots.values()].toSorted(byId);
    return this.#sorted.filter((slot) => slot.touched);
  }

  /** Writes what was added as one frame, with the given definitions: by default all that are known. */
  encode(head: IntervalHead, definitions: Definitions = this.definitions): Uint8Array {
    const writer = this.#writer;
    writer.clear();
    writeHead(head, writer);
    writeDefinitions(definitions, writer);
    writeSeries(this.series, writer);
    return writer.finish();
  }

  /** Empties it for the next window; memory for the same series stays. */
  reset(): void {
    for (const slot of this.#slots.values()) {
      if (slot.touched) slot.cell.reset();
      slot.touched = false;
    }
    this.#isEmpty = true;
  }
}
