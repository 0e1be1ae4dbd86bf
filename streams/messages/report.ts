/** What an agent says to its zone. The coordinator decides what becomes a fact. */
import * as Schema from "effect/Schema";
import { type BodyOf, define } from "../message.ts";
import { Cause, Failure, Stage } from "../schema/cause.ts";
import { AgentFinish } from "../schema/finish.ts";
import { Count, RunId } from "../schema/ids.ts";

export const reports = {
  Hello: define("Hello", "agent", "An agent wants to join.", {
    session: Schema.String,
    protocol: Count,
    program: Schema.String,
    cores: Count,
    host: Schema.String,
    labels: Schema.Record(Schema.String, Schema.String),
  }),
  Goodbye: define("Goodbye", "agent", "An agent leaves in order.", {
    session: Schema.String,
    incarnation: Count,
  }),
  PartFailed: define("PartFailed", "agent", "The agent cannot take or continue its part.", {
    run: RunId,
    incarnation: Count,
    failure: Failure,
  }),
  StageDone: define("StageDone", "agent", "The agent ended setup, teardown or handleSummary.", {
    run: RunId,
    incarnation: Count,
    stage: Stage,
    value: Schema.optionalKey(Schema.Unknown),
    failure: Schema.optionalKey(Failure),
    intervals: Count,
  }),
  AbortCalled: define("AbortCalled", "agent", "The script called abort().", {
    run: RunId,
    incarnation: Count,
    cause: Cause,
  }),
  PartFinished: define("PartFinished", "agent", "The agent has ended its part and states its totals.", {
    run: RunId,
    finish: AgentFinish,
  }),
} as const;

export type Report = BodyOf<typeof reports>;
