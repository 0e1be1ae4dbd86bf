/**
 * What root does with the commands of doors, one after the other. Who asked is the principal in the subject, which
 * permissions bind, with the name that the door gave itself beside it; without a principal, that name alone.
 */
import * as Effect from "effect/Effect";
import type { DoorCommand } from "../../../streams/commands/door.ts";
import { parseSubject, subjects } from "../../../streams/subjects.ts";
import { closedZone } from "../../domain/mesh/closed-zones.ts";
import type { RunInput } from "../../domain/run/input.ts";
import { isOver, type RunState } from "../../domain/run/state.ts";
import type { Delivery, ServerError } from "../../ports/server.ts";
import { passOver } from "../from-below.ts";
import { readBody } from "../read-body.ts";
import { recordMesh } from "./mesh-log.ts";
import { removeRun, scriptOf } from "./remove-run.ts";
import { apply, openRun } from "./run-process.ts";
import { retire, type Root, unlessUnreadable } from "./self.ts";

export const command = Effect.fnUntraced(function* (self: Root, delivery: Delivery) {
  const { envelope } = delivery;
  const actor = actorOf(delivery);
  const isExpired = envelope.expires !== undefined && envelope.expires < self.tenure.clock.now();
  if (isExpired) {
    self.options.note(`${envelope.type} of ${actor} came too late and was not carried out`);
    yield* refuse(self, delivery, "it came too late");
  } else {
    const refused = (reason: string) => refuse(self, delivery, reason);
    yield* carryOut(self, delivery, actor).pipe(
      passOver(`${envelope.type} of ${actor}`, self.options.note, refused),
    );
  }
  yield* delivery.ack;
});

/** `door-ana (ana@laptop)`. */
function actorOf({ envelope, subject }: Delivery): string {
  const principal = parseSubject(subject)?.principal;
  return principal === undefined ? envelope.actor : `${principal} (${envelope.actor})`;
}

const refuse = (self: Root, delivery: Delivery, reason: string): Effect.Effect<void, ServerError> => {
  const { id, type } = delivery.envelope;
  const input = { type: "CommandRefused", command: type, actor: actorOf(delivery), reason } as const;
  return recordMesh(self.mesh, self.tenure, input, id);
};

const carryOut = Effect.fnUntraced(function* (self: Root, delivery: Delivery, actor: string) {
  const { envelope } = delivery;
  let problem = "";
  const asked = readBody("door command", delivery, (line) => {
    problem = line;
    self.options.note(line);
  });
  if (asked === undefined) return yield* refuse(self, delivery, problem);
  return yield* obey(self, asked, actor, envelope.id);
});

const obey = (
  self: Root,
  asked: DoorCommand,
  actor: string,
  id: string,
): Effect.Effect<void, ServerError> => {
  switch (asked.type) {
    case "PlanRun":
      return planRun(self, asked, actor, id);
    case "AbortRun":
      return abortRun(self, asked, actor, id);
    case "AddNote":
      return decideFor(self, asked.run, { type: "Note", id, text: asked.text, actor }, id);
    case "RemoveRun":
      return remove(self, asked.run, actor, id);
    case "DrainZone": {
      const { zone, undo = false, reason } = asked;
      return recordMesh(self.mesh, self.tenure, { type: "Drain", zone, undo, actor, reason }, id);
    }
    case "ReportRevoked": {
      const { zone, reason } = asked;
      const at = self.tenure.clock.now();
      return recordMesh(self.mesh, self.tenure, { type: "Revoked", zone, actor, at, reason }, id);
    }
  }
};

const planRun = Effect.fnUntraced(function* (
  self: Root,
  { run, request }: DoorCommand & { readonly type: "PlanRun" },
  actor: string,
  id: string,
) {
  if (self.runs.has(run)) return;
  const process = openRun(run, self.tenure);
  const past = yield* process.journal.load().pipe(unlessUnreadable(self, run));
  if (past?.length !== 0) return;
  self.runs.set(run, process);
  const { heardZones, mesh } = self.tenure;
  const closed = request.zones.flatMap(({ zone }) => closedZone(mesh(), zone, heardZones()) ?? []);
  yield* apply(process, { type: "Plan", request, actor, closed }, id);
  yield* retire(self, process);
});

const abortRun = (
  self: Root,
  { run, cause }: DoorCommand & { readonly type: "AbortRun" },
  actor: string,
  id: string,
): Effect.Effect<void, ServerError> => {
  const process = self.runs.get(run);
  if (process === undefined) return Effect.void;
  return apply(process, { type: "Stop", cause: { ...cause, by: actor } }, id);
};

/** It stands in the mesh log before anything is gone; what is gone already was removed by another command. */
const remove = Effect.fnUntraced(function* (self: Root, run: string, actor: string, id: string) {
  if (yield* isOpen(self, run)) return;
  const { server } = self.tenure;
  const last = yield* server.log.last({ asset: "runEvents", zone: "" }, subjects.runLog(run));
  if (last !== undefined) {
    const script = yield* scriptOf(server, run);
    yield* recordMesh(self.mesh, self.tenure, { type: "Removed", run, actor, script }, id);
  }
  yield* removeRun(server, run);
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

/** A run that is over and not in memory any more is read again for it. */
export const decideFor = Effect.fnUntraced(function* (
  self: Root,
  run: string,
  input: RunInput,
  causation = "",
): Effect.fn.Return<RunState | undefined, ServerError> {
  const open = self.runs.get(run);
  const process = open ?? openRun(run, self.tenure);
  if (open === undefined) {
    const past = yield* process.journal.load().pipe(unlessUnreadable(self, run));
    if (past === undefined) return undefined;
  }
  yield* apply(process, input, causation);
  return process.journal.state;
});
