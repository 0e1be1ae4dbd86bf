/**
 * Open model: iterations start at their instants, whether or not earlier ones have ended. With no free VU an
 * iteration is dropped at once, never queued; then one VU more is initialised in the background (k6). What is overdue
 * after a standstill is judged by `pace/overdue.ts`.
 */
import { judgeSlot, noRound, type Round } from "../domain/pace/overdue.ts";
import type { ScenarioRun } from "./scenario-run.ts";
import type { Vu } from "./vu.ts";
import { VuShortage } from "./vu-shortage.ts";

/** Starts that are overdue are made in bursts of at most so many, then sockets get a turn. */
const BURST_MAX = 64;

interface Loop {
  readonly run: ScenarioRun;
  readonly free: Vu[];
  readonly running: Set<Promise<void>>;
  readonly round: Round;
  readonly shortage: VuShortage;
  growing: boolean;
  /** Starts and drops so far. */
  n: number;
}

/** Resolves when the last iteration has ended. */
export async function runOpen(run: ScenarioRun): Promise<void> {
  const loop: Loop = {
    run,
    free: run.vus.toReversed(),
    running: new Set(),
    round: noRound(),
    shortage: new VuShortage(run),
    growing: false,
    n: 0,
  };
  for (let burst = 0; !run.wake.isCut;) {
    const elapsedUs = run.elapsedUs();
    const waitUs = run.pace.next(elapsedUs, loop.n, 0);
    // The timer that ends the scenario may be as late as this loop is.
    if (waitUs === "stop" || elapsedUs >= run.latestUs) break;
    if (waitUs > 0) {
      await run.wake.until(() => elapsedUs + waitUs - run.elapsedUs());
      burst = 0;
    } else if (++burst > BURST_MAX) {
      await new Promise(setImmediate);
      burst = 0;
    } else {
      fire(loop, elapsedUs + waitUs, elapsedUs);
    }
  }
  await Promise.all(loop.running);
  loop.shortage.tell();
}

/** Starts or drops the iteration that was due at this time of the scenario. */
function fire(loop: Loop, dueUs: number, nowUs: number): void {
  const { free, round, run } = loop;
  const n = loop.n++;
  // What is dropped was as late as what starts: a stalled generator must not look better for its drops.
  run.settings.health.lag(run.elapsedUs() - dueUs);
  const fate = judgeSlot(round, dueUs, nowUs, free.length);
  if (fate === "late") return run.dropLate();
  if (fate === "drop") {
    run.drop(1);
    if (!round.isStandstill) grow(loop);
    return;
  }
  const vu = free.pop() as Vu;
  const running = run.iterate(vu, n, dueUs).finally(() => {
    free.push(vu);
    loop.running.delete(running);
    loop.shortage.tell();
  });
  loop.running.add(running);
}

function grow(loop: Loop): void {
  const { run } = loop;
  if (loop.growing || run.wake.isCut) return;
  if (run.vus.length >= run.pace.vusMax) return loop.shortage.seen();
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
