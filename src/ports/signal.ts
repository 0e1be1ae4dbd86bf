/**
 * Waiting for "something has changed" without missing it: a waiter names the version it has already looked at, and
 * does not wait when a newer one is there.
 */
import * as Effect from "effect/Effect";

export class Signal {
  readonly #waiting = new Set<() => void>();
  #version = 0;

  get version(): number {
    return this.#version;
  }

  bump(): void {
    this.#version += 1;
    const woken = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of woken) wake();
  }

  /** Returns as soon as the version is another than the one seen. */
  changed(seen: number): Effect.Effect<void> {
    return Effect.callback<void>((resume) => {
      if (this.#version !== seen) return resume(Effect.void);
      const wake = () => resume(Effect.void);
      this.#waiting.add(wake);
      return Effect.sync(() => void this.#waiting.delete(wake));
    });
  }
}
