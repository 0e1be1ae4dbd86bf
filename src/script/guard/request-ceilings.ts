/**
 * Ceilings on the requests of one worker: so many per second (others wait for their turn, in order), and so many in all (then
 * nothing goes out any more). One for all of its VUs, asked before each request, redirects and parts of a batch included.
 */
import type { Guard } from "../../../streams/schema/guard.ts";
import { RATE_UNITS } from "../../domain/guard/ceilings.ts";
import type { Rails } from "./rails.ts";
import { type RateBucket, rateBucket } from "./rate-bucket.ts";

/** A request that waits for its turn. */
export interface Held {
  /** False when its iteration was cut meanwhile. */
  isWanted(): boolean;
  go(): void;
}

interface Budget {
  readonly guard: Guard;
  readonly own: number;
  left: number;
}

/** Waits are not shorter: Node's timers are no finer. */
const WAIT_MIN_MS = 1;
const WAIT_MAX_MS = 60_000;

export class RequestCeilings {
  readonly #rails: Rails;
  readonly #buckets: readonly RateBucket[];
  readonly #budgets: readonly Budget[];
  readonly #spent: (message: string) => void;
  /** One per request under way at most, so as many as the script has calls. */
  #waiting: Held[] = [];
  /** For what the waiting ones wait. */
  #scarce: RateBucket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isSpent = false;

  /** Undefined where there are none: nothing is asked then. @param spent is told once that nothing more may go out */
  static of(
    guards: readonly Guard[],
    rails: Rails,
    spent: (message: string) => void,
  ): RequestCeilings | undefined {
    const ceilings = new RequestCeilings(guards, rails, spent);
    return ceilings.#buckets.length + ceilings.#budgets.length === 0 ? undefined : ceilings;
  }

  private constructor(guards: readonly Guard[], rails: Rails, spent: (message: string) => void) {
    this.#rails = rails;
    this.#spent = spent;
    this.#buckets = guards.flatMap(({ maxRate, part, zone }) => {
      if (maxRate === undefined) return [];
      const whole = maxRate * RATE_UNITS;
      const own = { rate: part?.rate ?? whole, before: part?.rateBefore, whole };
      return [rateBucket(`maxRate of zone ${zone}`, own)];
    });
    this.#budgets = guards.flatMap((guard) => {
      const own = guard.part?.requests ?? guard.maxRequests;
      return own === undefined ? [] : [{ guard, own, left: own }];
    });
  }

  /** Whether a request may go out now; it is then counted. Otherwise it is to be held. */
  admits(): boolean {
    if (this.#isSpent || this.#waiting.length > 0) return this.#mustWait(this.#scarce);
    const budget = this.#budgets.find(({ left }) => left <= 0);
    if (budget !== undefined) return this.#spend(budget);
    const nowMs = performance.now();
    const empty = this.#emptyBucket(nowMs);
    if (empty !== undefined) return this.#mustWait((this.#scarce = empty));
    this.#take(nowMs);
    return true;
  }

  /** Keeps a request until its turn; for ever, where nothing may go out any more. */
  hold(held: Held): void {
    if (this.#isSpent) return;
    this.#waiting.push(held);
    this.#waitForTurn();
  }

  #mustWait(bucket: RateBucket | undefined): false {
    if (!this.#isSpent && bucket !== undefined) this.#rails.count(bucket.rail, "held");
    return false;
  }

  #take(nowMs: number): void {
    for (const bucket of this.#buckets) bucket.take(nowMs);
    for (const budget of this.#budgets) budget.left--;
  }

  #emptyBucket(nowMs: number): RateBucket | undefined {
    return this.#buckets.find((bucket) => !bucket.admits(nowMs));
  }

  #spend({ guard, own }: Budget): false {
    this.#isSpent = true;
    this.#waiting = [];
    this.#spent(
      `the owner of zone ${guard.zone} allows a run ${guard.maxRequests} requests (maxRequests), ` +
        `and the ${own} of them that this worker has are used up`,
    );
    return false;
  }

  #waitForTurn(): void {
    if (this.#timer !== undefined) return;
    const nowMs = performance.now();
    const waitsMs = this.#buckets
      .filter((bucket) => !bucket.admits(nowMs))
      .map((bucket) => bucket.waitMs(nowMs));
    const waitMs = Math.min(WAIT_MAX_MS, Math.max(WAIT_MIN_MS, ...waitsMs));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#letThrough();
    }, waitMs);
  }

  #letThrough(): void {
    const nowMs = performance.now();
    let count = 0;
    for (const held of this.#waiting) {
      if (!held.isWanted()) {
        count++;
        continue;
      }
      const budget = this.#budgets.find(({ left }) => left <= 0);
      if (budget !== undefined) return void this.#spend(budget);
      if (this.#emptyBucket(nowMs) !== undefined) break;
      this.#take(nowMs);
      count++;
      held.go();
    }
    // What `go` led to may have come behind the others meanwhile.
    this.#waiting.splice(0, count);
    if (this.#waiting.length > 0) this.#waitForTurn();
    else for (const bucket of this.#buckets) bucket.rest();
  }
}
