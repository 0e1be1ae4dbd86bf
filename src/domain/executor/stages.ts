/**
 * `stages`, as both ramping executors and the shortcuts have them: k6's names and rules, each stage checked by itself.
 */
import type { Stage } from "../../../streams/schema/plan.ts";
import { durationText, DURATION_MAX_MS } from "../plan/duration.ts";
import { readObject, type Reader, required } from "../plan/field.ts";
import { DURATION_MIN_MS, STAGES_MAX, VUS_MAX } from "../plan/limits.ts";
import { grouped } from "../plan/place.ts";
import { duration, listOf, wholeNumber } from "../plan/reader.ts";

export type Stages = readonly [Stage, ...Stage[]];

const HINT = 'write: stages: [{ duration: "30s", target: 20 }]';

/** A list of stages whose targets are at most `targetMax`. */
export function stagesTo(targetMax: number, targetHint?: string): Reader<Stages> {
  const fields = {
    duration: required(duration(0)),
    target: required(wholeNumber(0, targetMax, targetHint)),
  };
  const stage: Reader<Stage> = (value, at) => {
    const read = readObject({ fields, noun: "field of a stage", notYet: {} }, value, at);
    return read === undefined ? undefined : { durationMs: read.duration, target: read.target };
  };
  const list = listOf(stage);
  return (value, at) => {
    const stages = list(value, at);
    if (stages === undefined) return undefined;
    const [first, ...others] = stages;
    if (first === undefined) return at.report("has no stage", HINT);
    if (stages.length > STAGES_MAX)
      return at.report(`must be at most ${grouped(STAGES_MAX)} stages, but are ${grouped(stages.length)}`);
    const bound = boundOf(stages.reduce((sum, { durationMs }) => sum + durationMs, 0));
    return bound === undefined ? [first, ...others] : at.report(bound);
  };
}

/** What is wrong with how long all stages last. */
function boundOf(totalMs: number): string | undefined {
  if (totalMs < DURATION_MIN_MS) return bounded(totalMs, `at least ${durationText(DURATION_MIN_MS)}`);
  if (totalMs > DURATION_MAX_MS) return bounded(totalMs, `at most ${durationText(DURATION_MAX_MS)}`);
  return undefined;
}

const bounded = (totalMs: number, bound: string): string =>
  `must last ${bound} together, but last ${durationText(totalMs)}`;

/** Stages of VUs. */
export const vuStages: Reader<Stages> = stagesTo(VUS_MAX);

/** Reads `30s:20`, one stage as flags write it. */
export const stageFlag: Reader<{ readonly duration: string; readonly target: number }> = (value, at) => {
  const [, time, target] = /^([^:]+):(\d+)$/.exec(String(value)) ?? [];
  if (time === undefined || target === undefined) {
    return at.report(
      `must be a duration and a number of VUs, but is ${JSON.stringify(value)}`,
      "write 30s:20",
    );
  }
  return { duration: time, target: Number(target) };
};
