/**
 * What the engine's integration tests share: a real HTTP target that counts, plans, and a worker that runs a script
 * written to a temporary directory.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Plan, Scenario } from "../../../streams/schema/plan.ts";
import type { Share } from "../../../streams/schema/share.ts";
import type { Bundle } from "../../../src/bundle/artifact.ts";
import { bundleScript } from "../../../src/bundle/bundle.ts";
import { startWorker } from "../../../src/engine/worker.ts";
import type { Assignment, Ended, WorkerProcess } from "../../../src/ports/workers.ts";
import { decodeInterval } from "../../../src/domain/interval/codec.ts";
import type { IntervalFrame } from "../../../src/domain/interval/frame.ts";
import { seriesIdOf } from "../../../src/domain/metric/series.ts";

export interface Target {
  readonly url: string;
  /** Requests by `METHOD /path`. */
  readonly counts: Map<string, number>;
  readonly total: () => number;
  readonly server: Server;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A loopback HTTP server that counts requests; closed when the test ends. */
export async function startTarget(
  answer: Answer = (_request, response) => response.end("ok"),
): Promise<Target> {
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    const key = `${request.method} ${request.url}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const total = () => [...counts.values()].reduce((sum, count) => sum + count, 0);
  return { url: `http://127.0.0.1:${port}`, counts, total, server };
}

/** A directory with these files; removed when the test ends. */
export function writeFiles(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "mesh-engine-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return directory;
}

export async function bundleText(text: string): Promise<Bundle> {
  const directory = writeFiles({ "script.ts": text });
  const bundle = await bundleScript(join(directory, "script.ts"));
  if (!("bytes" in bundle)) throw new Error(`${bundle.place}: ${bundle.message}`);
  return bundle;
}

const common = { exec: "default", startTimeMs: 0, gracefulStopMs: 1_000, env: {}, tags: {} };

/** One iteration by one VU, unless said otherwise. */
export const shared = (vus: number, iterations: number, maxDurationMs = 20_000): Scenario => ({
  executor: "shared-iterations",
  ...common,
  vus,
  iterations,
  maxDurationMs,
});

export const looping = (vus: number, durationMs: number): Scenario => ({
  executor: "constant-vus",
  ...common,
  vus,
  durationMs,
});

export const arriving = (rate: number, durationMs: number, vus: number, maxVus = vus): Scenario => ({
  executor: "constant-arrival-rate",
  ...common,
  rate,
  timeUnitMs: 1_000,
  durationMs,
  preAllocatedVus: vus,
  maxVus,
});

export function planOf(scenarios: Readonly<Record<string, Scenario>>, over: Partial<Plan> = {}): Plan {
  return {
    script: "script.ts",
    bundle: "0".repeat(64),
    scenarios,
    thresholds: {},
    zones: [{ zone: "local", weight: 1 }],
    agents: 1,
    env: [],
    tags: {},
    hasSetup: false,
    hasTeardown: false,
    hasHandleSummary: false,
    setupTimeoutMs: 5_000,
    teardownTimeoutMs: 5_000,
    handleSummaryTimeoutMs: 5_000,
    summaryTrendStats: [],
    discardResponseBodies: false,
    noConnectionReuse: false,
    insecureSkipTlsVerify: false,
    userAgent: "mesh-test",
    requestTimeoutMs: 5_000,
    windowMs: 200,
    latenessMs: 200,
    onSilence: { do: "finish" },
    onAgentLoss: { do: "fail" },
    seed: 1,
    ...over,
  };
}

export interface Harness {
  readonly worker: WorkerProcess;
  readonly bundle: Bundle;
  readonly frames: IntervalFrame[];
  readonly warnings: string[];
  readonly logs: string[];
  readonly aborts: string[];
  readonly assignment: Assignment;
}

/** What an agent gives a worker that runs `text` for a minute, for a process of its own: the bundle is base64. */
export async function assignmentOf(text: string) {
  const { bytes } = await bundleText(text);
  return {
    name: "a.1/w0",
    bundle: Buffer.from(bytes).toString("base64"),
    plan: planOf({ a: looping(1, 60_000) }),
    files: [],
    share: [],
    env: {},
    agent: "a",
    zone: "z",
    runId: "r",
    seed: 1,
  };
}

/** A worker with a script, not yet initialised; killed when the test ends. */
export async function prepare(
  text: string,
  plan: Plan,
  over: { env?: Record<string, string>; share?: Share; heapMb?: number } = {},
): Promise<Harness> {
  const worker = startWorker(over.heapMb === undefined ? {} : { heapMb: over.heapMb });
  onTestFinished(() => worker.kill());
  const bundle = await bundleText(text);
  const harness: Harness = {
    worker,
    bundle,
    frames: [],
    warnings: [],
    logs: [],
    aborts: [],
    assignment: {
      name: "local-1.1/w0",
      bundle: bundle.bytes,
      sourceMap: bundle.sourceMap,
      plan,
      files: [],
      share: over.share ?? [],
      env: over.env ?? {},
      agent: "local-1",
      zone: "local",
      runId: "run",
      seed: plan.seed,
    },
  };
  worker.onFrame((bytes) => harness.frames.push(decodeInterval(bytes)));
  worker.onWarning((message) => harness.warnings.push(message));
  worker.onLog((line) => harness.logs.push(line));
  worker.onAbort((reason) => harness.aborts.push(reason));
  return harness;
}

export const soon = (): bigint => process.hrtime.bigint() + 50_000_000n;

/** Initialises, starts and waits for the end. @throws when the worker is lost or does not initialise */
export async function runToEnd(harness: Harness, setupData?: unknown): Promise<Ended> {
  const result = await harness.worker.init(harness.assignment);
  if (!result.ok) throw new Error(result.error.message);
  harness.worker.start(soon(), setupData);
  return orLost(harness, harness.worker.ended);
}

/** The promise's value, unless the worker is lost first. */
export async function orLost<T>({ worker }: Harness, promise: Promise<T>): Promise<T> {
  const lost = worker.lost.then((loss) => {
    throw new Error(`lost: ${loss.cause}\n${loss.lastLines.join("\n")}`);
  });
  return Promise.race([promise, lost]);
}

/** Total of a counter (or passes of a rate, count of a trend) over all frames, of series that carry these tags. */
export function totalOf(
  frames: readonly IntervalFrame[],
  metric: string,
  tags: Record<string, string> = {},
): number {
  const definitions = new Map(
    frames.flatMap((frame) => frame.definitions.map((each) => [seriesIdOf(each), each])),
  );
  let total = 0;
  for (const frame of frames) {
    for (const { id, cell } of frame.series) {
      const definition = definitions.get(id);
      if (definition?.metric !== metric) continue;
      if (!Object.entries(tags).every(([name, value]) => definition.tags[name] === value)) continue;
      total +=
        cell.kind === "counter"
          ? cell.value
          : cell.kind === "rate"
            ? cell.passes
            : cell.kind === "trend"
              ? cell.count
              : 0;
    }
  }
  return total;
}
