/**
 * A root: takes the lease, and while it holds it, decides every run. All inputs – commands of doors, facts and
 * intervals of zones, the tick – go through one mailbox and one fiber. Losing the lease ends the tenure; the process
 * then stands by for the next one.
 */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import * as Schedule from "effect/Schedule";
import { subjects } from "../../../streams/subjects.ts";
import type { RunInput } from "../../domain/run/input.ts";
import { isClosed, isOver } from "../../domain/run/state.ts";
import { stopsTheRun } from "../../domain/plan/thresholds.ts";
import { type Delivery, Own, type Server, type ServerError } from "../../ports/server.ts";
import { outgoing } from "../outgoing.ts";
import { HeardZones } from "../heard-zones.ts";
import { readBody } from "../read-body.ts";
import { judge, tick } from "./deadlines.ts";
import { hearZones } from "./hear-zones.ts";
import { landing } from "./landing.ts";
import * as limits from "./limits.ts";
import { removeRun } from "./remove-run.ts";
import { apply, eraseValuesOf, openRun, type RunProcess } from "./run-process.ts";
import { type Input, offer, type Root, type RootOptions, unlessUnreadable } from "./self.ts";
import { firstPlan, hearPlans, takeOver, takeOverRun } from "./take-over.ts";

/** Leads whenever it can, for ever. */
export const root = (options: RootOptions): Effect.Effect<never, ServerError, Own> =>
  Effect.gen(function* () {
    const server = yield* Own;
    const provision = Effect.andThen(server.admin.provision("hub", ""), server.admin.durable("root", "", ""));
    yield* provision.pipe(
      Effect.retry({
        times: 20,
        schedule: Schedule.spaced("250 millis"),
        while: (e) => e.reason === "unavailable",
      }),
    );
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
  const epoch = yield* server.lease.acquire("root", name, note);
  yield* Effect.addFinalizer(() => server.lease.release("root"));
  note(`leading, epoch ${epoch}`);
  const clock = yield* server.clock(subjects.rootPulse());
  const zones = new HeardZones(clock.elapsedMs);
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
  // Taking over may take longer than the lease lasts, so the lease is kept from the first moment on.
  return yield* Effect.raceAllFirst([server.lease.keep("root", name), pulse(self), lead(self)]);
});

/** Goes on with what an earlier leader left open, then takes part in everything. */
const lead = Effect.fnUntraced(function* (self: Root) {
  const { server } = self.tenure;
  const from = yield* firstPlan(self);
  yield* takeOver(self);
  self.zones.beginListening();
  return yield* Effect.raceAllFirst([
    server.inbox.take("root", "", "", (delivery) => offer(self, { type: "Command", delivery })),
    hearZones(self),
    hearPlans(self, from),
    landing(self),
    offer(self, { type: "Tick" }).pipe(Effect.delay(limits.TICK_EVERY), Effect.forever),
    Queue.take(self.mailbox).pipe(
      Effect.flatMap((input) => handle(self, input)),
      Effect.forever,
    ),
  ]);
});

/** Tells everybody below that root is alive. */
const pulse = ({ tenure: { server, clock, epoch, name } }: Root) =>
  Effect.suspend(() => {
    const message = { type: "Pulse", node: name, incarnation: epoch, silentMs: 0 };
    return server.live.tell(
      subjects.rootPulse(),
      outgoing({ id: "", time: clock.now(), actor: name, epoch }, message),
    );
  }).pipe(Effect.andThen(Effect.sleep(limits.PULSE_EVERY)), Effect.forever);

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
      return process === undefined ? Effect.void : interval(process, input.frame);
    }
    case "Decide":
      return decideFor(self, input.run, input.input).pipe(Deferred.into(input.done), Effect.asVoid);
    case "Planned":
      return self.runs.has(input.run) ? Effect.void : takeOverRun(self, input.run);
    case "Tick":
      return tickAll(self);
  }
};

/** Where a threshold may end the run, a window whose last zone has come does not wait for the tick. */
const interval = (process: RunProcess, frame: Uint8Array): Effect.Effect<void, ServerError> =>
  Effect.suspend(() => {
    const { journal, intervals } = process;
    intervals.offer(journal.state, frame);
    const { phase, plan, summary } = journal.state;
    const hasLoad = summary === undefined && (phase === "running" || phase === "draining");
    return hasLoad && stopsTheRun(plan?.thresholds ?? {}) ? judge(process) : Effect.void;
  });

/** A run that is over and not in memory any more is read again for it. */
const decideFor = Effect.fnUntraced(function* (self: Root, run: string, input: RunInput, causation = "") {
  const open = self.runs.get(run);
  const process = open ?? openRun(run, self.tenure);
  if (open === undefined) {
    const past = yield* process.journal.load().pipe(unlessUnreadable(self, run));
    if (past === undefined) return undefined;
  }
  yield* apply(process, input, causation);
  return process.journal.state;
});

const tickAll = (self: Root) =>
  Effect.forEach(
    self.runs.values(),
    (process) => tick(process).pipe(Effect.andThen(Effect.suspend(() => retire(self, process)))),
    { discard: true },
  );

/** A closed run needs no memory here any more; values that could not be erased before its verdict are tried again. */
const retire = (self: Root, process: RunProcess): Effect.Effect<void> => {
  if (!isClosed(process.journal.state)) return Effect.void;
  self.runs.delete(process.run);
  return eraseValuesOf(process);
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
    const past = yield* process.journal.load().pipe(unlessUnreadable(self, run));
    if (past?.length !== 0) return;
    self.runs.set(run, process);
    yield* apply(process, { type: "Plan", request: asked.request, actor: envelope.actor }, envelope.id);
    yield* retire(self, process);
  } else if (asked.type === "AbortRun") {
    const process = self.runs.get(run);
    if (process !== undefined) yield* apply(process, { type: "Stop", cause: asked.cause }, envelope.id);
  } else if (asked.type === "AddNote") {
    const { actor, id } = envelope;
    yield* decideFor(self, run, { type: "Note", id, text: asked.text, actor }, id);
  } else if (!(yield* isOpen(self, run))) yield* removeRun(self.tenure.server, run);
});

/** A run that only waits for late data may be removed: it is closed first, so that its zones hear of it. */
const isOpen = Effect.fnUntraced(function* (self: Root, run: string) {
  const process = self.runs.get(run);
  if (process === undefined) return false;
  if (!isOver(process.journal.state)) return true;
  yield* apply(process, { type: "Close", reason: "the run is removed" }, "");
  yield* retire(self, process);
  return false;
});
