/** The lanes of one VU: idle ones by origin, and those at work. A VU's connections are its own, as in k6. */
import type { Lane, OpenLane } from "./lane.ts";
import type { Target } from "./targets.ts";

/** Origins to which a VU keeps idle connections; beyond, those of the one that came first are closed. */
const ORIGINS_MAX = 64;

export class LanePool {
  readonly #open: OpenLane;
  readonly #idle = new Map<string, Lane[]>();
  readonly #busy = new Set<Lane>();

  constructor(open: OpenLane) {
    this.#open = open;
  }

  /** A lane that nobody uses, the last used first. */
  take(target: Target): Lane {
    const lanes = this.#idle.get(target.origin);
    let lane = lanes?.pop();
    while (lane !== undefined && !lane.usable) lane = lanes?.pop();
    lane ??= this.#open(target);
    this.#busy.add(lane);
    return lane;
  }

  /** Takes a lane back after its exchange; one that failed is closed. */
  give(target: Target, lane: Lane, error: Error | undefined): void {
    this.#busy.delete(lane);
    if (error) lane.destroy(error);
    if (!lane.usable) return;
    const lanes = this.#idle.get(target.origin);
    if (lanes) {
      lanes.push(lane);
      return;
    }
    if (this.#idle.size >= ORIGINS_MAX) this.#forgetFirst();
    this.#idle.set(target.origin, [lane]);
  }

  #forgetFirst(): void {
    const [first] = this.#idle;
    if (first === undefined) return;
    this.#idle.delete(first[0]);
    for (const lane of first[1]) lane.destroy(new Error("the connection was idle for long"));
  }

  /** Closes every lane; exchanges under way end with this reason. */
  close(reason: Error): void {
    const busy = [...this.#busy];
    this.#busy.clear();
    for (const lane of busy) lane.destroy(reason);
    this.closeIdle(reason);
  }

  /** Closes the lanes that nobody uses. */
  closeIdle(reason: Error): void {
    const lanes = [...this.#idle.values()].flat();
    this.#idle.clear();
    for (const lane of lanes) lane.destroy(reason);
  }
}
