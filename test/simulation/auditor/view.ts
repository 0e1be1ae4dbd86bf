/** The evidence sorted: logs by run and zone, frames by source, requests by agent. Decides nothing. */
import type { Evidence, Published, Seen } from "./evidence.ts";
import type { EventBody, FinishBody, PlanBody } from "./events.ts";
import { decodeFrames, type Definition, type Frame } from "./frame.ts";

export interface LogEvent {
  readonly type: string;
  readonly body: EventBody;
  readonly published: Published;
}

/** A frame, and the message that carried it. */
export interface Carried {
  readonly frame: Frame;
  readonly published: Published;
}

export interface ZoneView {
  readonly zone: string;
  readonly events: readonly LogEvent[];
}

export interface RunView {
  readonly run: string;
  readonly events: readonly LogEvent[];
  readonly plan: PlanBody | undefined;
  /** Root's interval log. */
  readonly intervals: readonly Carried[];
  /** Interval logs of the zones, by zone; copies of one interval included. */
  readonly zoneIntervals: ReadonlyMap<string, readonly Carried[]>;
  /** Interval logs of the agents, by `zone/agent`. */
  readonly agentIntervals: ReadonlyMap<string, readonly Carried[]>;
  readonly definitions: ReadonlyMap<string, Definition>;
  readonly seen: readonly Seen[];
}

export interface View {
  readonly evidence: Evidence;
  readonly runs: readonly RunView[];
  readonly zones: readonly ZoneView[];
}

export function viewOf(evidence: Evidence): View {
  const logs = new Map<string, Published[]>();
  for (const published of evidence.published) {
    const log = logOf(published.subject);
    if (log === undefined) continue;
    logs.set(log, [...(logs.get(log) ?? []), published]);
  }
  const named = (prefix: string) =>
    [...logs].flatMap(([log, all]) =>
      log.startsWith(prefix) ? [[log.slice(prefix.length), all] as const] : [],
    );
  const runs = named("run ").map(([run, all]) => runView(run, all.map(eventOf), logs, evidence));
  const zones = named("zone ").map(([zone, all]) => ({ zone, events: all.map(eventOf) }));
  return { evidence, runs, zones };
}

/** To which log a subject belongs; copies on their way up belong to none. */
function logOf(subject: string): string | undefined {
  const tokens = subject.split(".");
  const [, side, first, second, third, fourth, fifth] = tokens;
  if (side === "r" && first === "run" && third === "event") return `run ${second}`;
  if (side === "r" && first === "run" && third === "interval") return `root-intervals ${second}`;
  if (side !== "z") return undefined;
  if (second === "event") return `zone ${first}`;
  if (second === "interval") return `zone-intervals ${third} ${first}`;
  if (second === "agent" && fourth === "interval") return `agent-intervals ${fifth} ${first}/${third}`;
  return undefined;
}

const eventOf = (published: Published): LogEvent => ({
  type: published.envelope.type,
  body: JSON.parse(new TextDecoder().decode(published.data)) as EventBody,
  published,
});

function runView(
  run: string,
  events: readonly LogEvent[],
  logs: ReadonlyMap<string, readonly Published[]>,
  { seen }: Evidence,
): RunView {
  const under = (prefix: string) =>
    new Map(
      [...logs].flatMap(([log, all]) =>
        log.startsWith(prefix) ? [[log.slice(prefix.length), all.flatMap(carriedBy)] as const] : [],
      ),
    );
  const intervals = (logs.get(`root-intervals ${run}`) ?? []).flatMap(carriedBy);
  const zoneIntervals = under(`zone-intervals ${run} `);
  const agentIntervals = under(`agent-intervals ${run} `);
  const all = [intervals, ...zoneIntervals.values(), ...agentIntervals.values()].flat();
  return {
    run,
    events,
    plan: events.find(({ type }) => type === "RunPlanned")?.body.plan,
    intervals,
    zoneIntervals,
    agentIntervals,
    definitions: new Map(all.flatMap(({ frame }) => [...frame.definitions])),
    seen: seen.filter((each) => each.run === run),
  };
}

const carriedBy = (published: Published): readonly Carried[] =>
  decodeFrames(published.data).map((frame) => ({ frame, published }));

export const eventsOf = (view: { readonly events: readonly LogEvent[] }, type: string): readonly LogEvent[] =>
  view.events.filter((event) => event.type === type);

/** The last word of each zone on its agents, by `zone/agent.incarnation`. */
export function finishesOf(view: RunView): ReadonlyMap<string, FinishBody> {
  return new Map(
    eventsOf(view, "ZoneFinished").flatMap(({ body }) =>
      body.agents.map(
        (finish) => [`${finish.zone ?? body.zone}/${finish.agent}.${finish.incarnation}`, finish] as const,
      ),
    ),
  );
}

/** Agents that a run's log declares lost, or of whom it lost the zone, by `zone/agent.incarnation`. */
export function lostOf(view: RunView): ReadonlySet<string> {
  const finished = new Set(eventsOf(view, "ZoneFinished").map(({ body }) => body.zone));
  const zones = new Set(
    eventsOf(view, "ZoneLost")
      .map(({ body }) => body.zone)
      .filter((zone) => !finished.has(zone)),
  );
  const members = eventsOf(view, "ZoneReady").flatMap(({ body }) =>
    zones.has(body.zone)
      ? body.members.map((each) => `${each.zone ?? body.zone}/${each.agent}.${each.incarnation}`)
      : [],
  );
  const finishes = finishesOf(view);
  const lost = eventsOf(view, "AgentLost")
    .map(({ body }) => `${body.zone}/${body.loss.agent}.${body.loss.incarnation}`)
    // A zone below was given up, and came back with what its agents stated.
    .filter((agent) => !finishes.has(agent));
  const short = [...finishes].flatMap(([agent, { lostWorkers }]) =>
    lostWorkers === undefined ? [] : [agent],
  );
  return new Set([...lost, ...members, ...short]);
}

export const sourceOf = ({ source, zone }: Seen): string => `${zone}/${source}`;
