/**
 * Why a run ended otherwise than at its planned end, and how it ended. The first cause wins and is never replaced.
 */
import * as Schema from "effect/Schema";
import { Count } from "./ids.ts";

/**
 * `signal` a person pressed Ctrl-C or sent a signal · `person` somebody ran `mesh abort` · `script` the script
 * called `abort()` · `script-failed` it threw where it may not · `setup-failed`, `setup-timed-out` ·
 * `agents-lost` beyond tolerance · `agents-missing` too few to start · `silence` nobody above was heard ·
 * `threshold` one with abortOnFail was crossed · `leader-lost` a root died and the run could not go on ·
 * `guard-refused` the owner of a zone does not allow it there · `guard-reached` it did all that the owner allows.
 */
export const CauseKind = Schema.Literals([
  "signal",
  "person",
  "script",
  "script-failed",
  "setup-failed",
  "setup-timed-out",
  "agents-lost",
  "agents-missing",
  "silence",
  "threshold",
  "leader-lost",
  "guard-refused",
  "guard-reached",
]);
export type CauseKind = typeof CauseKind.Type;

export const Cause = Schema.Struct({
  kind: CauseKind,
  /** One sentence for a person: what happened, where. */
  message: Schema.String,
  /** Who or what: an actor, an agent, a threshold. */
  by: Schema.String,
});
export type Cause = typeof Cause.Type;

/** On what a cause rests that root found in its own interval log: the interval at which it shows. */
export const Evidence = Schema.Struct({
  /** Number of root's interval after which it was true, and the window that it closed. */
  interval: Schema.Int,
  window: Schema.Int,
  /** The threshold that was crossed, as the plan spells it, and the figure it saw, in k6's units. */
  metric: Schema.String,
  threshold: Schema.String,
  observed: Schema.Finite,
  /** Of a threshold with a timeframe: the windows in which it saw that, both inside. */
  windows: Schema.optionalKey(Schema.Tuple([Schema.Int, Schema.Int])),
});
export type Evidence = typeof Evidence.Type;

export const Outcome = Schema.Literals(["passed", "failed", "aborted", "invalid", "errored"]);
export type Outcome = typeof Outcome.Type;

/** How a worker process ended that nobody wanted to end. */
export const WorkerDeath = Schema.Struct({
  /** `<agent>.<incarnation>/w<k>`. */
  worker: Schema.String,
  /** What it did, as a person says it: `called process.exit(3)`, `ran out of memory`. */
  cause: Schema.String,
  /** The last lines that it or the script wrote, cut to what an event may hold. */
  lastLines: Schema.Array(Schema.String),
  /** What the script ran last; absent where no iteration was known to have begun. */
  iteration: Schema.optionalKey(
    Schema.Struct({
      scenario: Schema.String,
      /** Number in the whole run of this scenario, from 0. */
      number: Count,
      vu: Count,
    }),
  ),
});
export type WorkerDeath = typeof WorkerDeath.Type;

/** A failure inside a script or a worker, as far as it can be told. Positions are the script's own. */
export const Failure = Schema.Struct({
  kind: Schema.Literals(["threw", "timeout", "lost", "invalid"]),
  message: Schema.String,
  file: Schema.optionalKey(Schema.String),
  line: Schema.optionalKey(Schema.Int),
  column: Schema.optionalKey(Schema.Int),
  stack: Schema.optionalKey(Schema.String),
  /** Of a worker that was lost. */
  death: Schema.optionalKey(WorkerDeath),
});
export type Failure = typeof Failure.Type;

/** The functions of a script that run once per run; a scenario's own carry its name: `setup/checkout`. */
export const Stage = Schema.Union([
  Schema.Literals(["setup", "teardown", "summary"]),
  Schema.TemplateLiteral(["setup/", Schema.String]),
  Schema.TemplateLiteral(["teardown/", Schema.String]),
]);
export type Stage = typeof Stage.Type;

/** Where a copied fact came from: the stream that brought it, and its sequence in the log where it was first written. */
export const Origin = Schema.Struct({ stream: Schema.String, sequence: Schema.Int, id: Schema.String });
export type Origin = typeof Origin.Type;
