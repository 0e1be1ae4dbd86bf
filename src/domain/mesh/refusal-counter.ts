/**
 * Bounds what refused accesses may add to a log. The first of a kind is told at once; the same again within a minute is
 * counted, and told as one when the minute is over. Whoever tries many subjects, or comes under many names, is told
 * under one of each. What was only counted when a node ends is not told.
 */
import type { AccessRefusal } from "../../../streams/schema/access.ts";
import { cutTexts } from "../log/bounded.ts";
import { sumOf } from "../sum.ts";

const MINUTE_US = 60_000_000;
/** Kinds of refusals told apart in a minute: so many subjects of one principal, so many principals. */
const SUBJECTS_MAX = 10;
const PRINCIPALS_MAX = 20;
export const OTHERS = "(others)";
/** Of a name, a subject, or what a server said. */
const TEXT_MAX = 1000;

/** What zones tell names the one where it was. */
type Refusal = AccessRefusal & { readonly zone?: string };

interface Counted<R> {
  /** When it was told last, by the clock of whoever counts, µs. */
  toldAt: number;
  /** Came since then: the last of them, since when, and how many. */
  waiting: R | undefined;
}

export class RefusalCounter<R extends Refusal = AccessRefusal> {
  /** How long the same again is only counted, µs. */
  readonly #everyUs: number;
  /** By principal, and the zone where it was, then by operation and subject. */
  readonly #counted = new Map<string, Map<string, Counted<R>>>();

  constructor(everyUs = MINUTE_US) {
    this.#everyUs = everyUs;
  }

  /** Takes a refusal; returns it when it is to be told now. */
  offer(refusal: R, now: number): R | undefined {
    const known = this.#named(cutTexts(refusal, TEXT_MAX));
    const who = whoseOf(known);
    const kinds = this.#counted.get(who) ?? new Map<string, Counted<R>>();
    this.#counted.set(who, kinds);
    const key = `${known.operation} ${known.subject}`;
    const counted = kinds.get(key);
    if (counted === undefined) {
      kinds.set(key, { toldAt: now, waiting: undefined });
      return known;
    }
    const { waiting } = counted;
    const { at, count } = waiting ?? { at: known.at, count: 0 };
    counted.waiting = { ...known, at, count: sumOf([count, known.count]) };
    return undefined;
  }

  /** What has waited for its minute; called now and then. */
  due(now: number): readonly R[] {
    const due: R[] = [];
    for (const [who, kinds] of this.#counted) {
      for (const [key, counted] of kinds) {
        if (now - counted.toldAt < this.#everyUs) continue;
        if (counted.waiting === undefined) kinds.delete(key);
        else {
          due.push(counted.waiting);
          kinds.set(key, { toldAt: now, waiting: undefined });
        }
      }
      if (kinds.size === 0) this.#counted.delete(who);
    }
    return due;
  }

  /** With the names under which it is counted. */
  #named(refusal: R): R {
    const { operation, subject } = refusal;
    const kinds = this.#counted.get(whoseOf(refusal));
    if (kinds === undefined) {
      return this.#counted.size < PRINCIPALS_MAX
        ? refusal
        : { ...refusal, principal: OTHERS, subject: OTHERS };
    }
    if (kinds.size < SUBJECTS_MAX || kinds.has(`${operation} ${subject}`)) return refusal;
    return { ...refusal, subject: OTHERS };
  }
}

const whoseOf = ({ principal, zone = "" }: Refusal): string =>
  principal === OTHERS ? OTHERS : `${zone} ${principal}`;
