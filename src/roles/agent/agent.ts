/**
 * An agent: joins its zone, takes one part of one run at a time, and runs it with worker processes. Once started it
 * needs nobody: it goes on by its plan, and only its plan's `onSilence` stops it when nothing is heard from above.
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import * as Schedule from "effect/Schedule";
import { subjects } from "../../../streams/subjects.ts";
import { PROTOCOL } from "../../../streams/version.ts";
import { Own, type Server, type ServerError } from "../../ports/server.ts";
import { type WorkerProcess, Workers } from "../../ports/workers.ts";
import { outgoing } from "../outgoing.ts";
import { readBody } from "../read-body.ts";
import { tellClock } from "../tell-clock.ts";
import { waitFor } from "../wait-for.ts";
import { handle } from "./handle.ts";
import * as limits from "./limits.ts";
import { report, sayReports, sayRest } from "./outbox.ts";
import type { Agent, AgentOptions, Input, Said } from "./self.ts";

/** Serves for ever; ends with "refused" when the zone does not take it. */
export const agent = (options: AgentOptions): Effect.Effect<never, ServerError, Own | Workers> =>
  Effect.scoped(
    Effect.gen(function* () {
      const server = yield* Own;
      const workers = yield* Workers;
      const self = yield* open(options, server, workers.start);
      yield* Effect.addFinalizer(() => leave(self));
      const offer = (input: Input) => Queue.offer(self.mailbox, input).pipe(Effect.asVoid);
      const { zone, agent: name } = options;
      return yield* Effect.raceAllFirst([
        beat(self),
        forEver(hearZone(self)),
        sayReports(self),
        forEver(
          server.live.hear(subjects.agentThroughs(zone, name), (message) => {
            const through = readBody("through", message, options.note);
            return through === undefined ? Effect.void : offer({ type: "Covered", through });
          }),
        ),
        forEver(server.inbox.take("agent", zone, name, (delivery) => offer({ type: "Command", delivery }))),
        Effect.suspend(() => offerTick(self)).pipe(Effect.delay(limits.TICK_EVERY), Effect.forever),
        Queue.take(self.mailbox).pipe(
          Effect.flatMap((input) => handle(self, input)),
          Effect.forever,
        ),
      ]);
    }),
  );

/** A server that ends a subscription or a pull is heard again as soon as it can be. */
const forEver = (listening: Effect.Effect<never, ServerError>): Effect.Effect<never, ServerError> =>
  Effect.retry(listening, {
    schedule: Schedule.spaced(limits.LISTEN_AGAIN_EVERY),
    while: ({ reason }) => reason === "unavailable",
  });

const offerTick = (self: Agent): Effect.Effect<void> => {
  if (self.isTickQueued) return Effect.void;
  self.isTickQueued = true;
  return Queue.offer(self.mailbox, { type: "Tick" }).pipe(Effect.asVoid);
};

const open = Effect.fnUntraced(function* (
  options: AgentOptions,
  server: Server,
  startWorker: () => WorkerProcess,
) {
  const { zone, agent: name, note } = options;
  const spare = startWorker();
  // Also while it still waits for its zone: a worker that is left behind would hold this process.
  yield* Effect.addFinalizer(() => Effect.promise(() => spare.kill()));
  const missing = `waiting for zone ${zone}: mesh zone ${zone}`;
  const words = ({ detail, reason }: ServerError): string =>
    reason === "not-provisioned" ? missing : `${missing} (${detail})`;
  const clock = yield* waitFor(server.clock(subjects.agentBeat(zone, name)), words, note);
  tellClock(clock, note);
  const self: Agent = {
    options,
    server,
    clock,
    startWorker,
    mailbox: yield* Queue.bounded<Input>(limits.MAILBOX),
    outbox: yield* Queue.bounded<Said>(limits.OUTBOX),
    session: options.newSession(),
    epoch: 0,
    incarnation: undefined,
    part: undefined,
    assignedAt: 0,
    spare,
    helloMs: Number.NEGATIVE_INFINITY,
    isTickQueued: false,
    heardMs: clock.elapsedMs(),
    reports: 0,
  };
  return self;
});

const beat = (self: Agent) =>
  Effect.suspend(() => {
    const { zone, agent: name, program, host, pid } = self.options;
    const runs = self.part === undefined ? [] : [self.part.run];
    const incarnation = self.incarnation ?? 0;
    const body = {
      type: "Beat",
      node: name,
      session: self.session,
      incarnation,
      protocol: PROTOCOL,
      program,
      host,
      pid,
      runs,
      agents: [],
      member: self.incarnation !== undefined,
    };
    return self.server.live.tell(
      subjects.agentBeat(zone, name),
      outgoing({ id: "", time: self.clock.now(), actor: name }, body),
    );
  }).pipe(Effect.andThen(Effect.sleep(limits.BEAT_EVERY)), Effect.forever);

const hearZone = (self: Agent) =>
  self.server.live.hear(subjects.zonePulse(self.options.zone), ({ envelope, data }) =>
    Effect.sync(() => {
      if (envelope.type !== "Pulse") return;
      const heard = readBody("pulse", { envelope, data }, self.options.note);
      if (heard !== undefined) self.heardMs = self.clock.elapsedMs() - heard.silentMs;
    }),
  );

/** Leaves in order: no worker stays behind, and the zone need not wait for silence. */
const leave = (self: Agent): Effect.Effect<void> =>
  Effect.gen(function* () {
    const workers = [...(self.part?.workers ?? []), ...(self.spare === undefined ? [] : [self.spare])];
    yield* Effect.promise(() => Promise.all(workers.map((worker) => worker.kill())));
    if (self.incarnation !== undefined) {
      yield* report(self, { type: "Goodbye", session: self.session, incarnation: self.incarnation });
    }
    yield* sayRest(self);
  }).pipe(Effect.timeout(limits.LEAVE_WITHIN), Effect.ignore);
