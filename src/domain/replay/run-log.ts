/**
 * Folds a run log again, with root's own functions, and checks its hash chain on the way. It also remembers the two
 * states that root decided from: the one its summary was made of, and the one its verdict was given on; and for
 * each later revision of the report the one that it was made of.
 */
import type { RunEvent } from "../../../streams/events/run.ts";
import { chainFault } from "../log/chain.ts";
import { decodeBody, Malformed } from "../log/codec.ts";
import { evolve } from "../run/evolve.ts";
import { awaitsSummary } from "../run/proceed.ts";
import { newRun, type RunState } from "../run/state.ts";
import { atEntry, type Difference, type Entry } from "./difference.ts";

export interface Revision {
  readonly from: RunState;
  readonly stored: RunEvent & { readonly type: "ReportRevised" };
}

export class RunLogReplay {
  readonly differences: Difference[] = [];
  #state = newRun;
  #count = 0;
  #previous = "";
  #last: Entry | undefined;
  #summaryFrom: RunState | undefined;
  #verdictFrom: RunState | undefined;
  /** Every later revision of the report, with the state that it was made from. */
  readonly revisions: Revision[] = [];

  /** Takes the next event. */
  add(entry: Entry): void {
    const fault = chainFault(entry.envelope, entry.data, this.#previous);
    if (fault !== undefined) this.differences.push(atEntry("run log", entry, fault));
    this.#previous = entry.envelope.hash ?? "";
    this.#count += 1;
    this.#last = entry;
    const event = this.#read(entry);
    if (event === undefined) return;
    this.#remember(event, fault !== undefined);
    this.#state = evolve(this.#state, event);
  }

  #read(entry: Entry): RunEvent | undefined {
    try {
      return decodeBody("run event", entry.envelope, entry.data);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.differences.push(atEntry("run log", entry, `it cannot be read: ${error.message}`));
      return undefined;
    }
  }

  /**
   * Where `SummaryRecorded` is missing, the summary was made before whatever can only follow it, or where the chain
   * breaks while the summary was awaited.
   */
  #remember(event: RunEvent, isBreak: boolean): void {
    const state = this.#state;
    if (event.type === "ReportRevised") this.revisions.push({ from: state, stored: event });
    const follows = event.type === "VerdictGiven" || ("stage" in event && event.stage === "summary");
    const isMade = event.type === "SummaryRecorded" && state.summary === undefined;
    const isDue = this.#summaryFrom === undefined && (follows || (isBreak && awaitsSummary(state)));
    if (isMade || isDue) this.#summaryFrom = state;
    if (event.type === "VerdictGiven" && event.revision === 0) this.#verdictFrom ??= state;
  }

  /** The run as its log tells it. */
  get state(): RunState {
    return this.#state;
  }

  get count(): number {
    return this.#count;
  }

  get last(): Entry | undefined {
    return this.#last;
  }

  /** The state before the summary; undefined when the log does not go that far. */
  get summaryFrom(): RunState | undefined {
    return this.#summaryFrom ?? (awaitsSummary(this.#state) ? this.#state : undefined);
  }

  /** The state before the verdict; undefined when none was given. */
  get verdictFrom(): RunState | undefined {
    return this.#verdictFrom;
  }
}
