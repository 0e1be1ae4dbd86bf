/** How many VUs there are and run, as counters of changes and not as levels: sums of many workers merge, levels do not. */
import { builtin } from "../domain/metric/builtin.ts";
import type { Recorder } from "./recorder.ts";
import type { ScenarioRun } from "./scenario-run.ts";

export class VuCounts {
  /** As last told. */
  #vus = { active: 0, initialised: 0 };

  /** Counts what has changed since the last time. */
  sample(recorder: Recorder, scenarios: readonly ScenarioRun[]): void {
    const active = scenarios.reduce((sum, run) => sum + run.activeVus, 0);
    const most = scenarios.reduce((sum, run) => sum + run.vus.length, 0);
    const count = (name: string, change: number) => {
      if (change > 0) recorder.add(recorder.series(builtin(name), {}), change);
    };
    count("vus_added", active - this.#vus.active);
    count("vus_removed", this.#vus.active - active);
    count("vus_initialised", most - this.#vus.initialised);
    this.#vus = { active, initialised: most };
  }
}
