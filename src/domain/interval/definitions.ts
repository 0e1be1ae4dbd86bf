/**
 * Definitions of series in a frame. A definition travels once per log, in the first interval that uses it; its id
 * stands beside it so that a node that knows it need not hash it again.
 */
import { type ByteReader, MalformedFrame, readCount } from "../metric/byte-reader.ts";
import type { ByteWriter } from "../metric/byte-writer.ts";
import type { SeriesDefinition } from "../metric/definition.ts";
import { canonicalSeries, idOfCanonical, parseCanonical, type SeriesId } from "../metric/series.ts";

/** Canonical definitions by id. */
export type Definitions = ReadonlyMap<SeriesId, string>;

/** The canonical definitions of some series, ready for a frame. */
export function definitionsOf(definitions: readonly SeriesDefinition[]): Definitions {
  return new Map(
    definitions.map((definition) => {
      const canonical = canonicalSeries(definition);
      return [idOfCanonical(canonical), canonical];
    }),
  );
}

export function writeDefinitions(definitions: Definitions, writer: ByteWriter): void {
  writer.uvarint(definitions.size);
  for (const [id, canonical] of [...definitions].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    writer.uint64(id);
    writer.text(canonical);
  }
}

/** Collects the definitions of a frame that `known` does not have. Throws `MalformedFrame` when an id is wrong. */
export function collectDefinitions(reader: ByteReader, known: Definitions): Map<SeriesId, string> {
  const found = new Map<SeriesId, string>();
  for (let left = readCount(reader); left > 0; left -= 1) {
    const id = reader.uint64();
    if (known.has(id)) reader.skip(reader.uvarint());
    else found.set(id, readCanonical(id, reader));
  }
  return found;
}

function readCanonical(id: SeriesId, reader: ByteReader): string {
  const canonical = reader.text();
  if (idOfCanonical(canonical) !== id || parseCanonical(canonical) === undefined) {
    throw new MalformedFrame("a definition does not match its id");
  }
  return canonical;
}

/** Reads all definitions of a frame. Throws `MalformedFrame`. */
export function readDefinitions(reader: ByteReader): { id: SeriesId; definition: SeriesDefinition }[] {
  return [...collectDefinitions(reader, new Map())].map(([id, canonical]) => ({
    id,
    definition: parseCanonical(canonical) as SeriesDefinition,
  }));
}
