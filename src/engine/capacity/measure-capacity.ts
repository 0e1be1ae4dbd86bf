/**
 * Measures what one core of this machine carries as an agent, over loopback: iterations of a closed loop, arrivals of the
 * open model that start in time, and memory per VU. Each by one worker process against a target in another process, each
 * bounded in time. It asks no mesh.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism, cpus, totalmem } from "node:os";
import type { Capacity } from "../../domain/forecast/capacity.ts";
import { entryFile } from "../../entry-file.ts";
import { runTrial, type Trial } from "./trial.ts";

/** One rate of the open model that was tried. */
export interface Step {
  readonly perSecond: number;
  /** Share of the due iterations that started within 1 ms. */
  readonly inTime: number;
}

export interface Measured {
  readonly capacity: Capacity;
  readonly steps: readonly Step[];
}

/** Enough to keep the worker busy, few enough for it to see each often. */
const LOOP_VUS = 20;
/** Rates of the open model, as shares of what the closed loop reached. */
const STEPS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8];
const ARRIVAL_VUS = 100;
const IN_TIME_MIN = 0.999;
const SLEEPING_VUS = 1000;
/** Long enough for every VU to have made a few requests. */
const SLEEPING_S = 3;
const TARGET_START_MS = 5000;

/**
 * `seconds`: how long each figure is measured; the whole takes three to four times as long, and at least 13 s. */
export async function measureCapacity(seconds: number, tell: (line: string) => void): Promise<Measured> {
  const target = await startTarget();
  try {
    tell("iterations of a closed loop, on one core …");
    const loop = await measureLoop(target.url, seconds);
    tell(`${Math.round(loop.perSecond)}/s; now arrivals of the open model that start in time …`);
    const steps = await measureArrivals(target.url, seconds, loop.perSecond);
    const inTime = steps.filter((step) => step.inTime >= IN_TIME_MIN);
    const openPerSecond = inTime.at(-1)?.perSecond ?? null;
    tell(
      `${openPerSecond === null ? "none" : `${openPerSecond}/s`}; now the memory of ${SLEEPING_VUS} VUs …`,
    );
    const vuBytes = await measureMemory(target.url);
    const perCore = { closedPerSecond: Math.round(loop.perSecond), openPerSecond };
    const memory = { workerBytes: loop.rssBytes, vuBytes };
    const capacity = { measuredAt: new Date().toISOString(), machine: machine(), perCore, memory };
    return { capacity, steps };
  } finally {
    await target.stop();
  }
}

/** The first second of a worker is not like the others: its code is still being compiled. */
async function measureLoop(url: string, seconds: number) {
  const load = { executor: "constant-vus", vus: LOOP_VUS, duration: (1 + seconds) * 1000 };
  const trial = await runTrial(scenario({ ...load, exec: "loop" }), 1 + seconds, url);
  const perWindow = Array.from({ length: seconds }, (_, n) => sum(trial, "iterations", "load", n + 1).count);
  return { perSecond: median(perWindow), rssBytes: Math.max(...trial.rssBytes.filter(Number.isFinite)) };
}

/** One worker, one rate after the other; the first is for its code to be compiled, and is not looked at. */
async function measureArrivals(
  url: string,
  seconds: number,
  loopPerSecond: number,
): Promise<readonly Step[]> {
  const stepMs = Math.max(1000, Math.round((1000 * seconds) / 4));
  const perSecond = [0.3, ...STEPS].map((share) => Math.max(1, Math.round(loopPerSecond * share)));
  const names = perSecond.map((_, n) => `step${n}`);
  const load = { executor: "constant-arrival-rate", preAllocatedVUs: ARRIVAL_VUS, duration: stepMs };
  const common = { ...load, gracefulStop: 0, exec: "arrive" };
  const scenarios = Object.fromEntries(
    names.map((name, n) => [name, { ...common, rate: perSecond[n], startTime: n * stepMs }]),
  );
  const rates = Object.fromEntries(names.map((name, n) => [name, perSecond[n]]));
  const starts = Object.fromEntries(names.map((name, n) => [name, n * stepMs * 1000]));
  const wholeS = (names.length * stepMs) / 1000;
  const trial = await runTrial(scenarios, wholeS, url, { rates, starts });
  return names.slice(1).map((name, n) => {
    const rate = perSecond[n + 1] ?? 0;
    const due = Math.ceil((rate * stepMs) / 1000);
    return { perSecond: rate, inTime: sum(trial, "in_time", name).passes / due };
  });
}

/** What a thousand VUs that sleep between requests take more than one does. */
async function measureMemory(url: string): Promise<number> {
  const load = { executor: "constant-vus", duration: SLEEPING_S * 1000, gracefulStop: 0, exec: "wait" };
  const trials = [1, SLEEPING_VUS].map((vus) => runTrial(scenario({ ...load, vus }), SLEEPING_S, url));
  const [one = 0, many = 0] = (await Promise.all(trials)).map(({ rssBytes }) => rssBytes.at(-1) ?? 0);
  return Math.max(1, Math.round((many - one) / (SLEEPING_VUS - 1)));
}

const scenario = (load: object): object => ({ load });

function sum({ counts }: Trial, metric: string, scenario: string, window?: number) {
  const fits = counts.filter(
    (each) =>
      each.metric === metric &&
      each.scenario === scenario &&
      (window === undefined || each.window === window),
  );
  return {
    count: fits.reduce((total, { count }) => total + count, 0),
    passes: fits.reduce((total, { passes }) => total + passes, 0),
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}

function machine(): Capacity["machine"] {
  return {
    cpu: (cpus()[0]?.model ?? process.arch).trim(),
    cores: availableParallelism(),
    memoryBytes: Math.min(process.constrainedMemory() || Infinity, totalmem()),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  };
}

async function startTarget(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const main = entryFile("./target-main", import.meta.url);
  const child: ChildProcess = fork(main, [], { execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const gone = once(child, "exit");
  const [url] = (await once(child, "message", { signal: AbortSignal.timeout(TARGET_START_MS) })) as [string];
  return {
    url,
    stop: async () => {
      child.disconnect();
      await gone;
    },
  };
}
