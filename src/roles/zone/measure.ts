/**
 * What an agent that is gone has done, as far as its stored intervals tell: a lower bound for the ledger, and the
 * first window of which nothing is known.
 */
import * as Effect from "effect/Effect";
import { subjects } from "../../../streams/subjects.ts";
import type { Measured } from "../../domain/agent/membership.ts";
import { splitFrames } from "../../domain/interval/batch.ts";
import { decodeHead } from "../../domain/interval/codec.ts";
import type { IntervalHead } from "../../domain/interval/frame.ts";
import { MalformedFrame } from "../../domain/metric/byte-reader.ts";
import { paceOf } from "../../domain/pace/pace-of.ts";
import { RunMetrics } from "../../domain/summary/run-metrics.ts";
import { isPartSettled, type Part, type ShareState, type ZoneState } from "../../domain/zone/state.ts";
import type { Asked, Server } from "../../ports/server.ts";
import { agentSource } from "./zone-intervals.ts";

type Measure = ReturnType<Measured>;

/** Reads what an agent left behind in every run in which it still owes something. */
export const measureAgent = (server: Server, state: ZoneState, agent: string): Asked<Measured> =>
  Effect.gen(function* () {
    const found = new Map<string, Measure>();
    for (const share of Object.values(state.shares)) {
      const part = share.parts.find((candidate) => candidate.agent === agent);
      if (part === undefined || share.forgotten || isPartSettled(share, part)) continue;
      found.set(share.run, yield* measurePart(server, state.zone, share, part));
    }
    return (run: string): Measure => found.get(run) ?? { tallies: {}, intervals: 0, lastWindow: -1 };
  });

const measurePart = Effect.fnUntraced(function* (
  server: Server,
  zone: string,
  share: ShareState,
  part: Part,
) {
  const source = agentSource(part.agent, part.incarnation);
  const stored = yield* server.log.read({ asset: "zoneIntervals", zone }, [
    subjects.agentInterval(zone, part.agent, share.run),
  ]);
  const metrics = new RunMetrics({ summaryTrendStats: [], selectors: [] });
  const numbers = new Set<number>();
  let lastWindow = -1;
  for (const frame of stored.flatMap(({ data }) => splitFrames(data))) {
    const head = count(metrics, source, frame);
    if (head === undefined) continue;
    numbers.add(head.number);
    lastWindow = Math.max(lastWindow, head.window);
  }
  return { tallies: talliesOf(share, part, metrics), intervals: numbers.size, lastWindow };
});

/** The head of a frame that is counted: it is of this source, and can be read. The merge puts others aside as well. */
function count(metrics: RunMetrics, source: string, frame: Uint8Array): IntervalHead | undefined {
  try {
    const head = decodeHead(frame);
    if (head.source !== source) return undefined;
    metrics.add(frame);
    return head;
  } catch (error) {
    if (error instanceof MalformedFrame) return undefined;
    throw error;
  }
}

function talliesOf(share: ShareState, part: Part, metrics: RunMetrics): Measure["tallies"] {
  const counts = metrics.scenarioCounts();
  const names = Object.entries(share.plan.scenarios);
  return Object.fromEntries(
    names.map(([name, scenario]) => {
      const counted = counts[name];
      const [started, completed, interrupted, dropped] = [
        whole(counted?.started),
        whole(counted?.completed),
        whole(counted?.interrupted),
        whole(counted?.dropped),
      ];
      const planned = share.startAt === undefined ? 0 : (paceOf(scenario, part.share).planned ?? started);
      return [name, { planned, started, completed, interrupted, dropped }];
    }),
  );
}

/** An agent may have written any number. */
const whole = (number = 0): number => Math.max(0, Math.min(Math.round(number), Number.MAX_SAFE_INTEGER));
