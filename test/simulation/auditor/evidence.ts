/**
 * All that the auditor is given: what the target saw, and what was published, byte by byte. Types only. Nothing in this
 * folder knows the program: it reads bytes and JSON by itself, and would judge another implementation as well.
 */

/** A message that a server stored. */
export interface Published {
  readonly server: string;
  /** The process that published it; a process that is started again has another name. */
  readonly by: string;
  readonly subject: string;
  readonly sequence: number;
  /** µs since the simulation began. */
  readonly atUs: number;
  readonly envelope: PublishedEnvelope;
  readonly data: Uint8Array;
}

export interface PublishedEnvelope {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly time: number;
  readonly epoch: number;
  readonly actor: string;
  readonly correlation: string;
  readonly causation: string;
  readonly previous?: string;
  readonly hash?: string;
}

/** A request as the target saw it. */
export interface Seen {
  readonly run: string;
  readonly zone: string;
  readonly agent: string;
  /** `<agent>.<incarnation>`. */
  readonly source: string;
  readonly worker: string;
  /** "" for a stage of the script. */
  readonly scenario: string;
  /** "" for an iteration; a scenario's own stage has its name behind a slash. */
  readonly stage: string;
  /** Of the worker and scenario, from 0. */
  readonly iteration: number;
  /** The last request of its iteration: with its answer the iteration is complete. */
  readonly isLast: boolean;
  /** The script calls `abort()` when it has the answer. */
  readonly isAbort: boolean;
  readonly status: number;
  readonly serviceUs: number;
  /** µs since the simulation began. */
  readonly atUs: number;
  /** Whether the answer was taken: a client that was cut, or is gone, did not. */
  isAnswered: boolean;
}

/** What somebody wanted written down about a run, and whether they heard that it was. */
export interface AskedNote {
  readonly run: string;
  readonly id: string;
  readonly isHeard: boolean;
}

export interface Evidence {
  readonly seen: readonly Seen[];
  readonly published: readonly Published[];
  readonly notes: readonly AskedNote[];
  /** From when on nothing went wrong any more, µs. */
  readonly calmFromUs: number;
  /** When the simulation ended, µs. */
  readonly endedUs: number;
  /** Instants in messages, µs since the Unix epoch, begin here. */
  readonly epochUs: number;
  /** How far clocks may be off each other by what links did to their measurement, µs. */
  readonly clocksOffUs: number;
  /** In what time a stop at this instant must have reached everybody, as things were then. */
  readonly stopWithinUs: (atUs: number) => number;
}

/** A law that does not hold, and where. */
export interface Violation {
  readonly law: string;
  readonly message: string;
}
