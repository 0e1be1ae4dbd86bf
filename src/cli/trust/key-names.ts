/**
 * Names by public key, as the folder's records say them. Many files, so they are not read for every login of a flood; where
 * they cannot be read, keys stand for names.
 */

/** Names by public key. */
export type Names = ReadonlyMap<string, string>;

const NAMES_FOR_MS = 1000;

export class KeyNames {
  readonly #read: () => Names;
  readonly #note: (line: string) => void;
  #names: Names = new Map();
  #readAtMs = Number.NEGATIVE_INFINITY;
  #problem = "";

  constructor(read: () => Names, note: (line: string) => void) {
    this.#read = read;
    this.#note = note;
  }

  now(): Names {
    const now = Date.now();
    if (now - this.#readAtMs < NAMES_FOR_MS) return this.#names;
    this.#readAtMs = now;
    try {
      this.#names = this.#read();
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#problem) this.#note(`whose credentials are whose is not known: ${message}`);
      this.#problem = message;
    }
    return this.#names;
  }
}
