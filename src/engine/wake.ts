/**
 * Waiting that is precise and can be cut. Node's timers have a grain of a millisecond and may be one late, so the
 * last stretch of a wait goes by turns of the event loop; that costs CPU only while an instant is near.
 */
import { TURN_US } from "./limits.ts";

/** Shorter waits than this are spent in turns of the loop. */
const SPIN_US = 1_700;
/** How much earlier than the instant a timer is set: it may be late by its grain and a little. */
const TIMER_EARLY_US = 1_500;
/** A timer takes no longer wait than 2^31 ms. */
const TIMER_MAX_MS = 2 ** 30;

export class Wake {
  #cut = false;
  readonly #waiting = new Set<() => void>();

  /** True once everything that waits was woken for good. */
  get isCut(): boolean {
    return this.#cut;
  }

  /** Ends every wait, now and from now on. */
  cut(): void {
    this.#cut = true;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /**
   * Resolves when `remainingUs()` is 0 or less, or when cut; never early. To the grain of timers where `isExact` is
   * false: many that wait for instants near each other must not spin all the time.
   */
  until(remainingUs: () => number, isExact = true): Promise<void> {
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      const wake = () => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const step = () => {
        const leftUs = remainingUs();
        if (leftUs <= 0 || this.#cut) wake();
        else if (isExact && leftUs < SPIN_US) setImmediate(step);
        else {
          const ms = isExact ? Math.floor((leftUs - TIMER_EARLY_US) / 1000) : Math.ceil(leftUs / 1000);
          timer = setTimeout(step, Math.min(TIMER_MAX_MS, Math.max(1, ms)));
        }
      };
      this.#waiting.add(wake);
      step();
    });
  }
}

/** Lets VUs that never wait give way to timers and sockets, at most once per `TURN_US` and worker. */
export class Turn {
  #sinceMs = performance.now();
  #next: Promise<void> | undefined;

  get isLong(): boolean {
    return (performance.now() - this.#sinceMs) * 1000 > TURN_US;
  }

  next(): Promise<void> {
    this.#next ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#sinceMs = performance.now();
        this.#next = undefined;
        resolve();
      });
    });
    return this.#next;
  }
}
