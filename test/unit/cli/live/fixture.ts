/**
 * A run as a live view sees it, without a mesh: the events up to its start in three zones, and root's intervals of a shop that
 * is busy in waves, made by the real recorder. The same for the same options, byte for byte.
 */
import type { RunEvent } from "../../../../streams/events/run.ts";
import type { Plan } from "../../../../streams/schema/plan.ts";
import { type FrameHead, readFrameHead } from "../../../../src/domain/interval/head.ts";
import type { HealthSample } from "../../../../src/domain/interval/health.ts";
import { builtin } from "../../../../src/domain/metric/builtin.ts";
import { ByteReader } from "../../../../src/domain/metric/byte-reader.ts";
import { evolve } from "../../../../src/domain/run/evolve.ts";
import { newRun } from "../../../../src/domain/run/state.ts";
import { metricsFor } from "../../../../src/domain/summary/summarise.ts";
import { Recorder } from "../../../../src/engine/recorder.ts";
import type { View } from "../../../../src/roles/door/follow-run.ts";
import { finishOf, lossOf, origin } from "../../run/fixture.ts";
import { planOf } from "../../plan/request.ts";

const ZONES = ["fra", "iad", "syd"];
const ENDPOINTS = ["login", "products", "product", "basket", "orders", "logout"];

export const livePlan = (
  thresholds: Readonly<Record<string, readonly string[]>>,
  windowMs: number,
): Plan => ({
  ...planOf(
    {
      scenarios: {
        ordering: {
          executor: "constant-arrival-rate",
          rate: 200,
          duration: "30s",
          preAllocatedVUs: 20,
          maxVUs: 40,
        },
      },
      thresholds,
    },
    { script: "shop.ts", zones: ZONES.map((zone) => ({ zone, weight: 1 })), agents: 4 },
  ),
  windowMs,
});

const memberOf = (zone: string, n: number) => ({
  agent: `${zone}${n}`,
  incarnation: 0,
  workers: 2,
  host: "h",
});
const needs = (zone: string): number => (zone === "fra" ? 2 : 1);

/** The events of its life, as far as a test wants it to have come. */
export const life = {
  planned: (plan: Plan): RunEvent => ({ type: "RunPlanned", plan, actor: "ana@laptop" }),
  assigned: {
    type: "RunAssigned",
    shares: ZONES.map((zone, index) => ({
      zone,
      share: [{ weights: [1, 1, 1], index }],
      agents: needs(zone),
    })),
  } satisfies RunEvent,
  zoneReady: (zone: string): RunEvent => ({
    type: "ZoneReady",
    zone,
    incarnation: 1,
    members: Array.from({ length: needs(zone) }, (_, n) => memberOf(zone, n + 1)),
    origin: origin(1),
  }),
  ready: { type: "RunReady" } satisfies RunEvent,
  started: { type: "RunStarted", startAt: 1_795_305_600_000_000 } satisfies RunEvent,
  agentLost: { type: "AgentLost", zone: "fra", loss: lossOf("fra2"), origin: origin(2) } satisfies RunEvent,
  zoneFinished: (zone: string): RunEvent => ({
    type: "ZoneFinished",
    zone,
    incarnation: 1,
    agents: [finishOf(`${zone}1`)],
    intervals: 11,
    origin: origin(3),
  }),
};

export const upToStart = (plan: Plan): readonly RunEvent[] => [
  life.planned(plan),
  life.assigned,
  ...ZONES.map(life.zoneReady),
  life.ready,
  life.started,
];

/** What a door has folded after these events; intervals are added by `addFrames`. */
export function viewOf(events: readonly RunEvent[]): View {
  const state = events.reduce(evolve, newRun);
  return { state, metrics: state.plan === undefined ? undefined : metricsFor(state), lastAt: 0 };
}

/** Numbers from 0 to 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const healthOf = (agent: string, random: () => number): HealthSample => ({
  agent,
  lagUsMax: Math.round(random() * 900),
  lagUsP99: Math.round(random() * 300),
  loopDelayUsMax: Math.round(2000 + random() * 3000),
  gcUs: 500,
  cpuPermille: Math.round(300 + random() * 120),
  rssKb: 180_000,
  clockOffsetUs: 0,
  drops: 0,
});

export interface FrameOptions {
  readonly windows: number;
  readonly windowMs: number;
  /** Of the requests. */
  readonly failing?: number;
  /** Of the arrivals, in the second half. */
  readonly dropping?: number;
  /** Of all arrivals: neither started nor dropped. */
  readonly missing?: number;
}

/** Root's intervals: 200 arrivals per second, a request each, latencies that rise and fall, and 30 series. */
export function framesOf({
  dropping = 0,
  failing = 0,
  missing = 0,
  windowMs,
  windows,
}: FrameOptions): readonly Uint8Array[] {
  const random = randomFrom(7);
  const recorder = new Recorder("root.0", { scenario: "ordering" });
  const series = (name: string, tags: Record<string, string> = {}) => recorder.series(builtin(name), tags);
  const counters = ["iterations_started", "iterations", "dropped_iterations", "vus_added", "vus_initialised"];
  const [started, ended, dropped, added, initialised] = counters.map((name) => series(name)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const names = ["http_reqs", "http_req_failed", "http_req_duration", "http_req_waiting"] as const;
  const endpoints = ENDPOINTS.map((name) => names.map((metric) => series(metric, { name })));
  const request = (endpoint: readonly number[], us: number) => {
    const [requests, failed, duration, waiting] = endpoint as [number, number, number, number];
    recorder.add(requests, 1);
    recorder.add(failed, random() < failing ? 1 : 0);
    recorder.add(duration, us);
    recorder.add(waiting, us - 100);
  };
  return Array.from({ length: windows }, (_, window) => {
    const due = ((200 * windowMs) / 1000) * (1 - missing);
    const lost = window * 2 >= windows ? Math.round(due * dropping) : 0;
    if (window === 0) for (const handle of [added, initialised]) recorder.add(handle, 20);
    recorder.add(dropped, lost);
    const wave = 1 + 0.8 * Math.sin((window * windowMs) / 4000);
    for (let n = 0; n < due - lost; n += 1) {
      for (const handle of [started, ended]) recorder.add(handle, 1);
      const endpoint = endpoints[n % endpoints.length] as readonly number[];
      request(endpoint, Math.round((3000 * wave) / (1.01 - random())));
    }
    return recorder.close(window, {
      final: false,
      health: ZONES.map((zone) => healthOf(`${zone}1`, random)),
    });
  });
}

/** Folds an interval as `followRun` does; its head. */
export function addFrame({ metrics }: View, frame: Uint8Array): FrameHead {
  metrics?.add(frame);
  return readFrameHead(new ByteReader(frame));
}
