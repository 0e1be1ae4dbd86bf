/** Doors: they ask for the runs of a seed, follow them, and one of them may want to stop its run. The real use cases. */
import { createHash } from "node:crypto";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import type { Server } from "../../src/ports/server.ts";
import { requestNote, requestRun } from "../../src/roles/door/ask.ts";
import { followRun } from "../../src/roles/door/follow-run.ts";
import { stopRun } from "../../src/roles/door/stop-run.ts";
import type { Process } from "./kernel/process.ts";
import { encodeModel } from "./load/script-model.ts";
import type { Mesh } from "./mesh.ts";
import type { AskedNote } from "./auditor/evidence.ts";
import type { NotePlan, RunPlan } from "./swarm.ts";

/** Asking twice is asking once. */
const TRIES = 2;

/** What a door knows of its run. */
export interface Asked {
  readonly run: string;
  /** Why it was never asked for, in the door's words. */
  failure: string | undefined;
  isOver: boolean;
}

export function openDoors(mesh: Mesh, runs: readonly RunPlan[]): readonly Asked[] {
  const asked = runs.map(({ run }): Asked => ({ run, failure: undefined, isOver: false }));
  const [first, second] = runs.map((plan, index) => () => openDoor(mesh, plan, asked[index] as Asked, next));
  const isAfter = runs[1]?.afterFirst === true;
  let hasNext = isAfter;
  function next(): void {
    if (!hasNext || second === undefined) return;
    hasNext = false;
    second();
  }
  if (first !== undefined) mesh.kernel.at(runs[0]?.askAtUs ?? 0, first);
  if (second !== undefined && !isAfter) mesh.kernel.at(runs[1]?.askAtUs ?? 0, second);
  return asked;
}

function openDoor(mesh: Mesh, plan: RunPlan, asked: Asked, onOver: () => void): void {
  const { process, server } = mesh.door(`door-${plan.run}`);
  const over = (failure: string | undefined) => {
    asked.failure = failure;
    asked.isOver = true;
    process.note(failure ?? `${plan.run} is over`);
    onOver();
  };
  const bundle = encodeModel(plan.model);
  const request = { ...plan.request, bundle: createHash("sha256").update(bundle).digest("hex") };
  const environment = { env: {}, scenarios: {} };
  const asking = { run: plan.run, request, bundle, sourceMap: "", environment, actor: "somebody@somewhere" };
  process.run(
    requestRun(server, asking).pipe(
      Effect.retry({ times: TRIES }),
      Effect.andThen(followUntilTheEnd(server, plan.run)),
    ),
    (exit) => over(exit._tag === "Success" ? undefined : "nobody took the run up"),
  );
  if (plan.stopAfterUs !== undefined) process.after(plan.stopAfterUs, () => stop(mesh, plan.run));
}

/** A server that is away for a moment does not end the door's interest. */
const followUntilTheEnd = (server: Server, run: string) =>
  followRun(server, run, {}).pipe(Effect.retry(Schedule.spaced("250 millis")));

/** Each by a door of its own, with the patience of the real one. */
export function writeNotes(mesh: Mesh, notes: readonly NotePlan[]): readonly AskedNote[] {
  return notes.map(({ atUs, id, run }) => {
    const asked = { run, id, isHeard: false };
    mesh.kernel.at(atUs, () => {
      const { process, server } = mesh.door(`door-${id}`);
      process.run(requestNote(server, run, "somebody@somewhere", "it was odd", id), ({ _tag }) => {
        asked.isHeard = _tag === "Success";
      });
    });
    return asked;
  });
}

function stop(mesh: Mesh, run: string): void {
  const { process, server }: { process: Process; server: Server } = mesh.door(`stop-${run}`);
  const request = { run, actor: "person", id: `stop-${run}`, reason: "enough", onStopping: () => {} };
  process.run(Effect.asVoid(stopRun(server, request)));
}
