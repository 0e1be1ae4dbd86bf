/**
 * A zone's heartbeat as it fits into a message of any server: where there are too many agents to tell of each, they are
 * counted, first those of the zones below; where there are too many zones, only the first are told. Pure.
 */
import type { Beat, CountedAgents, ZoneBelow } from "../../../streams/messages/live.ts";
import { encodeBody } from "../log/codec.ts";

/** Half of what a server takes that was not told otherwise. */
const BEAT_BYTES_MAX = 524_288;

export function fittingBeat(beat: Beat): Beat {
  if (fits(beat)) return beat;
  const { below, ...own } = beat;
  const countedBelow = below === undefined ? own : { ...own, below: below.map(counted) };
  if (fits(countedBelow)) return countedBelow;
  return withFewerBelow(counted(countedBelow));
}

const fits = (beat: Beat): boolean => encodeBody(beat).length <= BEAT_BYTES_MAX;

/** Each zone is told before those below it, so the first ones are a tree. */
function withFewerBelow(beat: Beat): Beat {
  const { below = [] } = beat;
  let shown = beat;
  for (let left = below.length; !fits(shown) && left > 0;) {
    left = Math.floor(left / 2);
    shown = { ...beat, below: below.slice(0, left) };
  }
  return shown;
}

type Agents = Pick<ZoneBelow, "agents" | "counted">;

function counted<T extends Agents>(zone: T): T {
  const counts = new Map<number, CountedAgents>();
  const add = (cores: number, idle: number, busy: number) => {
    const known = counts.get(cores) ?? { cores, idle: 0, busy: 0 };
    counts.set(cores, { cores, idle: known.idle + idle, busy: known.busy + busy });
  };
  for (const { busy, cores, idle } of zone.counted ?? []) add(cores, idle, busy);
  for (const { busy = false, cores } of zone.agents) add(cores, busy ? 0 : 1, busy ? 1 : 0);
  const sorted = [...counts.values()].toSorted((a, b) => a.cores - b.cores);
  return { ...zone, agents: [], ...(sorted.length === 0 ? {} : { counted: sorted }) };
}
