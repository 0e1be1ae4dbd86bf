/** From an offset in a source to what a person is told. Only counts. */

export interface SourcePlace {
  readonly line: number;
  readonly column: number;
}

/** Both from 1. */
export function placeAt(source: string, offset: number): SourcePlace {
  const before = source.slice(0, offset);
  return { line: before.split("\n").length, column: before.length - before.lastIndexOf("\n") };
}
