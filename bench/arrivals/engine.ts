/**
 * Our engine's arrivals at one rate, and its account of a target whose delays are known. The script notes the instant of
 * its own first line, so that the engine's lateness and the way to the target can be told apart.
 */
import { startRig } from "../engine/rig.ts";
import { GENERATOR_CORE } from "../versus/peer.ts";
import { type ClockTarget } from "./clock-target.ts";
import { percentile, type Punctuality, punctuality } from "./arrivals.ts";

const ARRIVALS = `import { exec, http } from "loadmesh";
const clock = () => Number(process.hrtime.bigint() / 1000n);
const starts = (globalThis.__starts ??= new Float64Array(Number(__ENV.SLOTS)));
export default async () => {
  const slot = exec.scenario.iterationInTest;
  starts[slot] = clock();
  await http.get(__ENV.URL + "/a/" + slot, { tags: { name: "slot" } });
};
export const teardown = () => [...starts];`;

export interface EngineArrivals {
  /** The script's first line against the slot's instant. */
  readonly atScript: Punctuality;
  /** The same without the first second, in which code is compiled and connections are made. */
  readonly warm: Punctuality;
  readonly atTarget: Punctuality;
  readonly instantsUs: readonly number[];
  readonly planned: number;
  readonly dropped: number;
  /** The worst of the windows, as the worker itself says. */
  readonly ownLagUsMax: number;
}

export async function engineArrivals(
  target: ClockTarget,
  rate: number,
  seconds: number,
  vus: number,
): Promise<EngineArrivals> {
  const load = { executor: "constant-arrival-rate", rate, duration: `${seconds}s`, preAllocatedVUs: vus };
  const planned = rate * seconds;
  const rig = await startRig({
    script: ARRIVALS,
    options: { scenarios: { arrivals: load } },
    core: GENERATOR_CORE,
    env: { URL: target.url, SLOTS: String(planned) },
  });
  try {
    await target.take();
    const startUs = Number(rig.start() / 1000n);
    await rig.ended;
    const starts = (await rig.teardown()) as readonly number[];
    const { numbers, instantsUs } = await target.take();
    const dueUs = (slot: number): number => startUs + Math.floor((slot * 1e6) / rate);
    const lags = starts.map((at, slot) => (at === 0 ? undefined : at - dueUs(slot)));
    const started = (some: readonly (number | undefined)[]) =>
      punctuality(some.filter((lag) => lag !== undefined));
    return {
      atScript: started(lags),
      warm: started(lags.slice(rate)),
      atTarget: punctuality(instantsUs.map((at, n) => at - dueUs(numbers[n] ?? 0))),
      instantsUs,
      planned,
      dropped: rig.totals.count("dropped_iterations"),
      ownLagUsMax: Math.max(...rig.totals.health.map(({ lagUsMax }) => lagUsMax)),
    };
  } finally {
    await rig.kill();
  }
}

const DELAYS_MS = [5, 50, 500];
const TRUTH = `import { exec, http } from "loadmesh";
const delays = ${JSON.stringify(DELAYS_MS)};
export default async () => {
  const delay = delays[exec.scenario.iterationInTest % delays.length];
  await http.get(__ENV.URL + "/d/" + delay, { tags: { name: String(delay) } });
};`;

export interface Truth {
  readonly delayMs: number;
  readonly percent: number;
  /** What the target took, by its own clock. */
  readonly trueMs: number;
  /** What the report says. */
  readonly reportedMs: number;
}

export async function latencyTruth(target: ClockTarget, seconds: number): Promise<readonly Truth[]> {
  const load = {
    executor: "constant-arrival-rate",
    rate: 300,
    duration: `${seconds}s`,
    preAllocatedVUs: 200,
  };
  const rig = await startRig({
    script: TRUTH,
    options: { scenarios: { truth: load } },
    core: GENERATOR_CORE,
    env: { URL: target.url },
  });
  try {
    await target.take();
    rig.start();
    await rig.ended;
    const { delaysUs } = await target.take();
    return DELAYS_MS.flatMap((delayMs) =>
      [50, 99].map((percent) => ({
        delayMs,
        percent,
        trueMs: percentile(delaysUs[delayMs] ?? [], percent) / 1000,
        reportedMs: rig.totals.percentileMs("http_req_duration", percent, { name: String(delayMs) }),
      })),
    );
  } finally {
    await rig.kill();
  }
}
