/** Mistakes of a script, told to its author: each once, with the place in the author's own file where it was made. */
import type { SourcePlaces } from "./source-places.ts";

export class Mistakes {
  readonly #places: SourcePlaces;
  readonly #warn: (message: string) => void;
  /** Topics that the author was told of. */
  readonly #told = new Set<string>();

  constructor(places: SourcePlaces, warn: (message: string) => void) {
    this.#places = places;
    this.#warn = warn;
  }

  /** Once for each topic; the trace says where. */
  tell(topic: string, message: string, { stack = "" }: Error): void {
    if (this.#told.has(topic)) return;
    this.#told.add(topic);
    const place = this.#places.firstIn(stack);
    const where = place === undefined ? "" : `${place.file}:${place.line}:${place.column}: `;
    this.#warn(`${where}${message}`);
  }
}

/** A tag is refused many calls below the script's: where it stands is beyond the usual ten frames. */
export function deepTrace(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 40;
  const trace = new Error("here");
  Error.stackTraceLimit = limit;
  return trace;
}
