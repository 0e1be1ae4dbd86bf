/**
 * Closed model: each VU starts its next iteration when its last has ended (constant-vus, shared-iterations,
 * per-vu-iterations, ramping-vus). What may start, and which VUs are wanted when, is the pace's decision.
 */
import type { Ramp } from "../domain/pace/pace.ts";
import { cutUsOf } from "../domain/pace/vu-line.ts";
import type { ScenarioRun } from "./scenario-run.ts";
import type { Vu } from "./vu.ts";
import { Wake } from "./wake.ts";

/** Resolves when every VU has ended its last iteration. */
export async function runClosed(run: ScenarioRun): Promise<void> {
  const { ramp } = run.pace;
  if (ramp !== undefined) run.rests(run.vus.length);
  await Promise.all(
    run.vus.map((vu, local) =>
      ramp === undefined ? loop(run, vu, Number.POSITIVE_INFINITY) : rampLoop(run, ramp, vu, local),
    ),
  );
}

/** Iterations of one VU until the pace says stop, or until that time. */
async function loop(run: ScenarioRun, vu: Vu, untilUs: number): Promise<void> {
  const { pace, settings, wake } = run;
  for (let byVu = 0; !wake.isCut;) {
    const elapsedUs = run.elapsedUs();
    if (elapsedUs >= untilUs) return;
    const waitUs = pace.next(elapsedUs, run.started, byVu);
    if (waitUs === "stop") return;
    if (waitUs > 0) {
      await wake.until(() => elapsedUs + waitUs - run.elapsedUs());
      continue;
    }
    byVu++;
    await run.iterate(vu, run.started, undefined);
    // A script that never waits would otherwise keep timers and sockets out for ever.
    if (settings.turn.isLong) await settings.turn.next();
  }
}

/**
 * A VU that comes and goes. When it is not wanted any more it may end its iteration within the grace of the ramp; if it
 * is wanted again before that, it simply goes on.
 */
async function rampLoop(run: ScenarioRun, ramp: Ramp, vu: Vu, local: number): Promise<void> {
  const { wake } = run;
  for (;;) {
    const shift = ramp.shiftOf(local, run.elapsedUs());
    if (shift === undefined) return;
    await wake.until(() => shift.fromUs - run.elapsedUs(), false);
    if (wake.isCut) return;
    run.rests(-1);
    const left = new Wake();
    const cutUs = cutUsOf(shift, ramp.gracefulUs, (elapsedUs) => ramp.shiftOf(local, elapsedUs));
    if (cutUs < Number.POSITIVE_INFINITY) void cutAt(run, vu, cutUs, left);
    await loop(run, vu, shift.untilUs);
    left.cut();
    run.rests(1);
  }
}

/** Cuts what the VU is at, at that time, unless it has left by itself. */
async function cutAt(run: ScenarioRun, vu: Vu, atUs: number, left: Wake): Promise<void> {
  await left.until(() => atUs - run.elapsedUs(), false);
  if (!left.isCut) vu.interrupt();
}
