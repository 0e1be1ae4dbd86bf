/**
 * A zone: the coordinator between root and its agents. Everything that comes in – commands of the parent, reports,
 * arrivals, heartbeats and intervals of agents, the tick – goes through one mailbox and one fiber. What it decides is
 * in the zone log first; the forwarder carries that log upwards by itself.
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import * as Schedule from "effect/Schedule";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { parseSubject, patterns, subjects } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { evolve } from "../../domain/zone/evolve.ts";
import { newZone, type ZoneState } from "../../domain/zone/state.ts";
import { Own, type Server, type ServerError, Upper } from "../../ports/server.ts";
import { Journal } from "../journal.ts";
import { arrivals } from "../sync.ts";
import { forward } from "./forward.ts";
import * as limits from "./limits.ts";
import { handle } from "./handle.ts";
import { beat, hearAgents, hearOwn, hearRoot, pulse } from "./presence.ts";
import { decideAndRecord, resume } from "./record.ts";
import type { Input, Zone, ZoneOptions } from "./self.ts";

/** Coordinates for ever; ends with "conflict" when another coordinator took the zone over. */
export const zone = (options: ZoneOptions): Effect.Effect<never, ServerError, Own | Upper> =>
  Effect.gen(function* () {
    const own = yield* Own;
    const upper = yield* Upper;
    const self = yield* open(options, own, upper);
    const offer = (input: Input) => Queue.offer(self.mailbox, input).pipe(Effect.asVoid);
    options.note(`zone ${options.zone}, incarnation ${self.journal.state.incarnation}`);
    return yield* Effect.raceAllFirst([
      beat(self),
      pulse(self),
      hearRoot(self),
      hearAgents(self),
      hearOwn(self),
      forward(eventLane(self)),
      forward(intervalLane(self)),
      upper.inbox.take("zone", options.zone, "", (delivery) => offer({ type: "Command", delivery })),
      own.inbox.take("reports", options.zone, "", (delivery) => offer({ type: "Report", delivery })),
      arrivals(own, options.zone, (run, barrier, agent) => offer({ type: "Arrival", run, barrier, agent })),
      followIntervals(self, offer),
      offer({ type: "Tick" }).pipe(Effect.delay(limits.TICK_EVERY), Effect.forever),
      Queue.take(self.mailbox).pipe(
        Effect.flatMap((input) => handle(self, input)),
        Effect.forever,
      ),
    ]);
  });

const open = Effect.fnUntraced(function* (options: ZoneOptions, own: Server, upper: Server) {
  const { zone: name, note } = options;
  yield* own.admin.provision("zone", name);
  yield* own.admin.durable("reports", name, "");
  const journal = new Journal<ZoneState, ZoneEvent>({
    server: own,
    where: { asset: "zoneEvents", zone: name },
    family: "zone event",
    name: `zone-${name}`,
    subjects: subjects.zoneLog(name),
    subjectOf: (type) => subjects.zoneEvent(name, type),
    initial: newZone,
    evolve,
    actor: name,
  });
  const recorded = yield* journal.load();
  const clock = yield* own.clock(subjects.zonePulse(name));
  const hubClock = yield* upper.clock(subjects.zoneBeat(name)).pipe(
    Effect.tapError(() => Effect.sync(() => note("waiting for a root: mesh root"))),
    Effect.retry(Schedule.spaced(limits.LOOK_EVERY)),
  );
  const self: Zone = {
    options,
    own,
    upper,
    journal,
    clock,
    hubClock,
    mailbox: yield* Queue.bounded<Input>(limits.MAILBOX),
    epoch: journal.epoch,
    heard: new Map(),
    rootHeardMs: performance.now(),
    ownHeardMs: performance.now(),
    tickedMs: performance.now(),
    assignedMs: new Map(),
    intervals: new Map(),
    deferred: [],
  };
  yield* decideAndRecord(
    self,
    { type: "Start", zone: name, protocol: PROTOCOL, program: options.program },
    "",
  );
  yield* resume(self, recorded);
  return self;
});

const eventLane = ({ options, own, upper }: Zone) => ({
  zone: options.zone,
  own,
  upper,
  from: { asset: "zoneEvents" as const, zone: options.zone },
  filter: patterns.zoneEvents(options.zone),
  asset: "upEvents" as const,
  subjects: patterns.zoneUpEvents(options.zone),
  subjectOf: (subject: string) => subjects.zoneUpEvent(options.zone, parseSubject(subject)?.type ?? ""),
});

const intervalLane = ({ options, own, upper }: Zone) => ({
  zone: options.zone,
  own,
  upper,
  from: { asset: "zoneIntervals" as const, zone: options.zone },
  filter: patterns.zoneIntervals(options.zone),
  asset: "upIntervals" as const,
  subjects: patterns.zoneUpIntervals(options.zone),
  subjectOf: (subject: string) => subjects.zoneUpInterval(options.zone, parseSubject(subject)?.run ?? ""),
});

/** Intervals of runs that are still open may lie in the past; others begin with the next one. */
const followIntervals = ({ options, own, journal }: Zone, offer: (input: Input) => Effect.Effect<void>) =>
  Effect.gen(function* () {
    const where = { asset: "zoneIntervals", zone: options.zone } as const;
    const pattern = patterns.agentIntervals(options.zone);
    const isOpen = Object.values(journal.state.shares).some(({ forgotten }) => !forgotten);
    const from = isOpen ? 1 : ((yield* own.log.last(where, pattern))?.sequence ?? 0) + 1;
    return yield* own.log.follow(where, [pattern], from, ({ subject, data }) =>
      offer({ type: "Interval", run: parseSubject(subject)?.run ?? "", frame: data }),
    );
  });
