/**
 * A root: takes the lease, and while it holds it, decides every run. All inputs – commands of doors, facts and
 * intervals of zones, the tick – go through one mailbox and one fiber. Losing the lease ends the tenure; the process
 * then stands by for the next one.
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import * as Schedule from "effect/Schedule";
import type * as Scope from "effect/Scope";
import { parseSubject, patterns, subjects } from "../../../streams/subjects.ts";
import type { Outgoing } from "../../domain/log/codec.ts";
import { gracefulUs, isOver, plannedUs, type RunState } from "../../domain/run/state.ts";
import { type Delivery, Own, type Server, type ServerError, type Stored } from "../../ports/server.ts";
import { outgoing } from "../outgoing.ts";
import { readBody } from "../read-body.ts";
import { tick } from "./deadlines.ts";
import * as limits from "./limits.ts";
import { apply, openRun, resume, type RunProcess } from "./run-process.ts";
import type { Tenure } from "./tenure.ts";
import { followZone, type FromZone, Zones } from "./zones.ts";

export interface RootOptions {
  /** Unique name of this process; shown as the leader. */
  readonly name: string;
  /** Says something to whoever watches this process. */
  readonly note: (line: string) => void;
}

type Input = { readonly type: "Command"; readonly delivery: Delivery } | FromZone | { readonly type: "Tick" };

interface Root {
  readonly options: RootOptions;
  readonly tenure: Tenure;
  readonly zones: Zones;
  readonly runs: Map<string, RunProcess>;
  readonly mailbox: Queue.Queue<Input>;
}

/** Leads whenever it can, for ever. */
export const root = (options: RootOptions): Effect.Effect<never, ServerError, Own> =>
  Effect.gen(function* () {
    const server = yield* Own;
    yield* server.admin.provision("hub", "").pipe(
      Effect.retry({
        times: 20,
        schedule: Schedule.spaced("250 millis"),
        while: (e) => e.reason === "unavailable",
      }),
    );
    yield* server.admin.durable("root", "", "");
    return yield* Effect.scoped(tenure(options, server)).pipe(
      Effect.catchTag("ServerError", (error) =>
        Effect.sync(() => options.note(`no longer leading: ${error.message}`)).pipe(
          Effect.delay("200 millis"),
        ),
      ),
      Effect.forever,
    );
  });

/** One tenure: from taking the lease to losing it. */
const tenure = Effect.fnUntraced(function* (options: RootOptions, server: Server) {
  const { name, note } = options;
  const epoch = yield* server.lease.acquire("root", name);
  yield* Effect.addFinalizer(() => server.lease.release("root"));
  note(`leading, epoch ${epoch}`);
  const clock = yield* server.clock(subjects.rootPulse());
  const zones = new Zones();
  const self: Root = {
    options,
    zones,
    runs: new Map(),
    mailbox: yield* Queue.bounded<Input>(limits.MAILBOX),
    tenure: {
      server,
      clock,
      epoch,
      name,
      note,
      heardZones: () => zones.heard(),
      silentMs: (zone) => zones.silentMs(zone),
    },
  };
  yield* takeOver(self);
  return yield* Effect.raceAllFirst([
    server.lease.keep("root", name),
    pulse(self),
    server.inbox.take("root", "", "", (delivery) => offer(self, { type: "Command", delivery })),
    listen(self),
    offer(self, { type: "Tick" }).pipe(Effect.delay(limits.TICK_EVERY), Effect.forever),
    Queue.take(self.mailbox).pipe(
      Effect.flatMap((input) => handle(self, input)),
      Effect.forever,
    ),
  ]);
});

const offer = (self: Root, input: Input) => Queue.offer(self.mailbox, input).pipe(Effect.asVoid);

/** Tells everybody below that root is alive. */
const pulse = ({ tenure: { server, clock, epoch, name } }: Root) =>
  Effect.suspend(() => {
    const message = { type: "Pulse", node: name, incarnation: epoch, silentMs: 0 };
    return server.live.tell(
      subjects.rootPulse(),
      outgoing({ id: "", time: clock.now(), actor: name, epoch }, message),
    );
  }).pipe(Effect.andThen(Effect.sleep(limits.PULSE_EVERY)), Effect.forever);

/** Hears the zones, and follows each from the first time it is heard. */
const listen = (self: Root): Effect.Effect<never, ServerError, Scope.Scope> =>
  Effect.gen(function* () {
    const { server } = self.tenure;
    const scope = yield* Effect.scope;
    const hear = ({ envelope, data }: Outgoing) => {
      if (envelope.type !== "Beat") return Effect.void;
      const beat = readBody("beat", { envelope, data }, self.options.note);
      if (beat === undefined) return Effect.void;
      const heard = self.zones.hear(beat);
      if (heard === "refused")
        self.options.note(`zone ${beat.node} speaks protocol ${beat.protocol}; it is not used`);
      if (heard !== "new") return Effect.void;
      const isOpen = [...self.runs.values()].some(({ journal }) =>
        journal.state.zones.some(({ zone }) => zone === beat.node),
      );
      return followZone(server, beat.node, isOpen, (message) => offer(self, message)).pipe(
        Effect.tapError((error) => Effect.sync(() => self.options.note(error.message))),
        Effect.retry(Schedule.spaced("500 millis")),
        Effect.forkIn(scope),
        Effect.asVoid,
      );
    };
    // What was said just before this root began to listen counts, too: nobody waits for the next heartbeat.
    const said = yield* server.log.read({ asset: "hubLive", zone: "" }, [patterns.zoneBeats]);
    const isFresh = ({ at }: Stored) => self.tenure.clock.now() - at < limits.HEARD_WITHIN_MS * 1000;
    yield* Effect.forEach(said.filter(isFresh), hear, { discard: true });
    return yield* server.live.hear(patterns.zoneBeats, hear);
  });

/** One input after the other. A malformed message is named and passed over; it must not stop the mesh. */
const handle = (self: Root, input: Input): Effect.Effect<void, ServerError> => {
  switch (input.type) {
    case "Command":
      return command(self, input.delivery);
    case "Fact": {
      const { zone, event, origin } = input;
      const process = "run" in event && event.run !== undefined ? self.runs.get(event.run) : undefined;
      return process === undefined
        ? Effect.void
        : apply(process, { type: "ZoneFact", zone, event, origin }, origin.id);
    }
    case "Interval": {
      const process = self.runs.get(input.run);
      return Effect.sync(() => process?.intervals.offer(process.journal.state, input.frame));
    }
    case "Tick":
      return tickAll(self);
  }
};

const tickAll = (self: Root) =>
  Effect.forEach(
    self.runs.values(),
    (process) => tick(process).pipe(Effect.andThen(Effect.suspend(() => retire(self, process)))),
    { discard: true },
  );

/** An ended run needs no memory here any more, and its environment goes with it. */
const retire = (self: Root, process: RunProcess): Effect.Effect<void> => {
  if (!isOver(process.journal.state)) return Effect.void;
  self.runs.delete(process.run);
  return self.tenure.server.objects
    .remove({ asset: "environments", zone: "" }, process.run)
    .pipe(Effect.ignore);
};

const command = Effect.fnUntraced(function* (self: Root, delivery: Delivery) {
  const { envelope } = delivery;
  const isExpired = envelope.expires !== undefined && envelope.expires < self.tenure.clock.now();
  if (isExpired)
    self.options.note(`${envelope.type} of ${envelope.actor} came too late and was not carried out`);
  else yield* carryOut(self, delivery);
  yield* delivery.ack;
});

const carryOut = Effect.fnUntraced(function* (self: Root, { envelope, data }: Delivery) {
  const asked = readBody("door command", { envelope, data }, self.options.note);
  if (asked === undefined) return;
  const { run } = asked;
  if (asked.type === "PlanRun") {
    if (self.runs.has(run)) return;
    const process = openRun(run, self.tenure);
    yield* process.journal.load();
    if (process.journal.length > 0) return;
    self.runs.set(run, process);
    yield* apply(process, { type: "Plan", request: asked.request, actor: envelope.actor }, envelope.id);
    yield* retire(self, process);
  } else if (asked.type === "AbortRun") {
    const process = self.runs.get(run);
    if (process !== undefined) yield* apply(process, { type: "Stop", cause: asked.cause }, envelope.id);
  } else if (!self.runs.has(run)) yield* removeRun(self.tenure.server, run);
});

const removeRun = Effect.fnUntraced(function* (server: Server, run: string) {
  yield* server.admin.purge({ asset: "runEvents", zone: "" }, subjects.runLog(run));
  yield* server.admin.purge({ asset: "runIntervals", zone: "" }, subjects.runInterval(run));
  yield* server.objects.remove({ asset: "environments", zone: "" }, run).pipe(Effect.ignore);
});

/** Runs that an earlier leader left open go on here, or end here when everything of theirs has stopped by itself. */
const takeOver = Effect.fnUntraced(function* (self: Root) {
  const { server, clock, epoch } = self.tenure;
  const withEvent = Effect.fnUntraced(function* (type: string) {
    const found = yield* server.admin.subjects({ asset: "runEvents", zone: "" }, patterns.runEventsOf(type));
    return found.map((subject) => parseSubject(subject)?.run ?? "");
  });
  const ended = new Set(yield* withEvent("VerdictGiven"));
  for (const run of (yield* withEvent("RunPlanned")).filter((planned) => !ended.has(planned))) {
    const process = openRun(run, self.tenure);
    const lastWord = yield* resume(process);
    self.runs.set(run, process);
    self.options.note(`took over run ${run}, epoch ${epoch}`);
    if (isAbandoned(process.journal.state, clock.now(), lastWord)) {
      const message = "the root that led this run ended, and nobody led it for longer than its zones wait";
      yield* apply(process, { type: "Stop", cause: { kind: "leader-lost", message, by: "" } }, "");
    }
  }
});

/** The whole run would be over by now, so nothing below it can still be at work. */
function isAbandoned(state: RunState, now: number, lastWord: number): boolean {
  const { plan, startAt } = state;
  if (plan === undefined) return false;
  const patienceUs = (plan.onSilence.do === "stop" ? plan.onSilence.afterMs : 300_000) * 1000;
  const lastUs = startAt === undefined ? lastWord : startAt + plannedUs(plan) + gracefulUs(plan);
  return now > lastUs + patienceUs;
}
