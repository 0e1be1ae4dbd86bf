/**
 * From an assignment to the start: fetch the bundle, start the workers, initialise their VUs, arrive at the barrier,
 * wait for its release. Runs beside the agent's mailbox, because setup is asked for while others wait.
 */
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import type { Failure, WorkerDeath } from "../../../streams/schema/cause.ts";
import type { Division } from "../../../streams/schema/share.ts";
import { divideGuards } from "../../domain/guard/ceilings.ts";
import { type RunEnvironment, withValues } from "../../domain/plan/environment.ts";
import { deathText } from "../../domain/run/death.ts";
import { setupsOf } from "../../domain/run/stages.ts";
import { subjects } from "../../../streams/subjects.ts";
import { type Asked, type ServerClock, ServerError } from "../../ports/server.ts";
import type { DataBytes, ScriptFailure, WorkerLoss, WorkerProcess } from "../../ports/workers.ts";
import { knownServers } from "../control-plane.ts";
import { bundleOf, dataFile, environmentOf, sourceMapOf } from "../object-names.ts";
import { arrive, awaitRelease, getOnce } from "../sync.ts";
import { CLOCK_WITHIN, LAST_LINE_LENGTH, LAST_LINES, LISTEN_AGAIN_EVERY } from "./limits.ts";
import type { Agent } from "./self.ts";
import { type Part, type Readiness, type Setups, type Start, workerName } from "./part.ts";

export const getReady = Effect.fnUntraced(function* (
  self: Agent,
  part: Part,
): Effect.fn.Return<Readiness, ServerError> {
  const clock = yield* measureClock(self);
  const failure = yield* initialise(self, part, clock);
  if (failure !== undefined) return { ok: false, failure };
  const scope = { server: self.server, zone: self.options.zone, run: part.run, actor: part.agent };
  yield* patiently(arrive(scope, "ready", part.agent, part.incarnation));
  const start = (yield* awaitRelease(scope, "ready")) as Start;
  const setup = yield* patiently(getOnce(scope, "setup"));
  const hasOwn = setupsOf(part.asked.plan).some((stage) => stage !== "setup");
  const setups = hasOwn ? ((yield* patiently(getOnce(scope, "setups"))) as Setups) : {};
  return { ok: true, start, setup, setups, clock };
});

/** Clocks drift: every part begins with a new measurement. Where it fails, the old one stays. */
const measureClock = ({ server, clock, options }: Agent): Effect.Effect<ServerClock> => {
  const measured = server.clock(subjects.agentBeat(options.zone, options.agent));
  return Effect.orElseSucceed(Effect.timeout(measured, CLOCK_WITHIN), () => clock);
};

/** One answer that was lost is no reason to fail a run; how long all of them may take together, root decides. */
const patiently = <A>(asked: Asked<A>): Asked<A> =>
  Effect.retry(asked, {
    schedule: Schedule.spaced(LISTEN_AGAIN_EVERY),
    while: ({ reason }) => reason === "unavailable",
  });

/** A bundle, its data files and its environment are there before an agent is asked. */
const missingObject: Failure = {
  kind: "invalid",
  message: "the bundle, a data file or the environment is not in the zone's store",
};

const initialise = Effect.fnUntraced(function* (self: Agent, part: Part, clock: ServerClock) {
  const objects = yield* patiently(fetchObjects(self, part));
  if (objects === undefined) return missingObject;
  const { controlPlane = [], guards, share, workers } = part.asked;
  const known = yield* knownServers(self.server, self.options.controlPlane);
  const servers = [...new Set([...controlPlane, ...known])];
  const { bundle, environment, files, sourceMap } = objects;
  const plan = withValues(part.asked.plan, environment);
  const results = yield* Effect.forEach(
    part.workers,
    (worker, index) =>
      firstOf(worker, () =>
        worker.init({
          name: workerName(part, index),
          bundle,
          ...(sourceMap === undefined ? {} : { sourceMap }),
          env: environment.env,
          ...(environment.secrets === undefined ? {} : { secrets: environment.secrets }),
          plan,
          files,
          share: [...share, divisionAt(workers, index)],
          ...(guards === undefined ? {} : { guards: divideGuards(guards, divisionAt(workers, index)) }),
          controlPlane: servers,
          agent: part.agent,
          zone: self.options.zone,
          runId: part.run,
          seed: plan.seed,
          clockOffsetUs: clock.offsetUs,
        }),
      ),
    { concurrency: "unbounded" },
  );
  return results.find((failure) => failure !== undefined);
});

/** Workers of an agent are alike. */
const divisionAt = (workers: number, index: number): Division => ({
  weights: Array.from({ length: workers }, () => 1),
  index,
});

const fetchObjects = Effect.fnUntraced(function* (self: Agent, part: Part) {
  const where = { asset: "zoneObjects", zone: self.options.zone } as const;
  const { plan, run } = part.asked;
  const { objects } = self.server;
  const bundle = yield* objects.get(where, bundleOf(plan.bundle));
  const sourceMap = yield* objects.get(where, sourceMapOf(plan.bundle));
  const stored = plan.env.length === 0 ? undefined : yield* objects.get(where, environmentOf(run));
  if (bundle === undefined || (plan.env.length > 0 && stored === undefined)) return undefined;
  const files: DataBytes[] = [];
  for (const { name, sha256 } of plan.files ?? []) {
    const bytes = yield* objects.get(where, dataFile(sha256));
    if (bytes === undefined) return undefined;
    files.push({ name, bytes });
  }
  const text = new TextDecoder();
  const environment: RunEnvironment =
    stored === undefined ? { env: {}, scenarios: {} } : (JSON.parse(text.decode(stored)) as RunEnvironment);
  return {
    bundle,
    environment,
    files,
    sourceMap: sourceMap === undefined ? undefined : text.decode(sourceMap),
  };
});

/** A worker that dies while it initialises never answers; its loss is the answer. */
const firstOf = (
  worker: WorkerProcess,
  init: () => ReturnType<WorkerProcess["init"]>,
): Asked<Failure | undefined> =>
  Effect.tryPromise({
    try: () =>
      Promise.race([
        init().then((result) => (result.ok ? undefined : failureOf(result.error))),
        worker.lost.then(failureOfLoss),
      ]),
    catch: (error) =>
      new ServerError({
        operation: "initialise",
        address: worker.name,
        reason: "refused",
        detail: String(error),
      }),
  });

/** A worker that is gone, as the contract tells it: bounded, because it travels in messages and stays in the log. */
export function failureOfLoss({
  name,
  cause,
  iteration,
  lastLines,
}: WorkerLoss): Failure & { death: WorkerDeath } {
  const lines = lastLines.slice(-LAST_LINES).map((line) => line.slice(0, LAST_LINE_LENGTH));
  const known = iteration === undefined ? {} : { iteration };
  const death = { worker: name, cause, lastLines: lines, ...known };
  return { kind: "lost", message: deathText(death), death };
}

/** A script's failure as the contract tells it. */
export const failureOf = ({ name, message, stack, place }: ScriptFailure): Failure => ({
  kind: "threw",
  message: name === "" || name === "Error" ? message : `${name}: ${message}`,
  ...(place === undefined ? {} : place),
  ...(stack === "" ? {} : { stack }),
});
