/**
 * How one connection behaves: its delays and what goes wrong on it. Faults change the weather; the connection asks it.
 * Everything here is what TCP, NATS core and JetStream may do: data arrive late or not at all, an answer is lost
 * although the message was stored, live messages are dropped, doubled or overtake each other.
 */
import type { Chance } from "../kernel/chance.ts";

/** Chances per message. */
export interface Rates {
  /** A publish or a request is lost before the server has it. */
  readonly requestLost: number;
  /** The server's answer is lost: a publish is stored, and nobody knows. */
  readonly answerLost: number;
  readonly liveDropped: number;
  readonly liveDoubled: number;
  readonly liveReordered: number;
  /** A message, and all behind it, takes up to a third of a second. */
  readonly hiccup: number;
}

export const CALM: Rates = {
  requestLost: 0,
  answerLost: 0,
  liveDropped: 0,
  liveDoubled: 0,
  liveReordered: 0,
  hiccup: 0,
};

const HICCUP_US = 300_000;
const OVERTAKEN_US = 60_000;

export class Weather {
  readonly #chance: Chance;
  readonly #baseUs: number;
  readonly #rates: Rates;
  /** What is sent up takes this much longer: a slow link. */
  slowUs = 0;
  /** What would get lost now gets lost: until when the rates hold. */
  isRough = true;

  readonly #onFault: (what: keyof Rates) => void;

  constructor(chance: Chance, rates: Rates, onFault: (what: keyof Rates) => void) {
    this.#chance = chance;
    this.#rates = rates;
    this.#onFault = onFault;
    this.#baseUs = chance.whole(150, 900);
  }

  delayUs(): number {
    const jitter = this.#chance.whole(0, 600);
    return this.#baseUs + jitter + (this.#happens("hiccup") ? this.#chance.whole(1000, HICCUP_US) : 0);
  }

  get losesRequest(): boolean {
    return this.#happens("requestLost");
  }

  get losesAnswer(): boolean {
    return this.#happens("answerLost");
  }

  get dropsLive(): boolean {
    return this.#happens("liveDropped");
  }

  get doublesLive(): boolean {
    return this.#happens("liveDoubled");
  }

  /** How much later than its turn a live message comes. */
  overtakenUs(): number {
    return this.#happens("liveReordered") ? this.#chance.whole(1, OVERTAKEN_US) : 0;
  }

  #happens(what: keyof Rates): boolean {
    const rate = this.#rates[what];
    if (rate === 0 || !this.isRough || !this.#chance.isTrue(rate)) return false;
    this.#onFault(what);
    return true;
  }
}
