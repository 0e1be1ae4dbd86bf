/**
 * Says once that a scenario's VUs cannot hold its rate, with the number that would: as soon as it is known how long
 * iterations take, which is when one has ended.
 */
import { peakOf } from "../domain/forecast/peak.ts";
import { paceOf } from "../domain/pace/pace-of.ts";
import type { ScenarioRun } from "./scenario-run.ts";

export class VuShortage {
  readonly #run: ScenarioRun;
  #isShort = false;
  #isTold = false;

  constructor(run: ScenarioRun) {
    this.#run = run;
  }

  /** An iteration was dropped although there are as many VUs as there may be. */
  seen(): void {
    this.#isShort = true;
    if (this.#run.completed > 0) this.tell();
  }

  /** Tells it now, if there was any and nobody was told. */
  tell(): void {
    if (!this.#isShort || this.#isTold) return;
    this.#isTold = true;
    const { name, scenario, workshop } = this.#run.settings;
    const { vusMax } = paceOf(scenario, []);
    workshop.settings.warn(
      `Insufficient VUs: scenario "${name}" has reached maxVUs (${vusMax}) and drops iterations. ` +
        `${advice(peakOf([scenario]), this.#run)}Raise preAllocatedVUs and maxVUs, or lower the rate.`,
    );
  }
}

/** rate × duration is how many iterations are under way at once. */
function advice(perSecond: number, { busyUs, completed }: ScenarioRun): string {
  if (completed === 0) return "No iteration has ended yet. ";
  const meanUs = busyUs / completed;
  const needed = Math.max(1, Math.ceil((perSecond * meanUs) / 1e6));
  const rate = Number(perSecond.toPrecision(3));
  return (
    `${rate} iterations/s at the highest × ${Number((meanUs / 1e6).toPrecision(2))} s each on average ` +
    `(so far) needs about ${needed} VUs. `
  );
}
