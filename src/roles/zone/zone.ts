/**
 * A zone: the coordinator between root, or another zone, and its agents and the zones below it. Everything that comes in –
 * commands of the parent, reports, arrivals, heartbeats and intervals of agents, facts and intervals of zones, the tick –
 * goes through one mailbox and one fiber. What it decides is in the zone log first; the forwarder carries it upwards.
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { subjects } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { RefusalCounter } from "../../domain/mesh/refusal-counter.ts";
import { evolve } from "../../domain/zone/evolve.ts";
import { newZone, type ZoneState } from "../../domain/zone/state.ts";
import { Own, type Server, ServerError, Upper } from "../../ports/server.ts";
import { HeardZones } from "../heard-zones.ts";
import { Journal } from "../journal.ts";
import { arrivals } from "../sync.ts";
import { tellClock, tellServerClocks } from "../tell-clock.ts";
import { waitFor } from "../wait-for.ts";
import { waitingFor, watchAbove } from "./above.ts";
import { forward } from "./forward.ts";
import { eventLane, followIntervals, intervalLane } from "./lanes.ts";
import * as limits from "./limits.ts";
import { handle } from "./handle.ts";
import { beat, hearAgents, hearOwn, hearThrough, hearUpper, pulse } from "./presence.ts";
import { decideAndRecord, resume } from "./record.ts";
import { hearChildren } from "./children.ts";
import { beatSubject, type Input, type Zone, type ZoneOptions } from "./self.ts";

/**
 * Coordinates for ever. When a server is away for too long it starts over from its log; it ends when another
 * coordinator took the zone over ("conflict"), and when it may not or cannot do what it must ("refused", "too-large").
 */
export const zone = (options: ZoneOptions): Effect.Effect<never, ServerError, Own | Upper> =>
  Effect.gen(function* () {
    const own = yield* Own;
    const upper = yield* Upper;
    let isAway = false;
    const again = (error: ServerError): Effect.Effect<void, ServerError> => {
      if (error.reason === "conflict") return Effect.fail(replaced(options.zone, error));
      if (error.reason === "refused" || error.reason === "too-large") return Effect.fail(error);
      if (!isAway) options.note(`zone ${options.zone} starts over as soon as it can: ${error.message}`);
      isAway = true;
      return Effect.sleep(limits.REOPEN_PAUSE);
    };
    return yield* coordinate(options, own, upper, () => (isAway = false)).pipe(
      Effect.catchTag("ServerError", again),
      Effect.forever,
    );
  });

const replaced = (zone: string, { operation, address }: ServerError): ServerError =>
  new ServerError({
    operation,
    address,
    reason: "conflict",
    detail: `another coordinator took over zone ${zone}; one zone has one, so stop one of the two`,
  });

/** From opening the zone's log to the first failure. */
const coordinate = (
  options: ZoneOptions,
  own: Server,
  upper: Server,
  onOpen: () => void,
): Effect.Effect<never, ServerError> =>
  Effect.gen(function* () {
    const self = yield* open(options, own, upper);
    onOpen();
    const offer = (input: Input) => Queue.offer(self.mailbox, input).pipe(Effect.asVoid);
    options.note(`zone ${options.zone}, incarnation ${self.journal.state.incarnation}`);
    return yield* Effect.raceAllFirst([
      beat(self),
      pulse(self),
      hearUpper(self),
      watchAbove(self),
      hearThrough(self),
      hearAgents(self),
      hearChildren(self),
      hearOwn(self),
      forward(eventLane(self)),
      forward(intervalLane(self)),
      upper.inbox.take("zone", options.zone, "", (delivery) => offer({ type: "Command", delivery })),
      own.inbox.take("reports", options.zone, "", (delivery) => offer({ type: "Report", delivery })),
      own.inbox.take("zoneWatch", options.zone, "", (delivery) => offer({ type: "Watch", delivery })),
      arrivals(
        own,
        options.zone,
        (run, barrier, agent, incarnation) => offer({ type: "Arrival", run, barrier, agent, incarnation }),
        options.note,
      ),
      followIntervals(self, offer),
      Effect.suspend(() => offerTick(self)).pipe(Effect.delay(limits.TICK_EVERY), Effect.forever),
      Queue.take(self.mailbox).pipe(
        Effect.flatMap((input) => handle(self, input)),
        Effect.forever,
      ),
    ]);
  }).pipe(Effect.scoped);

const offerTick = (self: Zone): Effect.Effect<void> => {
  if (self.isTickQueued) return Effect.void;
  self.isTickQueued = true;
  return Queue.offer(self.mailbox, { type: "Tick" }).pipe(Effect.asVoid);
};

const open = Effect.fnUntraced(function* (options: ZoneOptions, own: Server, upper: Server) {
  const { zone: name, note, parent } = options;
  yield* own.admin.provision("zone", name);
  yield* own.admin.durable("reports", name, "");
  yield* own.admin.durable("zoneWatch", name, "");
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
  yield* checkParent(options, journal.state);
  const upperClock = yield* waitFor(upper.clock(beatSubject(options)), waitingFor(upper, parent), note);
  tellClock(clock, note);
  tellServerClocks(clock, upperClock, note);
  const self: Zone = {
    options,
    own,
    upper,
    journal,
    clock,
    upperClock,
    mailbox: yield* Queue.bounded<Input>(limits.MAILBOX),
    epoch: journal.epoch,
    standing: new Map(),
    heard: new Map(),
    children: new HeardZones(clock.elapsedMs),
    above: parent === undefined ? [] : [parent],
    aboveHeardMs: clock.elapsedMs(),
    ownHeardMs: clock.elapsedMs(),
    tickedMs: clock.elapsedMs(),
    isTickQueued: false,
    assignedMs: new Map(),
    settledMs: new Map(),
    endingMs: new Map(),
    answeredMs: new Map(),
    intervals: new Map(),
    refusals: new RefusalCounter(),
    refusalsOf: new Map(),
    counted: new Map(),
    deferred: [],
  };
  yield* decideAndRecord(
    self,
    { type: "Start", zone: name, parent, protocol: PROTOCOL, program: options.program },
    "",
  );
  yield* resume(self, recorded);
  return self;
});

/** A part of a run stays with the node that gave it: a zone cannot go elsewhere before it is over. */
const checkParent = ({ parent, zone }: ZoneOptions, state: ZoneState): Effect.Effect<void, ServerError> => {
  const open = Object.values(state.shares).find(({ finished, forgotten }) => !finished && !forgotten);
  if (open === undefined || state.parent === parent) return Effect.void;
  const before = state.parent === undefined ? "of root, without --parent" : `with --parent ${state.parent}`;
  const detail = `zone ${zone} has a part of run ${open.run} that it was given when it was started ${before}: start it so again until that run is over`;
  return Effect.fail(new ServerError({ operation: "coordinate", address: zone, reason: "refused", detail }));
};
