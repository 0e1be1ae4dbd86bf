/**
 * One simulation: a mesh, its runs and its faults, all from one seed, in virtual time. The same seed gives the same
 * trace, byte by byte. What came of it is judged elsewhere.
 */
import type { Evidence, Violation } from "./auditor/evidence.ts";
import { Coverage } from "./coverage.ts";
import { openDoors, writeNotes } from "./doors.ts";
import { Faults } from "./faults.ts";
import { EPOCH_US } from "./kernel/kernel.ts";
import { Mesh } from "./mesh.ts";
import type { Host } from "./net/host.ts";
import { planOf, type SeedPlan, SIMULATED_US } from "./swarm.ts";

export interface Simulated {
  readonly plan: SeedPlan;
  readonly trace: readonly string[];
  readonly evidence: Evidence;
  readonly coverage: Coverage;
  /** Roles that died of a defect. */
  readonly defects: readonly Violation[];
  /** The hub as it is at the end, to live the runs again. */
  readonly hub: Host;
}

/** Long after the last fault: whoever still waits then waits for ever. */
const GIVEN_UP_US = 120_000_000;
/** Late data that may still revise a report get this long. */
const LATE_US = 20_000_000;
/** Half of the longest trip that is not given up, each way from agent to zone and from zone to hub. */
const SHAKY_CLOCK_US = 12_000_000;
/** A mesh that says more than this talks without end: its runs have no verdict then. */
const PUBLISHED_MAX = 60_000;
const NODE_STARTS_WITHIN_US = 1_000_000;

export async function simulate(seed: number, changes: Partial<SeedPlan> = {}): Promise<Simulated> {
  const plan = { ...planOf(seed), ...changes };
  const coverage = new Coverage();
  const faults = new Faults(plan, coverage);
  const { calmFromUs, layout, rates } = plan;
  const mesh = new Mesh({ seed, layout, rates, calmFromUs, watcher: faults, coverage });
  faults.attend(mesh);
  for (const [index, node] of mesh.nodes.entries()) {
    const atUs = ((index * 7919 + seed * 104_729) % 1000) * (NODE_STARTS_WITHIN_US / 1000);
    mesh.kernel.at(atUs, () => mesh.start(node));
  }
  const asked = openDoors(mesh, plan.runs);
  const notes = writeNotes(mesh, plan.notes);
  const ends = new RunEnds(mesh);
  await mesh.kernel.run(Infinity, () => {
    const { nowUs } = mesh.kernel;
    if (mesh.published.length > PUBLISHED_MAX) return true;
    if (nowUs < SIMULATED_US) return false;
    if (nowUs > plan.calmFromUs + GIVEN_UP_US) return true;
    return asked.every(({ isOver }) => isOver) && ends.areOver(nowUs);
  });
  const { nowUs } = mesh.kernel;
  return {
    plan,
    coverage,
    trace: mesh.kernel.trace,
    evidence: {
      seen: mesh.target.seen,
      published: mesh.published,
      notes,
      calmFromUs,
      endedUs: nowUs,
      epochUs: EPOCH_US,
      clocksOffUs: clocksOffUs(plan),
      stopWithinUs: (atUs) => faults.stopWithinUs(atUs),
    },
    defects: mesh.defects,
    hub: mesh.hub,
  };
}

/** A slow or shaky link makes the measurement of a clock wrong, by up to half of what a trip may take. */
const clocksOffUs = ({ faults, rates }: SeedPlan): number => {
  const isSlow = faults.some(({ lastsUs }) => lastsUs > 0);
  return isSlow || Object.values(rates).some((rate) => rate > 0) ? SHAKY_CLOCK_US : 0;
};

/** Whether every run that was planned has its verdict, and had time for what comes late. */
class RunEnds {
  readonly #mesh: Mesh;
  #read = 0;
  readonly #open = new Set<string>();
  readonly #awaiting = new Set<string>();
  #verdictUs = 0;

  constructor(mesh: Mesh) {
    this.#mesh = mesh;
  }

  areOver(nowUs: number): boolean {
    const { published } = this.#mesh;
    for (; this.#read < published.length; this.#read += 1) {
      const { atUs, envelope, subject } = published[this.#read] as (typeof published)[number];
      if (!subject.startsWith("mesh.r.run.")) continue;
      const run = envelope.correlation;
      if (envelope.type === "RunPlanned") this.#open.add(run);
      if (envelope.type === "LateDataAwaited") this.#awaiting.add(run);
      if (envelope.type === "RunClosed") this.#awaiting.delete(run);
      if (envelope.type !== "VerdictGiven") continue;
      this.#open.delete(run);
      this.#verdictUs = atUs;
    }
    if (this.#open.size > 0) return false;
    return this.#awaiting.size === 0 || nowUs > this.#verdictUs + LATE_US;
  }
}
