/**
 * What the agent still has to say to its zone, in order. Saying has a fiber of its own: while the server is away the
 * agent goes on, and obeys its plan's `onSilence`. What waits is said once more when the agent leaves.
 */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import * as Schedule from "effect/Schedule";
import type { Report } from "../../../streams/messages/report.ts";
import { subjects } from "../../../streams/subjects.ts";
import type { Asked } from "../../ports/server.ts";
import { outgoing } from "../outgoing.ts";
import { OUTBOX } from "./limits.ts";
import type { Agent, Said } from "./self.ts";

/** Says something to the zone as soon as the server takes it; kept by the server until the zone has read it. */
export const report = (self: Agent, body: Report): Effect.Effect<void> =>
  Effect.sync(() => {
    const { zone, agent: name, note } = self.options;
    const header = {
      id: `${zone}/${name}/${self.session}/${self.reports++}`,
      time: self.clock.now(),
      actor: name,
      correlation: "run" in body ? body.run : self.session,
    };
    const said = { subject: subjects.agentReport(zone, name, body.type), message: outgoing(header, body) };
    if (!Queue.offerUnsafe(self.outbox, said))
      note(`${OUTBOX} reports wait already: ${body.type} is not said`);
  });

/** Says everything, one after the other, for ever. What the server refuses ends the agent. */
export const sayReports = (self: Agent): Asked<never> =>
  Queue.peek(self.outbox).pipe(
    Effect.flatMap((next) => say(self, next)),
    Effect.andThen(Queue.take(self.outbox)),
    Effect.forever,
  );

/** Says what still waits. Ids repeat, so what was said a moment ago counts once. */
export const sayRest = (self: Agent): Asked<void> =>
  Queue.clear(self.outbox).pipe(
    Effect.flatMap((rest) => Effect.forEach(rest, (next) => say(self, next), { discard: true })),
  );

const say = (self: Agent, { subject, message }: Said): Asked<number> =>
  self.server.log.append(subject, message).pipe(
    Effect.retry({
      schedule: Schedule.spaced("200 millis"),
      while: ({ reason }) => reason === "unavailable" || reason === "not-provisioned",
    }),
  );
