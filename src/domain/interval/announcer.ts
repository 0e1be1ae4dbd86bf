/**
 * Which definitions a log must still carry: each once, in the first interval that uses it. Definitions come
 * from the children's frames; one that is late is carried as soon as it is known.
 */
import { ByteReader } from "../metric/byte-reader.ts";
import type { SeriesDefinition } from "../metric/definition.ts";
import type { SeriesId } from "../metric/series.ts";
import { collectDefinitions, type Definitions, definitionsOf } from "./definitions.ts";
import { readFrameHead } from "./head.ts";

export class Announcer {
  /** All definitions known; the accumulators of this node add to it. */
  readonly known: Map<SeriesId, string>;
  readonly #announced = new Set<SeriesId>();
  readonly #wanted = new Set<SeriesId>();

  constructor(known: readonly SeriesDefinition[]) {
    this.known = new Map(definitionsOf(known));
  }

  /** Definitions that the interval with these series must carry. */
  announce(series: readonly { readonly id: SeriesId }[]): Definitions {
    for (const { id } of series) {
      if (!this.#announced.has(id)) this.#wanted.add(id);
    }
    const carried = new Map<SeriesId, string>();
    for (const id of this.#wanted) {
      const canonical = this.known.get(id);
      if (canonical !== undefined) carried.set(id, canonical);
    }
    for (const id of carried.keys()) {
      this.#wanted.delete(id);
      this.#announced.add(id);
    }
    return carried;
  }

  /** Takes the definitions of an earlier interval of this node; those of its own log are announced. */
  learn(bytes: Uint8Array, isOwnLog: boolean): void {
    const reader = new ByteReader(bytes);
    readFrameHead(reader);
    reader.section();
    for (const [id, canonical] of collectDefinitions(reader, new Map())) {
      this.known.set(id, canonical);
      if (isOwnLog) this.#announced.add(id);
    }
  }
}
