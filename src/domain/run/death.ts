/** How a worker died, in one sentence for a person: what it did, in which iteration, and what it wrote last. */
import type { WorkerDeath } from "../../../streams/schema/cause.ts";

export function deathText({ cause, iteration, lastLines }: WorkerDeath): string {
  const where =
    iteration === undefined
      ? ""
      : ` in iteration ${iteration.number} of scenario ${iteration.scenario} (VU ${iteration.vu})`;
  const last = lastLines.at(-1)?.trim() ?? "";
  // Of one that ran out of memory it is the end of the engine's own dump.
  const isDump = cause === "ran out of memory" || last === "";
  return `a worker ${cause}${where}${isDump ? "" : `; its last line: ${last}`}`;
}
