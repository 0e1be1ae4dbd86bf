/**
 * One run at root: its log, root's merge of its zones' intervals, and the deadlines of its life. Everything happens
 * on root's one fiber, input after input, so a run is never decided twice at the same time.
 */
import * as Effect from "effect/Effect";
import type { RunEvent } from "../../../streams/events/run.ts";
import { subjects } from "../../../streams/subjects.ts";
import { decide } from "../../domain/run/decide.ts";
import type { RunInput } from "../../domain/run/input.ts";
import { evolve } from "../../domain/run/evolve.ts";
import { type Instruction, instruct } from "../../domain/run/instruct.ts";
import { proceed } from "../../domain/run/proceed.ts";
import { newRun, type RunState } from "../../domain/run/state.ts";
import type { Asked } from "../../ports/server.ts";
import { eraseValues, mayHaveValues } from "../erase-values.ts";
import { Journal, type Recorded } from "../journal.ts";
import { fillLinks, hubObjects } from "../link-store.ts";
import { openLink } from "../open-link.ts";
import { outgoing } from "../outgoing.ts";
import { COMMAND_EXPIRES_US, START_LEAD_US } from "./limits.ts";
import { RootIntervals } from "./root-intervals.ts";
import type { Tenure } from "./tenure.ts";

export interface RunProcess {
  readonly run: string;
  readonly tenure: Tenure;
  readonly journal: Journal<RunState, RunEvent>;
  readonly intervals: RootIntervals;
  /** Zones that refused the script for their owner, as far as this root has told of it. */
  readonly refusedBy: Set<string>;
  /** Monotonic ms at which the phase or stage was entered that has a deadline. */
  enteredMs: number;
  entered: string;
  /** What was known when late data were last looked at, since when, and whether a report has it. */
  late: { readonly known: Known | undefined; readonly sinceMs: number; isTold: boolean };
}

/** What late data change: how long root's log is, and what zones have said. The state keeps a list as it is until one has. */
type Known = Pick<RunState, "losses" | "zones"> & { readonly length: number };

export function openRun(run: string, tenure: Tenure): RunProcess {
  const { server, name } = tenure;
  return {
    run,
    tenure,
    journal: new Journal<RunState, RunEvent>({
      server,
      where: { asset: "runEvents", zone: "" },
      family: "run event",
      name: run,
      subjects: subjects.runLog(run),
      subjectOf: (type) => subjects.runEvent(run, type),
      initial: newRun,
      evolve,
      actor: name,
    }),
    intervals: new RootIntervals(run, tenure),
    refusedBy: new Set(),
    enteredMs: tenure.clock.elapsedMs(),
    entered: "",
    late: { known: undefined, sinceMs: 0, isTold: false },
  };
}

/** Decides on an input, writes what follows, tells the zones, and goes on as far as the state allows. */
export const apply = Effect.fnUntraced(function* (process: RunProcess, input: RunInput, causation: string) {
  for (const event of decide(process.journal.state, input)) yield* record(process, event, causation);
  yield* advance(process);
});

/** Takes every step that the state alone allows. */
export const advance = Effect.fnUntraced(function* (process: RunProcess) {
  for (;;) {
    const { clock, heardZones } = process.tenure;
    const around = { now: clock.now(), zones: heardZones(), leadUs: START_LEAD_US };
    const events = proceed(process.journal.state, around);
    if (events.length === 0) return;
    for (const event of events) yield* record(process, event, "");
  }
});

const record = Effect.fnUntraced(function* (process: RunProcess, event: RunEvent, causation: string) {
  const { clock, epoch } = process.tenure;
  const recorded = yield* process.journal.append(event, { epoch, time: clock.now(), causation });
  yield* tell(process, recorded);
});

/** Tells the zones what an event means for them. Ids repeat when a leader says it again, so it counts once. */
export const tell = Effect.fnUntraced(function* (process: RunProcess, recorded: Recorded<RunEvent>) {
  const { event } = recorded;
  const { journal, run, tenure } = process;
  yield* prepare(process, event);
  const controlPlane = event.type === "RunAssigned" ? yield* tenure.controlPlane : [];
  const instructions = instruct(run, journal.state, event, controlPlane);
  // Zones hear of a stop at the same time, not one after the other's acknowledgement.
  yield* Effect.forEach(instructions, (instruction) => send(process, recorded, instruction), {
    discard: true,
    concurrency: 64,
  });
});

/**
 * A zone is heard before its link is set up, and what it is told needs the link. Without this a root that ended in
 * between would be followed by none that can take over. What the zone will fetch is there before it is told to.
 */
const prepare = Effect.fnUntraced(function* ({ journal, run, tenure }: RunProcess, event: RunEvent) {
  if (event.type !== "RunAssigned") return;
  const { note, server } = tenure;
  const zones = event.shares.map(({ zone }) => zone);
  yield* Effect.forEach(zones, (zone) => openLink(server, zone), {
    discard: true,
    concurrency: "unbounded",
  });
  const { cause, plan, startAt } = journal.state;
  // Everybody has what they need once a run has started, and the values of one that is over stay erased.
  if (plan === undefined || startAt !== undefined || cause !== undefined) return;
  yield* fillLinks(server, hubObjects(run, plan), zones).pipe(
    // A zone that lacks something says so, and that ends this run; nothing else need end with it.
    Effect.catch(({ message }) => Effect.sync(() => note(`run ${run}: ${message}`))),
  );
});

function send(
  { run, tenure }: RunProcess,
  cause: Recorded<RunEvent>,
  { zone, command }: Instruction,
): Asked<void> {
  const { server, clock, epoch, name } = tenure;
  const time = clock.now();
  const header = {
    id: `${cause.id}.${zone}.${epoch}`,
    time,
    actor: name,
    epoch,
    correlation: run,
    causation: cause.id,
    expires: time + COMMAND_EXPIRES_US,
  };
  return server.log.append(subjects.zoneCommand(zone, run, command.type), outgoing(header, command)).pipe(
    Effect.asVoid,
    // What setups returned may be too long for it: then this run comes to no start, and nothing else ends with it.
    Effect.catchIf(
      ({ reason }) => reason === "too-large",
      ({ message }) => Effect.sync(() => tenure.note(`run ${run}: ${message}`)),
    ),
  );
}

/** Whoever needs the values of a run has them in memory once it has started. */
export const eraseValuesOf = ({ journal, run, tenure }: RunProcess): Effect.Effect<void> => {
  const { plan } = journal.state;
  if (!mayHaveValues(plan)) return Effect.void;
  const zones = (plan?.zones ?? []).map(({ zone }) => zone);
  return eraseValues(tenure.server, run, zones).pipe(
    Effect.map((problem) => {
      if (problem !== undefined) tenure.note(`the values of run ${run} may still be on disk: ${problem}`);
    }),
  );
};

/** Takes over a run that another root led: folds its log, then says again what zones may not have heard. */
export const resume = Effect.fnUntraced(function* (process: RunProcess) {
  const { name, epoch } = process.tenure;
  const recorded = yield* process.journal.load();
  yield* process.intervals.restore(process.journal.state);
  yield* apply(process, { type: "TakeOver", root: name, epoch }, "");
  for (const each of recorded) yield* tell(process, each);
  return recorded.at(-1)?.time ?? 0;
});
