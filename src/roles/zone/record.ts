/** Decides, writes the zone log, and carries out what each event means: commands to agents, releases, forgetting. */
import * as Effect from "effect/Effect";
import type { ZoneEvent } from "../../../streams/events/zone.ts";
import type { AgentFinish } from "../../../streams/schema/finish.ts";
import { subjects } from "../../../streams/subjects.ts";
import type { Measured } from "../../domain/agent/membership.ts";
import { decide, proceed } from "../../domain/zone/decide.ts";
import type { ZoneInput } from "../../domain/zone/input.ts";
import type { Asked, AssetRef } from "../../ports/server.ts";
import type { Recorded } from "../journal.ts";
import { environmentOf } from "../object-names.ts";
import { release } from "../sync.ts";
import { CLOCK_WITHIN } from "./limits.ts";
import { offersOf } from "./children.ts";
import { beatSubject, syncOf, type Zone } from "./self.ts";
import { noteStanding, prepare, sayAgain, tellOf } from "./tell.ts";
import { agentSource, childSource, ZoneIntervals } from "./zone-intervals.ts";

const unmeasured: Measured = () => ({ tallies: {}, intervals: 0, lastWindow: -1 });

/** One input to its end: its events, and what follows from the state after them. */
export const decideAndRecord = Effect.fnUntraced(function* (
  self: Zone,
  input: ZoneInput,
  causation: string,
  measured: Measured = unmeasured,
) {
  for (const event of decide(self.journal.state, input, measured)) yield* record(self, event, causation);
  yield* advance(self, causation);
});

/** What follows from the state and from who is idle, here and below. */
export const advance = Effect.fnUntraced(function* (self: Zone, causation: string) {
  for (;;) {
    const events = proceed(self.journal.state, offersOf(self));
    if (events.length === 0) return;
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
  noteStanding(self, recorded);
  yield* prepare(self, event);
  yield* tellOf(self, recorded);
  yield* carryOut(self, event);
});

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
    case "AgentFinished":
      return Effect.sync(() => endAgent(self.intervals.get(event.run), event.finish));
    case "AgentLost":
      return Effect.sync(() => {
        const { agent, incarnation, zone } = event.loss;
        if (zone !== undefined) return; // of a zone below: its agents are that one's affair
        self.heard.delete(agent);
        if (event.run !== undefined) self.intervals.get(event.run)?.lose(agentSource(agent, incarnation));
      });
    case "ChildLost":
    case "ChildFinished":
      return Effect.sync(() => endChild(self, event));
    case "ShareForgotten":
      return forget(self, event.run);
    default:
      return Effect.void;
  }
};

/** Nothing more of its load is waited for. */
const endAgent = (merge: ZoneIntervals | undefined, { agent, incarnation, intervals }: AgentFinish): void =>
  merge?.ended(agentSource(agent, incarnation), intervals);

/** The same of a zone below. */
function endChild(self: Zone, { run, zone }: { readonly run: string; readonly zone: string }): void {
  const intervals = self.intervals.get(run);
  const child = self.journal.state.shares[run]?.children.find((each) => each.zone === zone);
  if (intervals === undefined || child === undefined) return;
  const source = childSource(self.options.zone, zone, child.announced ?? 0);
  if (child.finished) intervals.ended(source, child.intervals);
  else if (child.lost) intervals.lose(source);
}

/** Clocks drift: every run begins with a new measurement, beside the mailbox. Where it fails, the old one stays. */
const measureClocks = (self: Zone): Effect.Effect<void> => {
  const { own, upper, options } = self;
  const clocks = [own.clock(subjects.zonePulse(options.zone)), upper.clock(beatSubject(options))] as const;
  return Effect.all(clocks, { concurrency: "unbounded" }).pipe(
    Effect.tap(([clock, upperClock]) => Effect.sync(() => Object.assign(self, { clock, upperClock }))),
    Effect.timeout(CLOCK_WITHIN),
    Effect.ignore,
    Effect.forkChild,
    Effect.asVoid,
  );
};

/** Opens the merge of a run that has a start; continues what an earlier coordinator merged. */
export const openIntervals = Effect.fnUntraced(function* (self: Zone, run: string, startAt: number) {
  const share = self.journal.state.shares[run];
  if (share === undefined) return;
  const { own: server, clock, options } = self;
  const { incarnation } = self.journal.state;
  const intervals = new ZoneIntervals({
    zone: options.zone,
    parent: options.parent,
    incarnation,
    share,
    server,
    clock,
    startAt,
    note: options.note,
  });
  yield* intervals.restore();
  for (const finish of share.finishes) endAgent(intervals, finish);
  for (const { agent, incarnation: of } of share.losses) intervals.lose(agentSource(agent, of));
  self.intervals.set(run, intervals);
  for (const { zone } of share.children) endChild(self, { run, zone });
});

/** Goes on with the open shares of an earlier coordinator: their merges, and what agents may still wait for. */
export const resume = Effect.fnUntraced(function* (self: Zone, past: readonly Recorded<ZoneEvent>[]) {
  for (const recorded of past) {
    noteStanding(self, recorded);
    yield* sayAgain(self, recorded);
  }
  for (const { run, startAt, parentStartAt, forgotten } of Object.values(self.journal.state.shares)) {
    if (forgotten) continue;
    self.assignedMs.set(run, self.clock.elapsedMs());
    if (startAt === undefined || parentStartAt === undefined) continue;
    const zoneStartAt = self.clock.now() + parentStartAt - self.upperClock.now();
    yield* openIntervals(self, run, zoneStartAt);
    yield* release(syncOf(self, run), "ready", { startAt: zoneStartAt, hubStartAt: startAt });
  }
});

/** Where the server is away the coordinator starts over, and the command to forget comes again. */
const eraseCopy = ({ journal, options, own }: Zone, run: string): Asked<void> => {
  const share = journal.state.shares[run];
  if (share === undefined || share.plan.env.length === 0) return Effect.void;
  const copies: readonly AssetRef[] = [
    { asset: "zoneObjects", zone: options.zone },
    ...share.children.map(({ zone }) => ({ asset: "linkObjects", zone }) as const),
  ];
  const erase = (where: AssetRef) =>
    Effect.catchIf(
      own.objects.remove(where, environmentOf(run)),
      ({ reason }) => reason !== "unavailable",
      ({ message }) => Effect.sync(() => options.note(message)),
    );
  return Effect.forEach(copies, erase, { discard: true });
};

/** The run has its verdict: nobody above needs anything of it any more. What cannot be removed now expires. */
const forget = (self: Zone, run: string): Asked<void> => {
  const { zone } = self.options;
  const { admin } = self.own;
  self.intervals.delete(run);
  self.assignedMs.delete(run);
  self.settledMs.delete(run);
  self.endingMs.delete(run);
  const removals = [
    admin.purge({ asset: "sync", zone }, subjects.syncRun(zone, run)),
    admin.purge({ asset: "zoneIntervals", zone }, subjects.zoneInterval(zone, run)),
    admin.purge({ asset: "zoneIntervals", zone }, subjects.agentIntervalsOf(zone, run)),
  ];
  return Effect.forEach(removals, (removal) => Effect.ignore(removal), { discard: true });
};
