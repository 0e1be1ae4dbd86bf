/**
 * Virtual time and everything that happens in it, one thing after the other in one order. Roles run on it as they are:
 * each process has its own scheduler and clock of Effect (process.ts), and both lead here. Workers speak to their agents
 * in promises, as real ones do; whoever settles one says so, and then the kernel lets all of them be carried out before
 * it goes on, so that the order stays the same in every run.
 */
import { type Due, EventQueue } from "./event-queue.ts";

/** An instant like any other: in November 2026. */
export const EPOCH_US = 1_795_305_600_000_000;
/** Things that happen at one instant. More of them are a loop that lets no time pass. */
const AT_ONE_INSTANT_MAX = 2_000_000;
/** At least this often all promises are carried out, whether or not somebody announced one. */
const DRAIN_EVERY_US = 500_000;

export class Kernel {
  readonly trace: string[] = [];
  #nowUs = 0;
  readonly #queue = new EventQueue();
  #ready: (() => void)[] = [];
  #hasPromises = false;
  #drainedUs = 0;

  /** µs since the simulation began; also the hub's time since `EPOCH_US`. */
  get nowUs(): number {
    return this.#nowUs;
  }

  note(who: string, what: string): void {
    this.trace.push(`${(this.#nowUs / 1000).toFixed(3).padStart(11)} ${who.padEnd(9)} ${what}`);
  }

  /** As soon as what is under way now has ended. */
  soon(act: () => void): void {
    this.#ready.push(act);
  }

  after(delayUs: number, act: () => void): Due {
    return this.#queue.add(this.#nowUs + Math.max(0, Math.round(delayUs)), act);
  }

  at(atUs: number, act: () => void): Due {
    return this.#queue.add(Math.max(this.#nowUs, Math.round(atUs)), act);
  }

  /** Says that a promise was settled or is about to be: it is carried out before anything else happens. */
  promised(): void {
    this.#hasPromises = true;
  }

  /** Lets time pass until `isOver`, or until an instant. */
  async run(untilUs: number, isOver: () => boolean): Promise<void> {
    for (;;) {
      await this.#carryOut();
      if (isOver()) return;
      const next = this.#queue.nextUs;
      if (next === undefined || next > untilUs) return;
      this.#nowUs = next;
      while (this.#queue.nextUs === next) this.#queue.take()?.act?.();
    }
  }

  async #carryOut(): Promise<void> {
    let count = 0;
    do {
      while (this.#ready.length > 0) {
        const batch = this.#ready;
        this.#ready = [];
        for (const act of batch) act();
        count += batch.length;
        if (count > AT_ONE_INSTANT_MAX) throw new Error(`no time passes at ${this.#nowUs} µs`);
      }
      await this.#carryOutPromises();
    } while (this.#ready.length > 0);
  }

  async #carryOutPromises(): Promise<void> {
    if (!this.#hasPromises && this.#nowUs - this.#drainedUs < DRAIN_EVERY_US) return;
    this.#hasPromises = false;
    this.#drainedUs = this.#nowUs;
    // A turn of the event loop: every promise that can go on has gone on before it.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
