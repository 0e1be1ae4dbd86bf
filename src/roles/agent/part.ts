/**
 * An agent's part of one run: its workers, its merge of what they measured, and its statement at the end. Everything
 * here belongs to the agent's one fiber, except the getting-ready, which waits for the barrier on a fiber of its own.
 */
import type * as Fiber from "effect/Fiber";
import type { Failure, Stage } from "../../../streams/schema/cause.ts";
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { Tallies, Tally } from "../../../streams/schema/ledger.ts";
import type { AgentFinish } from "../../../streams/schema/finish.ts";
import { sumGuarded } from "../../domain/guard/guard-words.ts";
import { IntervalMerger } from "../../domain/interval/merger.ts";
import { decodeHead } from "../../domain/interval/codec.ts";
import type { ServerClock } from "../../ports/server.ts";
import type { Ended, WorkerProcess } from "../../ports/workers.ts";
import type { Spool } from "./spool.ts";

export type AssignShare = NodeCommand & { readonly type: "AssignShare" };

/** The start as the ready barrier handed it out: on the zone server's clock, and on the hub's. */
export interface Start {
  readonly startAt: number;
  readonly hubStartAt: number;
}

/** What scenarios' own setups returned, by scenario. */
export type Setups = Readonly<Record<string, unknown>>;

/** What came of getting ready: a start, or why there is none. */
export type Readiness =
  | {
      readonly ok: true;
      readonly start: Start;
      readonly setup: unknown;
      readonly setups: Setups;
      readonly clock: ServerClock;
    }
  | { readonly ok: false; readonly failure: Failure };

export interface Part {
  readonly run: string;
  readonly asked: AssignShare;
  readonly agent: string;
  readonly incarnation: number;
  readonly spool: Spool;
  readonly merger: IntervalMerger;
  readonly workers: WorkerProcess[];
  readonly ends: Map<string, Ended>;
  /** Workers that are gone, and why. */
  readonly lost: Map<string, string>;
  /** What its workers warned of. */
  readonly warned: Set<string>;
  /** Stages that were begun here: a root that takes over asks again, and nothing may run twice. */
  readonly begun: Set<Stage>;
  /** When it was assigned, ms on the node's monotonic clock: that is a word from above, too. */
  readonly sinceMs: number;
  gettingReady: Fiber.Fiber<void> | undefined;
  /** The spool's publishing. */
  publishing: Fiber.Fiber<void> | undefined;
  start: Start | undefined;
  stopping: boolean;
  finished: boolean;
  /** It was said that this part cannot go on. */
  failed: boolean;
  /** The script's call of abort() was passed on; the first one counts. */
  aborted: boolean;
  /** Something of the workers found no place in the agent's mailbox any more. */
  overrun: boolean;
  endedAtUs: number;
  /** How late the start was heard of, µs. */
  startLateUs: number;
}

export const sourceOf = (agent: string, incarnation: number): string => `${agent}.${incarnation}`;
export const workerName = (part: Pick<Part, "agent" | "incarnation">, index: number): string =>
  `${sourceOf(part.agent, part.incarnation)}/w${index}`;

export interface PartOptions {
  readonly asked: AssignShare;
  readonly agent: string;
  readonly incarnation: number;
  readonly spool: Spool;
  readonly sinceMs: number;
}

export function newPart({ asked, spool, sinceMs, ...part }: PartOptions): Part {
  const { plan, workers } = asked;
  return {
    ...part,
    run: asked.run,
    asked,
    spool,
    merger: new IntervalMerger({
      source: sourceOf(part.agent, part.incarnation),
      windowMs: plan.windowMs,
      tags: plan.tags,
      // Workers are on this machine: a frame that is late here is late by its event loop.
      latenessMs: plan.latenessMs / 2,
      children: Array.from({ length: workers }, (_, index) => workerName(part, index)),
    }),
    workers: [],
    ends: new Map(),
    lost: new Map(),
    warned: new Set(),
    begun: new Set(),
    sinceMs,
    gettingReady: undefined,
    publishing: undefined,
    start: undefined,
    stopping: false,
    finished: false,
    failed: false,
    aborted: false,
    overrun: false,
    endedAtUs: 0,
    startLateUs: 0,
  };
}

/** Milliseconds of the run so far. */
export const elapsedMs = (part: Part, clock: ServerClock): number =>
  part.start === undefined ? 0 : (clock.now() - part.start.startAt) / 1000;

/** Closes every window that is due and puts the intervals into the spool. */
export function closeWindows(part: Part, clock: ServerClock): void {
  for (const window of part.merger.due(elapsedMs(part, clock))) {
    const frame = part.merger.close(window);
    part.spool.add(decodeHead(frame).number, frame);
  }
}

/** Every worker has ended or is lost, and all that they sent is in the agent's own intervals. */
export function isOver(part: Part): boolean {
  if (part.start === undefined) return part.stopping;
  const settled = part.asked.workers === part.ends.size + part.lost.size;
  return settled && [...part.ends].every(([name, { frames }]) => part.merger.merged(name) >= frames);
}

/** What the agent states of its part. */
export function finishOf(part: Part, clock: ServerClock): AgentFinish {
  const hubUs = (us: number) =>
    Math.max(0, us + (part.start === undefined ? 0 : part.start.hubStartAt - part.start.startAt));
  const ends = [...part.ends.values()];
  const lastRequests = ends.flatMap(({ lastRequestAtNs }) =>
    lastRequestAtNs === undefined ? [] : [lastRequestAtNs],
  );
  const lastNs = lastRequests.reduce((latest, next) => (next > latest ? next : latest), 0n);
  return {
    agent: part.agent,
    incarnation: part.incarnation,
    tallies: part.start === undefined ? {} : ends.map(({ tallies }) => tallies).reduce(addTallies, {}),
    intervals: part.merger.intervals,
    lastRequestAt: lastNs === 0n ? 0 : hubUs(clock.instantUs(lastNs)),
    endedAt: part.start === undefined ? 0 : hubUs(part.endedAtUs),
    startLateUs: part.startLateUs,
    clockOffsetUs: clock.offsetUs,
    clockErrorUs: clock.errorUs,
    whole: !part.stopping && part.lost.size === 0,
    ...interruptedRequests(ends),
    ...lostWorkers(part),
    ...asideOf(part.merger),
    ...guardedOf(ends),
  };
}

/** What an agent states that never had this part. */
export const nothingDone = (agent: string, incarnation: number, clock: ServerClock): AgentFinish => ({
  agent,
  incarnation,
  tallies: {},
  intervals: 0,
  lastRequestAt: 0,
  endedAt: 0,
  startLateUs: 0,
  clockOffsetUs: clock.offsetUs,
  clockErrorUs: clock.errorUs,
  whole: false,
});

function asideOf({ quarantined, quarantinedCount }: IntervalMerger): Pick<AgentFinish, "aside"> {
  const [first] = quarantined;
  return first === undefined ? {} : { aside: { intervals: quarantinedCount, reason: first.reason } };
}

function interruptedRequests(ends: readonly Ended[]): Pick<AgentFinish, "interruptedRequests"> {
  const requests = ends.reduce((sum, end) => sum + end.interruptedRequests, 0);
  return requests === 0 ? {} : { interruptedRequests: requests };
}

/** What guard rails did, of all workers. */
function guardedOf(ends: readonly Ended[]): Pick<AgentFinish, "guarded"> {
  const guarded = sumGuarded(ends.flatMap((end) => end.guarded ?? []));
  return guarded.length === 0 ? {} : { guarded };
}

function lostWorkers({ lost, start, merger }: Part): Pick<AgentFinish, "lostWorkers"> {
  if (lost.size === 0 || start === undefined) return {};
  const workers = [...lost].map(([worker, reason]) => ({ worker, reason, intervals: merger.merged(worker) }));
  return { lostWorkers: workers };
}

const NOTHING: Tally = { planned: 0, started: 0, completed: 0, interrupted: 0, dropped: 0 };

function addTallies(a: Tallies, b: Tallies): Tallies {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, add(a[name] ?? NOTHING, b[name] ?? NOTHING)]));
}

const add = (a: Tally, b: Tally): Tally => ({
  planned: a.planned + b.planned,
  started: a.started + b.started,
  completed: a.completed + b.completed,
  interrupted: a.interrupted + b.interrupted,
  dropped: a.dropped + b.dropped,
});
