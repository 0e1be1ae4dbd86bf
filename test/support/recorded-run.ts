/**
 * A run that is over, as its two logs: intervals of the real recorder and mergers over random samples with tags, and the
 * events that landing needs. And the way to put them on a server.
 */
import { createHash } from "node:crypto";
import * as Effect from "effect/Effect";
import type { RunEvent } from "../../streams/events/run.ts";
import { subjects } from "../../streams/subjects.ts";
import { IntervalMerger } from "../../src/domain/interval/merger.ts";
import { encodeBody } from "../../src/domain/log/codec.ts";
import { link } from "../../src/domain/log/chain.ts";
import { builtin } from "../../src/domain/metric/builtin.ts";
import type { MetricDefinition } from "../../src/domain/metric/definition.ts";
import { canonicalJson } from "../../src/domain/summary/document.ts";
import type { Server } from "../../src/ports/server.ts";
import { outgoing, outgoingInterval } from "../../src/roles/outgoing.ts";
import { Recorder } from "../../src/engine/recorder.ts";
import { documentOf } from "../unit/summary/fixture.ts";
import { plan } from "../unit/run/fixture.ts";

export interface RecordedRun {
  readonly run: string;
  readonly events: readonly RunEvent[];
  /** Root's interval log. */
  readonly frames: readonly Uint8Array[];
}

export interface RecordOptions {
  readonly run: string;
  readonly windows: number;
  readonly seed?: number;
  readonly history?: boolean;
  /** Samples of each agent in each window. */
  readonly samples?: number;
  readonly zones?: number;
  /** Custom trends beside `http_req_duration`. */
  readonly trends?: number;
}

export const STATUSES = ["200", "302", "500"];
export const METHODS = ["GET", "POST"];
export const STARTED_AT = 1_790_000_000_123_456;

/** Numbers from 0 to 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const custom = (name: string, kind: "trend" | "gauge"): MetricDefinition => ({ name, kind, unit: "default" });

function agentFrames(name: string, options: RecordOptions, seed: number): Uint8Array[] {
  const random = randomFrom(seed);
  let window = 0;
  const recorder = new Recorder(
    name,
    { scenario: name.startsWith("a") ? "shop" : "browse" },
    {
      elapsedUs: () => window * 1_000_000 + 500,
    },
  );
  const trends = Array.from({ length: options.trends ?? 1 }, (_, n) => custom(`cart_${n}`, "trend"));
  const add = (metric: MetricDefinition, value: number, tags: Record<string, string>) =>
    recorder.add(recorder.series(metric, tags), value);
  const sample = () => {
    const status = STATUSES[Math.floor(random() * STATUSES.length)] ?? "200";
    const method = METHODS[Math.floor(random() * METHODS.length)] ?? "GET";
    const tags = { status, method };
    add(builtin("http_req_duration"), Math.round(1000 / (1.0001 - random())), tags);
    add(builtin("http_reqs"), 1, tags);
    add(builtin("http_req_failed"), status === "500" ? 1 : 0, tags);
    for (const trend of trends) add(trend, random() * 50 - 0.5, {});
    add(custom("level", "gauge"), random() * 10 - 5, {});
  };
  return Array.from({ length: options.windows }, (_, at) => {
    window = at;
    for (let n = 0; n < (options.samples ?? 4); n += 1) sample();
    return recorder.close(at, { final: at === options.windows - 1, health: [] });
  });
}

const MERGE = { windowMs: 1000, latenessMs: 500 };

export function recordRun(options: RecordOptions): RecordedRun {
  const seed = options.seed ?? 1;
  const names = Array.from({ length: options.zones ?? 2 }, (_, n) => `${String.fromCharCode(97 + n)}.1`);
  const merger = new IntervalMerger({ source: "root.0", ...MERGE, children: names });
  for (const [n, name] of names.entries()) {
    for (const frame of agentFrames(name, options, seed + n)) merger.offer(frame, 0);
  }
  const frames = merger.due(1e9).map((window) => merger.close(window));
  return { run: options.run, frames, events: eventsOf(options, frames.length) };
}

function eventsOf({ history, run }: RecordOptions, intervals: number): readonly RunEvent[] {
  const summary = { ...documentOf(), run };
  const sha256 = createHash("sha256").update(canonicalJson(summary)).digest("hex");
  return [
    {
      type: "RunPlanned",
      plan: { ...plan, windowMs: 1000, ...(history === undefined ? {} : { history }) },
      actor: "ada@desk",
    },
    { type: "RunStarted", startAt: STARTED_AT },
    { type: "SummaryRecorded", intervals, sha256, summary },
    { type: "VerdictGiven", revision: 0, outcome: "failed", exitCode: 99, message: "1 threshold failed" },
  ];
}

/** Puts a run's logs on a server, as an earlier root has left them. */
export const storeRun = (server: Server, { events, frames, run }: RecordedRun) =>
  Effect.gen(function* () {
    let hash = "";
    for (const [n, event] of events.entries()) {
      const header = {
        id: `${run}.${n}.1`,
        time: STARTED_AT + n,
        actor: "root-0",
        epoch: 1,
        correlation: run,
      };
      const plain = outgoing(header, event);
      const envelope = link(plain.envelope, encodeBody(event), hash);
      hash = envelope.hash ?? "";
      yield* server.log.append(subjects.runEvent(run, event.type), { ...plain, envelope });
    }
    for (const [n, frame] of frames.entries()) {
      const header = {
        id: `${run}/root.0/${n}/1`,
        time: STARTED_AT,
        actor: "root-0",
        epoch: 1,
        correlation: run,
      };
      yield* server.log.append(subjects.runInterval(run), outgoingInterval(header, frame));
    }
  });
