/**
 * What is known of runs from their logs alone: one row per run, folded with root's own function. Holds a row per run,
 * not its events.
 */
import * as Effect from "effect/Effect";
import type { RunEvent } from "../../../streams/events/run.ts";
import type { Outcome } from "../../../streams/schema/cause.ts";
import { parseSubject, patterns, subjects } from "../../../streams/subjects.ts";
import { evolve } from "../../domain/run/evolve.ts";
import { newRun, type RunPhase, type RunState } from "../../domain/run/state.ts";
import type { SummaryDocument } from "../../domain/summary/document.ts";
import type { Asked, Server, Stored } from "../../ports/server.ts";
import { readBody } from "../read-body.ts";
import { RUN_EVENTS, runsWith } from "./find-run.ts";

export interface RunRow {
  readonly run: string;
  readonly script: string;
  readonly state: RunPhase;
  /** Null until the verdict. */
  readonly outcome: Outcome | null;
  readonly exitCode: number | null;
  /** Start of the load; where it never started, when the run was asked for. Hub time, µs since the Unix epoch. */
  readonly startedAt: number;
  /** Length of the load; null until the summary. */
  readonly durationMs: number | null;
  /** Iterations that were completed; null until the summary. */
  readonly iterations: number | null;
  /** Who asked for it. */
  readonly actor: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What people wrote down about it, in order. */
  readonly notes: readonly { readonly text: string; readonly actor: string }[];
}

/** All runs, newest first. */
export const listRuns = (server: Server): Asked<readonly RunRow[]> =>
  Effect.gen(function* () {
    const folds = new Map<string, RunFold>();
    if ((yield* runsWith(server, patterns.runEvents)).length === 0) return [];
    yield* server.log.scan(RUN_EVENTS, patterns.runEvents, (stored) => {
      const run = parseSubject(stored.subject)?.run ?? "";
      const fold = folds.get(run) ?? new RunFold(run);
      folds.set(run, fold);
      fold.add(stored);
    });
    return [...folds.values()].map(({ row }) => row).toReversed();
  });

/** Runs without a verdict. */
export const openRuns = (server: Server): Asked<readonly RunRow[]> =>
  Effect.gen(function* () {
    const ended = new Set(yield* runsWith(server, patterns.runEventsOf("VerdictGiven")));
    const planned = yield* runsWith(server, patterns.runEventsOf("RunPlanned"));
    const open = planned.filter((run) => !ended.has(run));
    return yield* Effect.forEach(open, (run) => Effect.map(foldRun(server, run), ({ row }) => row));
  });

/** One run as its log tells it. */
export const foldRun = (server: Server, run: string): Asked<RunFold> =>
  Effect.gen(function* () {
    const fold = new RunFold(run);
    yield* server.log.scan(RUN_EVENTS, subjects.runLog(run), (stored) => fold.add(stored));
    return fold;
  });

export class RunFold {
  readonly #run: string;
  #state: RunState = newRun;
  #firstAt: number | undefined;
  #figures: Pick<RunRow, "durationMs" | "iterations"> = { durationMs: null, iterations: null };

  constructor(run: string) {
    this.#run = run;
  }

  /** Takes the next event. One that cannot be read is passed over here; `mesh replay` says what is wrong with it. */
  add(stored: Pick<Stored, "envelope" | "data">): void {
    this.#firstAt ??= stored.envelope.time;
    const event = readEvent(stored);
    if (event === undefined) return;
    if (event.type === "SummaryRecorded") {
      this.#figures = figuresOf(event.summary as Partial<SummaryDocument>);
      // Its document is most of a log's bytes, and nothing here reads it again.
      this.#state = evolve(this.#state, { ...event, summary: undefined });
    } else this.#state = evolve(this.#state, event);
  }

  get state(): RunState {
    return this.#state;
  }

  get row(): RunRow {
    const { actor, notes, phase, plan, startAt, verdict } = this.#state;
    return {
      run: this.#run,
      script: plan?.script ?? "",
      state: phase,
      outcome: verdict?.outcome ?? null,
      exitCode: verdict?.exitCode ?? null,
      startedAt: startAt ?? this.#firstAt ?? 0,
      ...this.#figures,
      actor,
      labels: plan?.labels ?? {},
      notes: notes.map(({ actor: author, text }) => ({ text, actor: author })),
    };
  }
}

const figuresOf = (summary: Partial<SummaryDocument>): Pick<RunRow, "durationMs" | "iterations"> => ({
  durationMs: summary.durationMs ?? null,
  iterations: summary.ledger?.total.completed ?? null,
});

/** Undefined for an event that does not follow the contract. */
export const readEvent = (stored: Pick<Stored, "envelope" | "data">): RunEvent | undefined =>
  readBody("run event", stored, () => {});
