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
import { newMesh } from "../../domain/mesh/state.ts";
import { stopsTheRun } from "../../domain/plan/thresholds.ts";
import { type Asked, Own, type Server, type ServerError } from "../../ports/server.ts";
import { knownServers } from "../control-plane.ts";
import { outgoing } from "../outgoing.ts";
import { tellClock } from "../tell-clock.ts";
import { passOver } from "../from-below.ts";
import { HeardZones } from "../heard-zones.ts";
import { command, decideFor } from "./commands.ts";
import { judge, tick } from "./deadlines.ts";
import { hearZones } from "./hear-zones.ts";
import { landing } from "./landing.ts";
import * as limits from "./limits.ts";
import { loadMeshLog, meshLogOf, recordFact, recordHeard, tickMesh, watchMesh } from "./mesh-log.ts";
import { apply, type RunProcess } from "./run-process.ts";
import { type Input, offer, retire, type Root, type RootOptions } from "./self.ts";
import { firstPlan, hearPlans, takeOver, takeOverRun } from "./take-over.ts";
import type { Tenure } from "./tenure.ts";

/** Leads whenever it can, for ever. */
export const root = (options: RootOptions): Effect.Effect<never, ServerError, Own> =>
  Effect.gen(function* () {
    const server = yield* Own;
    yield* provision(server).pipe(
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

/** What there is once at the hub. */
const provision = ({ admin }: Server): Asked<void> =>
  Effect.gen(function* () {
    yield* admin.provision("hub", "");
    yield* admin.durable("root", "", "");
    yield* admin.durable("hubWatch", "", "");
  });

/** One tenure: from taking the lease to losing it. */
const tenure = Effect.fnUntraced(function* (options: RootOptions, server: Server) {
  const { name, note } = options;
  const epoch = yield* server.lease.acquire("root", name, note);
  yield* Effect.addFinalizer(() => server.lease.release("root"));
  note(`leading, epoch ${epoch}`);
  yield* provision(server);
  const clock = yield* server.clock(subjects.rootPulse());
  tellClock(clock, note);
  const zones = new HeardZones(clock.elapsedMs);
  const held: Tenure = {
    server,
    clock,
    epoch,
    name,
    note,
    heardZones: () => zones.heard(),
    silentMs: (zone) => zones.silentMs(zone),
    silentBelowMs: (top, zone) => zones.silentBelowMs(top, zone),
    levelsBelow: (zone) => zones.levelsBelow(zone),
    controlPlane: knownServers(server, options.controlPlane),
    mesh: () => (self.mesh.isOpen ? self.mesh.journal.state : newMesh),
  };
  const self: Root = {
    options,
    zones,
    runs: new Map(),
    mailbox: yield* Queue.bounded<Input>(limits.MAILBOX),
    mesh: meshLogOf(held),
    tenure: held,
  };
  // Taking over may take longer than the lease lasts, so the lease is kept from the first moment on.
  return yield* Effect.raceAllFirst([server.lease.keep("root", name), pulse(self), lead(self)]);
});

/** Goes on with what an earlier leader left open, then takes part in everything. */
const lead = Effect.fnUntraced(function* (self: Root) {
  const { server } = self.tenure;
  const from = yield* firstPlan(self);
  yield* loadMeshLog(self.mesh, self.tenure);
  yield* takeOver(self);
  self.zones.beginListening();
  return yield* Effect.raceAllFirst([
    server.inbox.take("root", "", "", (delivery) => offer(self, { type: "Command", delivery })),
    server.inbox.take("hubWatch", "", "", (delivery) => offer(self, { type: "Watch", delivery })),
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

/** One input after the other. A message that cannot be taken is named and passed over; it must not stop the mesh. */
const handle = (self: Root, input: Input): Effect.Effect<void, ServerError> => {
  const { note } = self.options;
  switch (input.type) {
    case "Command":
      return command(self, input.delivery);
    case "Watch":
      return watchMesh(self.mesh, self.tenure, input.delivery).pipe(
        passOver("a watch report", note, () => input.delivery.ack),
      );
    case "Heard":
      return recordHeard(self.mesh, self.tenure, input).pipe(
        passOver(`a word of zone ${input.teller}`, note),
      );
    case "Fact":
      return fact(self, input).pipe(passOver(`${input.event.type} of zone ${input.zone}`, note));
    case "Interval": {
      const process = self.runs.get(input.run);
      return process === undefined
        ? Effect.void
        : interval(process, input).pipe(passOver(`an interval of zone ${input.zone}`, note));
    }
    case "Decide":
      return decideFor(self, input.run, input.input).pipe(Deferred.into(input.done), Effect.asVoid);
    case "Planned":
      return self.runs.has(input.run) ? Effect.void : takeOverRun(self, input.run);
    case "Tick":
      return tickAll(self);
  }
};

/** What belongs to a run, and what belongs to none but into the mesh log. */
const fact = Effect.fnUntraced(function* (self: Root, said: Input & { readonly type: "Fact" }) {
  const { zone, event, origin } = said;
  yield* recordFact(self.mesh, self.tenure, said, (run, of) => refusesFirst(self.runs.get(run), zone, of));
  const process = "run" in event && event.run !== undefined ? self.runs.get(event.run) : undefined;
  if (process !== undefined) yield* apply(process, { type: "ZoneFact", zone, event, origin }, origin.id);
});

/** Whether a zone with a part of an open run says for the first time that it, or one below it, refuses the script. */
function refusesFirst(process: RunProcess | undefined, teller: string, zone: string): boolean {
  const hasPart = process?.journal.state.zones.some((part) => part.zone === teller) === true;
  if (process === undefined || !hasPart || process.refusedBy.has(zone)) return false;
  process.refusedBy.add(zone);
  return true;
}

/** Where a threshold may end the run, a window whose last zone has come does not wait for the tick. */
const interval = (
  process: RunProcess,
  { frame, zone }: Input & { readonly type: "Interval" },
): Effect.Effect<void, ServerError> =>
  Effect.suspend(() => {
    const { journal, intervals } = process;
    intervals.offer(journal.state, zone, frame);
    const { phase, plan, summary } = journal.state;
    const hasLoad = summary === undefined && (phase === "running" || phase === "draining");
    return hasLoad && stopsTheRun(plan?.thresholds ?? {}) ? judge(process) : Effect.void;
  });

const tickAll = (self: Root) => Effect.andThen(tickMesh(self.mesh, self.tenure), tickRuns(self));

const tickRuns = (self: Root) =>
  Effect.forEach(
    self.runs.values(),
    (process) => tick(process).pipe(Effect.andThen(Effect.suspend(() => retire(self, process)))),
    { discard: true },
  );
