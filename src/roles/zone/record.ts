/** Decides, writes the zone log, and carries out what each event means: commands to agents, releases, forgetting. */
import * as Effect from "effect/Effect";
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import { subjects } from "../../../streams/subjects.ts";
import type { Measured } from "../../domain/agent/membership.ts";
import { decide, proceed, type ZoneInput } from "../../domain/zone/decide.ts";
import { instruct } from "../../domain/zone/instruct.ts";
import type { Asked } from "../../ports/server.ts";
import type { Recorded } from "../journal.ts";
import { environmentOf } from "../object-names.ts";
import { outgoing } from "../outgoing.ts";
import { release } from "../sync.ts";
import { CLOCK_WITHIN, COMMAND_EXPIRES_US } from "./limits.ts";
import type { Zone } from "./self.ts";
import { agentSource, ZoneIntervals } from "./zone-intervals.ts";

const unmeasured: Measured = () => ({ tallies: {}, intervals: 0, lastWindow: -1 });

/** One input to its end: its events, and what follows from the state after them. */
export const decideAndRecord = Effect.fnUntraced(function* (
  self: Zone,
  input: ZoneInput,
  causation: string,
  measured: Measured = unmeasured,
) {
  for (const event of decide(self.journal.state, input, measured)) yield* record(self, event, causation);
  for (let events = proceed(self.journal.state); events.length > 0; events = proceed(self.journal.state)) {
    for (const event of events) yield* record(self, event, causation);
  }
});

const record = Effect.fnUntraced(function* (self: Zone, event: ZoneEvent, causation: string) {
  // Done before it is said: a zone that ends in between is told to forget the run again.
  if (event.type === "ShareForgotten") yield* eraseCopy(self, event.run);
  const recorded = yield* self.journal.append(event, {
    epoch: self.epoch,
    time: self.clock.now(),
    causation,
  });
  note(self, recorded);
  yield* prepare(self, event);
  yield* Effect.forEach(
    instruct(self.journal.state, event),
    ({ agent, command }) => tellAgent(self, recorded, agent, command),
    {
      discard: true,
      concurrency: 64,
    },
  );
  yield* carryOut(self, event);
});

/** The durable must be there before the first message for its agent, so that the agent finds both. */
const prepare = (self: Zone, event: ZoneEvent): Asked<void> =>
  event.type === "AgentJoined" || event.type === "AgentRefused"
    ? self.own.admin.durable("agent", self.options.zone, event.agent)
    : Effect.void;

/** Sends a command to an agent; `cause` gives it its id, so that saying it again says it once. */
export function tellAgent(self: Zone, cause: { readonly id: string }, agent: string, command: NodeCommand) {
  const { zone } = self.options;
  const run = "run" in command ? command.run : undefined;
  const time = self.clock.now();
  const header = {
    id: `${cause.id}.${agent}`,
    time,
    expires: time + COMMAND_EXPIRES_US,
    actor: zone,
    epoch: self.epoch,
    correlation: run ?? agent,
    causation: cause.id,
  };
  const subject = subjects.agentCommand(zone, agent, run ?? "-", command.type);
  return self.own.log.append(subject, outgoing(header, command));
}

const carryOut = (self: Zone, event: ZoneEvent): Asked<void> => {
  switch (event.type) {
    case "ShareAssigned":
      return Effect.sync(() => void self.assignedMs.set(event.run, self.clock.elapsedMs())).pipe(
        Effect.andThen(measureClocks(self)),
      );
    case "ShareStarted":
      return openIntervals(self, event.run, event.zoneStartAt).pipe(
        Effect.andThen(
          release(syncOf(self, event.run), "ready", {
            startAt: event.zoneStartAt,
            hubStartAt: event.startAt,
          }),
        ),
      );
    case "AgentLeft":
      return Effect.sync(() => void self.heard.delete(event.agent));
    case "AgentLost":
      return Effect.sync(() => {
        const { agent, incarnation } = event.loss;
        self.heard.delete(agent);
        if (event.run !== undefined) self.intervals.get(event.run)?.lose(agentSource(agent, incarnation));
      });
    case "ShareForgotten":
      return forget(self, event.run);
    default:
      return Effect.void;
  }
};

/** Clocks drift: every run begins with a new measurement, beside the mailbox. Where it fails, the old one stays. */
const measureClocks = (self: Zone): Effect.Effect<void> => {
  const { own, upper, options } = self;
  const clocks = [
    own.clock(subjects.zonePulse(options.zone)),
    upper.clock(subjects.zoneBeat(options.zone)),
  ] as const;
  return Effect.all(clocks, { concurrency: "unbounded" }).pipe(
    Effect.tap(([clock, hubClock]) => Effect.sync(() => Object.assign(self, { clock, hubClock }))),
    Effect.timeout(CLOCK_WITHIN),
    Effect.ignore,
    Effect.forkChild,
    Effect.asVoid,
  );
};

export const syncOf = ({ own, options }: Zone, run: string) => ({
  server: own,
  zone: options.zone,
  run,
  actor: options.zone,
});

/** Opens the merge of a run that has a start; continues what an earlier coordinator merged. */
export const openIntervals = Effect.fnUntraced(function* (self: Zone, run: string, startAt: number) {
  const share = self.journal.state.shares[run];
  if (share === undefined) return;
  const { own: server, clock, options } = self;
  const { incarnation } = self.journal.state;
  const intervals = new ZoneIntervals({
    zone: options.zone,
    incarnation,
    share,
    server,
    clock,
    startAt,
    note: options.note,
  });
  yield* intervals.restore();
  for (const { agent, incarnation: of } of share.losses) intervals.lose(agentSource(agent, of));
  self.intervals.set(run, intervals);
});

/** Keeps what agents of a live share must know, and lets go of it with the share. */
function note({ standing }: Zone, recorded: Recorded<ZoneEvent>): void {
  const { event } = recorded;
  if (event.type === "AgentJoined") standing.set(`${event.type} ${event.agent}`, recorded);
  if (event.type === "ShareDivided" || event.type === "ShareStopping") {
    standing.set(`${event.type} ${event.run}`, recorded);
  }
  if (event.type !== "ShareForgotten") return;
  standing.delete(`ShareDivided ${event.run}`);
  standing.delete(`ShareStopping ${event.run}`);
}

/**
 * Another root leads. A command that an agent could not take yet comes again under the epoch of the past, and would be
 * refused then; so whatever still holds is said under the new one.
 */
export const sayUnderNewLeader = (self: Zone): Asked<void> =>
  Effect.forEach(
    [...self.standing.values()],
    (recorded) => sayAgain(self, { ...recorded, id: `${recorded.id}.${self.epoch}` }),
    { discard: true },
  );

/** Goes on with the open shares of an earlier coordinator: their merges, and what agents may still wait for. */
export const resume = Effect.fnUntraced(function* (self: Zone, past: readonly Recorded<ZoneEvent>[]) {
  for (const recorded of past) {
    note(self, recorded);
    yield* sayAgain(self, recorded);
  }
  for (const { run, startAt, forgotten } of Object.values(self.journal.state.shares)) {
    if (forgotten) continue;
    self.assignedMs.set(run, self.clock.elapsedMs());
    if (startAt === undefined) continue;
    const zoneStartAt = self.clock.now() + startAt - self.hubClock.now();
    yield* openIntervals(self, run, zoneStartAt);
    yield* release(syncOf(self, run), "ready", { startAt: zoneStartAt, hubStartAt: startAt });
  }
});

/**
 * The earlier coordinator may have ended between an event and its commands. Ids repeat, and agents take a share only
 * once, so saying it again is harmless; but only to the incarnation that was meant.
 */
const sayAgain = (self: Zone, recorded: Recorded<ZoneEvent>): Asked<void> => {
  const { event } = recorded;
  const { agents, shares } = self.journal.state;
  const isNow = (agent: string, incarnation: number | undefined) =>
    agents[agent]?.live === true && agents[agent].incarnation === incarnation;
  const isOpen = event.type === "ShareDivided" || event.type === "ShareStopping";
  const share = isOpen ? shares[event.run] : undefined;
  const meant = (agent: string) =>
    event.type === "AgentJoined"
      ? isNow(agent, event.incarnation)
      : share?.forgotten === false &&
        isNow(agent, share.parts.find((part) => part.agent === agent)?.incarnation);
  const still = instruct(self.journal.state, event).filter(({ agent }) => meant(agent));
  if (still.length === 0) return Effect.void;
  return Effect.andThen(
    prepare(self, event),
    Effect.forEach(still, ({ agent, command }) => tellAgent(self, recorded, agent, command), {
      discard: true,
    }),
  );
};

/** Where the server is away the coordinator starts over, and the command to forget comes again. */
const eraseCopy = ({ journal, options, own }: Zone, run: string): Asked<void> =>
  (journal.state.shares[run]?.plan.env.length ?? 0) === 0
    ? Effect.void
    : Effect.catchIf(
        own.objects.remove({ asset: "zoneObjects", zone: options.zone }, environmentOf(run)),
        ({ reason }) => reason !== "unavailable",
        ({ message }) => Effect.sync(() => options.note(message)),
      );

/** The run has its verdict: nobody above needs anything of it any more. What cannot be removed now expires. */
const forget = (self: Zone, run: string): Asked<void> => {
  const { zone } = self.options;
  const { admin } = self.own;
  self.intervals.delete(run);
  self.assignedMs.delete(run);
  self.settledMs.delete(run);
  const removals = [
    admin.purge({ asset: "sync", zone }, subjects.syncRun(zone, run)),
    admin.purge({ asset: "zoneIntervals", zone }, subjects.zoneInterval(zone, run)),
    admin.purge({ asset: "zoneIntervals", zone }, subjects.agentIntervalsOf(zone, run)),
  ];
  return Effect.forEach(removals, (removal) => Effect.ignore(removal), { discard: true });
};
