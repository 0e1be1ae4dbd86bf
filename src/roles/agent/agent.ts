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
import { handle } from "./handle.ts";
import * as limits from "./limits.ts";
import { type Agent, type AgentOptions, type Input, report } from "./self.ts";

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
        hearZone(self),
        server.live.hear(subjects.agentThroughs(zone, name), (message) => {
          const through = readBody("through", message, options.note);
          return through === undefined ? Effect.void : offer({ type: "Covered", through });
        }),
        server.inbox.take("agent", zone, name, (delivery) => offer({ type: "Command", delivery })),
        offer({ type: "Tick" }).pipe(Effect.delay(limits.TICK_EVERY), Effect.forever),
        Queue.take(self.mailbox).pipe(
          Effect.flatMap((input) => handle(self, input)),
          Effect.forever,
        ),
      ]);
    }),
  );

const open = Effect.fnUntraced(function* (
  options: AgentOptions,
  server: Server,
  startWorker: () => WorkerProcess,
) {
  const { zone, agent: name, note } = options;
  const spare = startWorker();
  // Also while it still waits for its zone: a worker that is left behind would hold this process.
  yield* Effect.addFinalizer(() => Effect.promise(() => spare.kill()));
  const clock = yield* server.clock(subjects.agentBeat(zone, name)).pipe(
    Effect.tapError(() => Effect.sync(() => note(`waiting for zone ${zone}: mesh zone ${zone}`))),
    Effect.retry(Schedule.spaced(limits.LOOK_EVERY)),
  );
  const now = performance.now();
  const self: Agent = {
    options,
    server,
    clock,
    startWorker,
    mailbox: yield* Queue.unbounded<Input>(),
    session: options.newSession(),
    epoch: 0,
    incarnation: undefined,
    part: undefined,
    spare,
    helloMs: Number.NEGATIVE_INFINITY,
    tickedMs: now,
    heardMs: now,
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
      if (heard !== undefined) self.heardMs = performance.now() - heard.silentMs;
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
  }).pipe(Effect.timeout(limits.LEAVE_WITHIN), Effect.ignore);
