/**
 * How long each answer of a worker may take. When one is overdue, its own reaction runs and the worker is given up:
 * a blocked event loop cannot be spoken to, only ended.
 */

type Answer = "init" | "stage" | "frame" | "stop" | "flush";

export class Patience {
  readonly #timers = new Map<Answer, NodeJS.Timeout>();
  readonly #giveUp: (cause: string) => void;

  constructor(giveUp: (cause: string) => void) {
    this.#giveUp = giveUp;
  }

  expect(answer: Answer, withinMs: number, overdue?: () => void): void {
    this.met(answer);
    const timer = setTimeout(() => {
      overdue?.();
      this.#giveUp(`did not respond for ${Math.round(withinMs / 100) / 10} s`);
    }, withinMs);
    this.#timers.set(answer, timer);
  }

  /** Expects it again, if it is expected at all. */
  renew(answer: Answer, withinMs: number): void {
    if (this.#timers.has(answer)) this.expect(answer, withinMs);
  }

  met(answer: Answer): void {
    clearTimeout(this.#timers.get(answer));
    this.#timers.delete(answer);
  }

  clear(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
