/**
 * Closed model: each VU starts its next iteration when its last has ended (constant-vus, shared-iterations,
 * per-vu-iterations). What may start is the pace's decision.
 */
import type { ScenarioRun } from "./scenario-run.ts";
import type { Vu } from "./vu.ts";

/** Resolves when every VU has ended its last iteration. */
export async function runClosed(run: ScenarioRun): Promise<void> {
  await Promise.all(run.vus.map((vu) => loop(run, vu)));
}

async function loop(run: ScenarioRun, vu: Vu): Promise<void> {
  const { pace, settings, wake } = run;
  for (let byVu = 0; !wake.isCut;) {
    const elapsedUs = run.elapsedUs();
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
