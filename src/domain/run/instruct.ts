/**
 * What root tells its zones because of an event. A pure function of the event and the state after it, so a root
 * that takes over says the same again; ids make the repetition harmless.
 */
import type { NodeCommand } from "../../../streams/commands/node.ts";
import type { RunEvent } from "../../../streams/events/run.ts";
import type { Stage } from "../../../streams/schema/cause.ts";
import type { SummaryDocument } from "../summary/document.ts";
import { scriptData } from "../summary/script-data.ts";
import { dataOf, kindOf, ownDataOf, scenarioOf } from "./stages.ts";
import { isSettled, type RunState, topOf } from "./state.ts";

export interface Instruction {
  readonly zone: string;
  readonly command: NodeCommand;
}

/** @param controlPlane servers of the mesh that root knows; what holds for a share goes with it, and is in no run's log */
export function instruct(
  run: string,
  state: RunState,
  event: RunEvent,
  controlPlane: readonly string[] = [],
): readonly Instruction[] {
  const { plan } = state;
  if (plan === undefined) return [];
  const all = (command: NodeCommand) => state.zones.map(({ zone }) => ({ zone, command }));
  switch (event.type) {
    case "RunAssigned":
      return event.shares.map(({ zone, share, agents }) => ({
        zone,
        command: {
          type: "AssignShare",
          run,
          plan,
          share,
          agents,
          workers: 0,
          actor: state.actor,
          ...(controlPlane.length === 0 ? {} : { controlPlane }),
        },
      }));
    case "StageAttempted": {
      const { stage, zone, via, agent, incarnation } = event;
      const below = via === undefined ? {} : { zone };
      if (state.stages[stage]?.result !== undefined) return [];
      const input = stageInput(state, stage);
      return [
        {
          zone: topOf(event),
          command: { type: "RunStage", run, stage, agent, incarnation, ...below, ...input },
        },
      ];
    }
    case "RunStarted": {
      const setup = state.stages.setup?.value;
      const setups = ownDataOf(state);
      return all({
        type: "StartRun",
        run,
        startAt: event.startAt,
        ...(setup === undefined ? {} : { setup }),
        ...(setups === undefined ? {} : { setups }),
      });
    }
    case "RunStopping":
      return state.zones
        .filter((part) => !isSettled(part))
        .map(({ zone }) => ({ zone, command: { type: "StopRun", run, cause: event.cause } }));
    case "VerdictGiven":
      return event.revision === 0
        ? all({ type: "ForgetRun", run }).filter(({ zone }) => !awaited(state).includes(zone))
        : [];
    case "RunClosed":
      return awaited(state).map((zone) => ({ zone, command: { type: "ForgetRun", run } }));
    default:
      return [];
  }
}

/** Zones of which the verdict lacked something: they hold on to the run. */
const awaited = ({ late }: RunState): readonly string[] => late?.zones ?? [];

/**
 * A teardown gets what its setup returned, a scenario's setup what the run's did; handleSummary gets the summary as
 * k6's scripts read it.
 */
function stageInput(state: RunState, stage: Stage): { readonly input?: unknown } {
  const input = inputOf(state, stage);
  return input === undefined ? {} : { input };
}

function inputOf(state: RunState, stage: Stage): unknown {
  if (stage === "setup") return undefined;
  if (stage === "summary") return summaryInput(state);
  return dataOf(state, kindOf(stage) === "teardown" ? scenarioOf(stage) : undefined);
}

const summaryInput = ({ plan, stages, summary }: RunState): unknown =>
  plan === undefined || summary === undefined
    ? undefined
    : scriptData(summary.document as Partial<SummaryDocument>, plan, stages.setup?.value);
