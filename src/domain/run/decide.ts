/**
 * What root decides about one run. `decide` turns an input into events; `proceed` says what follows from the state
 * alone, such as the start when everybody is ready. Time comes in as an argument: hub time, µs.
 */
import type { RunEvent } from "../../../streams/events/run.ts";
import type { Stage } from "../../../streams/schema/cause.ts";
import type { Problem } from "../../../streams/schema/plan.ts";
import { planRun } from "../plan/normalize.ts";
import { fromZone } from "./from-zone.ts";
import type { ClosedZone, RunInput } from "./input.ts";
import { noteText } from "./note.ts";
import { stageLost } from "./stage-lost.ts";
import { underWay } from "./stages.ts";
import { afterVerdict, isAfterVerdict } from "./after-verdict.ts";
import { isOver, isSettled, type RunNote, type RunState, topOf } from "./state.ts";
import { verdictOf } from "./verdict.ts";

export function decide(state: RunState, input: RunInput): readonly RunEvent[] {
  if (input.type === "Plan") return state.phase === "new" ? plan(input) : [];
  if (input.type === "Note") return note(state, input);
  if (isOver(state)) return isAfterVerdict(input) ? afterVerdict(state, input) : [];
  if (state.phase === "new") return [];
  switch (input.type) {
    case "Stop":
      return state.cause === undefined ? [stopping(input)] : [];
    case "ZoneFact":
      return fromZone(state, input.zone, input.event, input.origin);
    case "ZoneSilent":
      return zoneSilent(state, input.zone, input.reason);
    case "StageExpired":
      return stageExpired(state, input.stage);
    case "TakeOver":
      return [{ type: "LeaderChanged", root: input.root, epoch: input.epoch }];
    case "Summarised":
      return state.summary === undefined
        ? [
            {
              type: "SummaryRecorded",
              intervals: input.intervals,
              sha256: input.sha256,
              summary: input.summary,
            },
          ]
        : [];
    case "Judged":
      return judged(state, input);
    default:
      return []; // only after the verdict
  }
}

/** Notes are taken at any time of a run, also long after its end; a command that comes again is no second note. */
function note({ notes, phase }: RunState, { actor, id, text }: RunNote): readonly RunEvent[] {
  if (phase === "new" || notes.some((known) => known.id === id)) return [];
  return [{ type: "NoteAdded", id, text: noteText(text), actor }];
}

const stopping = ({ cause, evidence }: RunInput & { readonly type: "Stop" }): RunEvent => ({
  type: "RunStopping",
  cause,
  ...(evidence === undefined ? {} : { evidence }),
});

/** What is awaited is said before the verdict: whoever reads that one knows whether it is the last word. */
function judged(
  state: RunState,
  { findings, late }: RunInput & { readonly type: "Judged" },
): readonly RunEvent[] {
  const verdict: RunEvent = { type: "VerdictGiven", revision: 0, ...verdictOf(state, findings) };
  return late === undefined ? [verdict] : [{ type: "LateDataAwaited", ...late }, verdict];
}

function plan({ request, actor, closed = [] }: RunInput & { readonly type: "Plan" }): readonly RunEvent[] {
  const planned = planRun(request);
  if (planned.ok && closed.length > 0) {
    return [{ type: "RunRefused", problems: closed.map(closedZone), actor }];
  }
  return planned.ok
    ? [{ type: "RunPlanned", plan: planned.plan, actor }]
    : [{ type: "RunRefused", problems: planned.problems, actor }];
}

const closedZone = ({ zone, why, hint }: ClosedZone): Problem => ({
  path: "zones",
  message: `zone \`${zone}\` ${why} and gets no new runs`,
  hint: hint ?? `name other zones, or open it again: mesh zone drain ${zone} --undo`,
});

/** Always ends the run, whatever `onAgentLoss` says: with its zone go all agents of a share, and what they merged. */
function zoneSilent(state: RunState, zone: string, reason: string): readonly RunEvent[] {
  const part = state.zones.find((candidate) => candidate.zone === zone);
  if (part === undefined || isSettled(part)) return [];
  const lost: RunEvent = { type: "ZoneLost", zone, reason };
  const pending = underWay(state).filter((stage) => isBy(state, stage, zone));
  const stages = pending.map((stage) => stageLost(stage, `zone ${zone} was lost`));
  if (state.cause !== undefined) return [lost, ...stages];
  return [
    lost,
    ...stages,
    // The reason names the zone.
    { type: "RunStopping", cause: { kind: "agents-lost", message: reason, by: "" } },
  ];
}

const isBy = ({ stages }: RunState, stage: Stage, zone: string): boolean => {
  const by = stages[stage]?.by;
  return by !== undefined && topOf(by) === zone;
};

function stageExpired(state: RunState, stage: Stage): readonly RunEvent[] {
  const current = state.stages[stage];
  if (current?.by === undefined || current.result !== undefined) return [];
  const message = `agent ${current.by.agent} did not answer in time`;
  return [{ type: "StageEnded", stage, result: "failed", failure: { kind: "timeout", message } }];
}
