/**
 * One real worker process with a real bundle, as an agent drives it, alone: no mesh around it. The worker is pinned to a
 * core; this process folds its frames elsewhere. Relies on taskset and /proc.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleScript } from "../../src/bundle/bundle.ts";
import { startWorker } from "../../src/engine/worker.ts";
import type { Ended, StageOutcome, WorkerProcess } from "../../src/ports/workers.ts";
import { planOf } from "../../test/unit/plan/request.ts";
import { Totals } from "./totals.ts";

export interface RigSettings {
  readonly script: string;
  /** As a script would export them; the plan is made of them by the product's own rules. */
  readonly options: unknown;
  readonly core: number;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Rig {
  readonly pid: number;
  readonly totals: Totals;
  /** Starts the load; the instant is on `process.hrtime.bigint()`'s clock. */
  readonly start: () => bigint;
  /** The end of the load. Rejects when the worker is lost. */
  readonly ended: Promise<Ended>;
  /** Runs the script's `teardown`; its value. */
  readonly teardown: () => Promise<unknown>;
  readonly stop: () => void;
  /** Resolves with the first line of its output that matches. */
  readonly line: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly kill: () => Promise<void>;
}

/** From `start` to the first instant of the run. */
const LEAD_NS = 100_000_000n;
const TEARDOWN_MS = 30_000;

export async function startRig(settings: RigSettings): Promise<Rig> {
  const worker = startWorker();
  try {
    execFileSync("taskset", ["-acp", String(settings.core), String(worker.pid)], { stdio: "ignore" });
    const totals = new Totals();
    worker.onFrame((frame) => totals.add(frame));
    worker.onWarning((message) => console.error(`worker: ${message}`));
    const lost = worker.lost.then((loss) => {
      throw new Error(`the worker was lost: ${loss.cause}\n${loss.lastLines.join("\n")}`);
    });
    lost.catch(() => undefined);
    await Promise.race([initialise(worker, settings), lost]);
    return {
      pid: worker.pid,
      totals,
      start: () => {
        const at = process.hrtime.bigint() + LEAD_NS;
        worker.start(at, undefined);
        return at;
      },
      ended: Promise.race([worker.ended, lost]),
      teardown: async () => valueOf(await worker.runStage("teardown", undefined, TEARDOWN_MS)),
      stop: () => worker.stop("now"),
      line: (pattern) =>
        new Promise((resolve) =>
          worker.onLog((text) => {
            const found = pattern.exec(text);
            if (found) resolve(found);
          }),
        ),
      kill: () => worker.kill(),
    };
  } catch (error) {
    await worker.kill();
    throw error;
  }
}

async function initialise(worker: WorkerProcess, { script, options, env = {} }: RigSettings): Promise<void> {
  const bundle = await bundleOf(script);
  const plan = planOf(options, { bundle: bundle.sha256 });
  const result = await worker.init({
    name: "bench-1.1/w0",
    bundle: bundle.bytes,
    sourceMap: bundle.sourceMap,
    plan,
    share: [],
    env,
    agent: "bench-1",
    zone: "bench",
    runId: "bench",
    seed: 1,
  });
  if (!result.ok) throw new Error(`${result.error.message}\n${result.error.stack}`);
}

async function bundleOf(script: string) {
  const folder = mkdtempSync(join(tmpdir(), "mesh-rig-"));
  try {
    writeFileSync(join(folder, "script.ts"), script);
    const bundle = await bundleScript(join(folder, "script.ts"));
    if (!("bytes" in bundle)) throw new Error(`${bundle.place}: ${bundle.message}`);
    return bundle;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function valueOf(outcome: StageOutcome): unknown {
  if (outcome.kind === "done") return outcome.value;
  throw new Error(`teardown: ${outcome.kind === "failed" ? outcome.error.message : outcome.kind}`);
}
