/**
 * Chance that can be had again: a stream of numbers that depends on the run's seed, the scenario and the iteration's
 * global index, and on nothing else, so it is the same whichever VU, worker or agent runs the iteration. The generator
 * is sfc32; beginning a stream costs two dozen integer steps and allocates nothing. Not for keys or passwords.
 */

const WARM_UP = 12;
const TWO_32 = 2 ** 32;
const TWO_53 = 2 ** 53;

/** 32 bits of a text (FNV-1a over its UTF-16 units). */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mixed(hash);
}

/** Every bit of the result depends on every bit of `word` (the finaliser of MurmurHash3). */
function mixed(word: number): number {
  let bits = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** The chance of one VU. What it gives is told by the last `at…`. */
export class RandomStream {
  readonly #seedLow: number;
  readonly #seedHigh: number;
  readonly #iterations: number;
  readonly #modules: number;
  #a = 0;
  #b = 0;
  #c = 0;
  #count = 0;

  /** @param seed of the run @param scenario its name, "" outside of any */
  constructor(seed: number, scenario: string) {
    this.#seedLow = mixed((seed % TWO_32) | 0);
    this.#seedHigh = mixed(Math.floor(seed / TWO_32) ^ 0x5eed);
    this.#iterations = hashOf(`iteration ${scenario}`);
    this.#modules = hashOf(`module ${scenario}`);
  }

  /** Begins the stream of an iteration, by its index in the whole scenario. */
  atIteration(index: number): void {
    this.#begin(this.#iterations, index);
  }

  /** Begins the stream of module scope, by the VU's number in the whole run. */
  atModule(vu: number): void {
    this.#begin(this.#modules, vu);
  }

  /** Begins the stream of setup, teardown or handleSummary. */
  atStage(name: string): void {
    this.#begin(hashOf(`stage ${name}`), 0);
  }

  /** The next number: 0 ≤ n < 1, 53 bits. */
  readonly next = (): number => {
    const high = this.#word() >>> 6;
    const low = this.#word() >>> 5;
    return (high * 2 ** 27 + low) / TWO_53;
  };

  #begin(place: number, index: number): void {
    // Mixed again: seed 7 at index 8 must not be seed 8 at index 7.
    this.#a = mixed(this.#seedLow ^ (index % TWO_32));
    this.#b = mixed(this.#seedHigh ^ Math.floor(index / TWO_32));
    this.#c = place;
    this.#count = 1;
    for (let round = 0; round < WARM_UP; round++) this.#word();
  }

  #word(): number {
    const sum = (this.#a + this.#b + this.#count) | 0;
    this.#count = (this.#count + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    // In one step: a field that once held more than 32 bits is boxed for ever.
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum;
  }
}
