/**
 * The language of decider tests: given these events, when this is asked, then those events. States are folded from
 * the events alone, so a test can only start where a log can.
 */
import { expect } from "vitest";

export interface Decider<S, I, E> {
  readonly initial: S;
  readonly decide: (state: S, input: I) => readonly E[];
  readonly evolve: (state: S, event: E) => S;
}

export interface Given<S, I, E> {
  readonly state: S;
  readonly events: readonly E[];
  /** What an input leads to. */
  readonly when: (input: I) => When<S, I, E>;
  /** The same log with more events. */
  readonly and: (...events: readonly E[]) => Given<S, I, E>;
}

export interface When<S, I, E> {
  readonly events: readonly E[];
  /** Compares all of it; with no events, nothing may have been decided. Not `then`: that word makes a promise. */
  readonly leadsTo: (...events: readonly E[]) => void;
  /** What was decided becomes part of the log. */
  readonly given: () => Given<S, I, E>;
}

export function decider<S, I, E>(aggregate: Decider<S, I, E>) {
  const given = (...events: readonly E[]): Given<S, I, E> => {
    const state = events.reduce(aggregate.evolve, aggregate.initial);
    return {
      state,
      events,
      and: (...more) => given(...events, ...more),
      when: (input) => {
        const decided = aggregate.decide(state, input);
        return {
          events: decided,
          leadsTo: (...expected) => expect(decided).toEqual(expected),
          given: () => given(...events, ...decided),
        };
      },
    };
  };
  return { given };
}
