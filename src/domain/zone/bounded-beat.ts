/**
 * A zone's heartbeat as whoever is above takes it: numbers and texts in bounds, so that what it says of itself and of the
 * zones below it can be summed, kept and said again, and a tree of zones that is one. Pure.
 */
import type { Beat, CountedAgents, ZoneBelow } from "../../../streams/messages/live.ts";
import { cutTexts, NAME_MAX } from "../log/bounded.ts";
import { AGENTS_MAX } from "../plan/limits.ts";

/** Zones below one zone, as that one tells of them. */
export const BELOW_MAX = 1000;
/** Longer than this nobody is silent: a week. Sums of it are exact, however deep the tree. */
const SILENT_MAX_MS = 604_800_000;
/** Of one agent: weights of a division are sums of them. */
export const CORES_MAX = 100_000;
/** Runs that one zone names: each that nobody leads is looked for. */
const RUNS_MAX = 1000;

export function boundedBeat(beat: Beat): Beat {
  const { below, ...said } = cutTexts(beat, NAME_MAX);
  return {
    ...said,
    ...boundedSelf(said),
    ...(below === undefined ? {} : { below: treeOf(said.node, below) }),
  };
}

type Self = Pick<ZoneBelow, "agents" | "counted" | "runs">;

const boundedSelf = ({ agents, counted, runs }: Self): Self => ({
  runs: runs.slice(0, RUNS_MAX),
  agents: agents.slice(0, AGENTS_MAX).map((agent) => ({ ...agent, cores: Math.min(agent.cores, CORES_MAX) })),
  ...(counted === undefined ? {} : { counted: boundedCounts(counted) }),
});

const boundedCounts = (counted: readonly CountedAgents[]): readonly CountedAgents[] =>
  counted.slice(0, COUNTED_MAX).map(({ busy, cores, idle }) => ({
    cores: Math.min(cores, CORES_MAX),
    idle: Math.min(idle, AGENTS_MAX),
    busy: Math.min(busy, AGENTS_MAX),
  }));

/** Sizes of machines that a zone counts by. */
const COUNTED_MAX = 1000;

/** Each zone is below the one that tells or below one before it, and stands there once: whatever else is said is left out. */
function treeOf(node: string, below: readonly ZoneBelow[]): readonly ZoneBelow[] {
  const known = new Set([node]);
  const tree: ZoneBelow[] = [];
  for (const zone of below) {
    if (tree.length === BELOW_MAX) break;
    if (known.has(zone.zone) || !known.has(zone.parent)) continue;
    known.add(zone.zone);
    tree.push({ ...zone, ...boundedSelf(zone), silentMs: Math.min(zone.silentMs, SILENT_MAX_MS) });
  }
  return tree;
}
