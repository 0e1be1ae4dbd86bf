/**
 * Ceilings on the requests of one worker: so many per second (others wait for their turn, in order), and so many in all (then
 * nothing goes out any more). One for all of its VUs, asked before each request, redirects and parts of a batch included.
 */
import type { Guard } from "../../../streams/schema/guard.ts";
import { RATE_UNITS } from "../../domain/guard/ceilings.ts";
import type { Rails } from "./rails.ts";

/** A request that waits for its turn. */
export interface Held {
  /** False when its iteration was cut meanwhile. */
  isWanted(): boolean;
  go(): void;
}

interface Bucket {
  readonly rail: string;
  readonly perMs: number;
  /** Tokens that it holds at most: a worker that stood still must not make up for it at once. */
  readonly size: number;
  tokens: number;
  atMs: number;
}

interface Budget {
  readonly guard: Guard;
  readonly own: number;
  left: number;
}

/** A rate is kept over this time; within it requests may bunch. */
const BURST_MS = 20;
/** Waits are not shorter: Node's timers are no finer. */
const WAIT_MIN_MS = 1;
const WAIT_MAX_MS = 60_000;

export class RequestCeilings {
  readonly #rails: Rails;
  readonly #buckets: readonly Bucket[];
  readonly #budgets: readonly Budget[];
  readonly #spent: (message: string) => void;
  /** One per request under way at most, so as many as the script has calls. */
  #waiting: Held[] = [];
  /** For what the waiting ones wait. */
  #scarce: Bucket | undefined;
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
    this.#buckets = guards.flatMap(({ maxRate, part, zone }) =>
      maxRate === undefined ? [] : [bucketOf(`maxRate of zone ${zone}`, part?.rate ?? maxRate * RATE_UNITS)],
    );
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
    const empty = this.#emptyBucket(performance.now());
    if (empty !== undefined) return this.#mustWait((this.#scarce = empty));
    this.#take();
    return true;
  }

  /** Keeps a request until its turn; for ever, where nothing may go out any more. */
  hold(held: Held): void {
    if (this.#isSpent) return;
    this.#waiting.push(held);
    this.#waitForTurn();
  }

  #mustWait(bucket: Bucket | undefined): false {
    if (!this.#isSpent && bucket !== undefined) this.#rails.count(bucket.rail, "held");
    return false;
  }

  #take(): void {
    for (const bucket of this.#buckets) bucket.tokens--;
    for (const budget of this.#budgets) budget.left--;
  }

  #emptyBucket(nowMs: number): Bucket | undefined {
    for (const bucket of this.#buckets) {
      bucket.tokens = Math.min(bucket.size, bucket.tokens + (nowMs - bucket.atMs) * bucket.perMs);
      bucket.atMs = nowMs;
    }
    return this.#buckets.find(({ tokens }) => tokens < 1);
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
    const waitsMs = this.#buckets.map(({ perMs, tokens }) => (1 - tokens) / perMs);
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
      this.#take();
      count++;
      held.go();
    }
    // What `go` led to may have come behind the others meanwhile.
    this.#waiting.splice(0, count);
    if (this.#waiting.length > 0) this.#waitForTurn();
  }
}

function bucketOf(rail: string, rate: number): Bucket {
  const perMs = rate / RATE_UNITS / 1000;
  // A little more than one, or what a timer is late would be lost for good.
  const size = Math.max(1.5, perMs * BURST_MS);
  return { rail, perMs, size, tokens: Math.min(1, rate), atMs: performance.now() };
}
