/**
 * Open model: iterations start at their instants, whether or not earlier ones have ended. With no free VU an
 * iteration is dropped at once, never queued; then one VU more is initialised in the background (k6).
 */
import { paceOf } from "../domain/pace/pace-of.ts";
import type { ScenarioRun } from "./scenario-run.ts";
import type { Vu } from "./vu.ts";

/** Starts that are overdue are made in bursts of at most so many, then sockets get a turn. */
const BURST_MAX = 64;

interface Loop {
  readonly run: ScenarioRun;
  readonly free: Vu[];
  readonly running: Set<Promise<void>>;
  growing: boolean;
  warned: boolean;
  /** Starts and drops so far. */
  n: number;
}

/** Resolves when the last iteration has ended. */
export async function runOpen(run: ScenarioRun): Promise<void> {
  const loop: Loop = {
    run,
    free: run.vus.toReversed(),
    running: new Set(),
    growing: false,
    warned: false,
    n: 0,
  };
  for (let burst = 0; !run.wake.isCut;) {
    const elapsedUs = run.elapsedUs();
    const waitUs = run.pace.next(elapsedUs, loop.n, 0);
    if (waitUs === "stop") break;
    if (waitUs > 0) {
      await run.wake.until(() => elapsedUs + waitUs - run.elapsedUs());
      burst = 0;
    } else if (++burst > BURST_MAX) {
      await new Promise(setImmediate);
      burst = 0;
    } else {
      fire(loop, elapsedUs + waitUs);
    }
  }
  await Promise.all(loop.running);
}

/** Starts or drops the iteration that was due at this time of the scenario. */
function fire(loop: Loop, dueUs: number): void {
  const { run, free } = loop;
  const n = loop.n++;
  const vu = free.pop();
  if (!vu) {
    run.drop(1);
    grow(loop);
    return;
  }
  run.settings.health.lag(run.elapsedUs() - dueUs);
  const running = run.iterate(vu, n, dueUs).finally(() => {
    free.push(vu);
    loop.running.delete(running);
  });
  loop.running.add(running);
}

function grow(loop: Loop): void {
  const { run } = loop;
  if (loop.growing || run.wake.isCut) return;
  if (run.vus.length >= run.pace.vusMax) {
    warnOnce(loop);
    return;
  }
  loop.growing = true;
  setImmediate(() => {
    loop.growing = false;
    if (run.wake.isCut) return;
    try {
      loop.free.push(run.addVu());
    } catch (error) {
      run.settings.workshop.log.failed("a VU could not be initialised", error);
    }
  });
}

function warnOnce(loop: Loop): void {
  if (loop.warned) return;
  loop.warned = true;
  const { run } = loop;
  const { name, scenario, workshop } = run.settings;
  const most = paceOf(scenario, []).vusMax;
  workshop.settings.warn(
    `Insufficient VUs: scenario "${name}" has reached maxVUs (${most}) and drops iterations. ` +
      "Raise preAllocatedVUs and maxVUs, or lower the rate.",
  );
}
