/**
 * Bounds what refused accesses may add to a log. The first of a kind is told at once; the same again within a minute is
 * counted, and told as one when the minute is over. Whoever tries many subjects, or comes under many names, is told
 * under one of each. What was only counted when a node ends is not told.
 */
import type { AccessRefusal } from "../../../streams/schema/access.ts";

const MINUTE_US = 60_000_000;
/** Kinds of refusals told apart in a minute: so many subjects of one principal, so many principals. */
const SUBJECTS_MAX = 10;
const PRINCIPALS_MAX = 20;
export const OTHERS = "(others)";

interface Counted {
  /** When it was told last, by the clock of whoever counts, µs. */
  toldAt: number;
  /** Came since then. */
  waiting: AccessRefusal | undefined;
}

export class RefusalCounter {
  /** How long the same again is only counted, µs. */
  readonly #everyUs: number;
  /** By principal, then by operation and subject. */
  readonly #counted = new Map<string, Map<string, Counted>>();

  constructor(everyUs = MINUTE_US) {
    this.#everyUs = everyUs;
  }

  /** Takes a refusal; returns it when it is to be told now. */
  offer(refusal: AccessRefusal, now: number): AccessRefusal | undefined {
    const known = this.#named(refusal);
    const kinds = this.#counted.get(known.principal) ?? new Map<string, Counted>();
    this.#counted.set(known.principal, kinds);
    const key = `${known.operation} ${known.subject}`;
    const counted = kinds.get(key);
    if (counted === undefined) {
      kinds.set(key, { toldAt: now, waiting: undefined });
      return known;
    }
    const { waiting } = counted;
    counted.waiting = waiting === undefined ? known : { ...waiting, count: waiting.count + known.count };
    return undefined;
  }

  /** What has waited for its minute; called now and then. */
  due(now: number): readonly AccessRefusal[] {
    const due: AccessRefusal[] = [];
    for (const [principal, kinds] of this.#counted) {
      for (const [key, counted] of kinds) {
        if (now - counted.toldAt < this.#everyUs) continue;
        if (counted.waiting === undefined) kinds.delete(key);
        else {
          due.push(counted.waiting);
          kinds.set(key, { toldAt: now, waiting: undefined });
        }
      }
      if (kinds.size === 0) this.#counted.delete(principal);
    }
    return due;
  }

  /** With the names under which it is counted. */
  #named(refusal: AccessRefusal): AccessRefusal {
    const { operation, principal, subject } = refusal;
    const kinds = this.#counted.get(principal);
    if (kinds === undefined) {
      return this.#counted.size < PRINCIPALS_MAX
        ? refusal
        : { ...refusal, principal: OTHERS, subject: OTHERS };
    }
    if (kinds.size < SUBJECTS_MAX || kinds.has(`${operation} ${subject}`)) return refusal;
    return { ...refusal, subject: OTHERS };
  }
}
