/**
 * Counts the calls of one VU that have not ended, so that an iteration which forgot an `await` is seen, waited for
 * and named. Stacks are taken only in a VU's first iterations, or after a sighting: they cost a microsecond each.
 */

/** Iterations of each VU in which every call remembers where it was made. */
const TRACED_ITERATIONS = 2;
/** Traces of a worker at one time: each holds a kilobyte, and thousands of VUs may sleep in their first iteration. */
const TRACES_MAX = 1_000;

/** What all VUs of a worker know about forgotten awaits. */
export interface ForgottenAwaits {
  /** The author was told, with the place; nothing is traced any more. */
  warned: boolean;
  /** One was seen without its place: trace from now on. */
  seen: boolean;
  /** Traces of calls that are under way. */
  traces?: number;
}

export type Call = Error | null;

export class InFlight {
  #count = 0;
  #iterations = 0;
  /** Made for the first trace: most iterations have none. */
  #traces: Set<Error> | undefined;
  #idle: (() => void) | undefined;
  readonly #forgotten: ForgottenAwaits;
  readonly #runsOn: () => void;

  /** `runsOn` is told whenever a call has ended and the script goes on behind it. */
  constructor(forgotten: ForgottenAwaits, runsOn: () => void = () => undefined) {
    this.#forgotten = forgotten;
    this.#runsOn = runsOn;
  }

  get count(): number {
    return this.#count;
  }

  /** Forgets everything: an iteration begins, or was cut. */
  reset(): void {
    this.#count = 0;
    this.#iterations++;
    this.#idle = undefined;
    if (this.#traces !== undefined) this.#letGo(this.#traces.size);
    this.#traces = undefined;
  }

  begin(): Call {
    this.#count++;
    if (this.#forgotten.warned) return null;
    if (this.#iterations > TRACED_ITERATIONS && !this.#forgotten.seen) return null;
    const traces = this.#forgotten.traces ?? 0;
    if (traces >= TRACES_MAX) return null;
    this.#forgotten.traces = traces + 1;
    const trace = new Error("forgotten await");
    (this.#traces ??= new Set()).add(trace);
    return trace;
  }

  end(call: Call): void {
    this.#runsOn();
    if (call && this.#traces?.delete(call)) this.#letGo(1);
    if (--this.#count === 0) this.#idle?.();
  }

  /** Stack of one call that is still under way, if it was traced. */
  get place(): string | undefined {
    const [first] = this.#traces ?? [];
    return first?.stack;
  }

  /** Resolves when nothing is under way. */
  whenIdle(): Promise<void> {
    if (this.#count === 0) return Promise.resolve();
    return new Promise((resolve) => (this.#idle = resolve));
  }

  #letGo(count: number): void {
    this.#forgotten.traces = (this.#forgotten.traces ?? 0) - count;
  }
}
