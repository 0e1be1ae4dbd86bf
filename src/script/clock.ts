/**
 * The run clock as scripts' code sees it.
 */
export interface Clock {
  /** Whole µs since the run's start instant; negative before it. Monotonic. */
  nowUs(): number;
}
