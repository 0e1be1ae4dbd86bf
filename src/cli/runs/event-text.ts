/** One event of a run, or one of root's intervals, as one line of text: the essentials, never all of it. */
import type { RunEvent } from "../../../streams/events/run.ts";
import type { Cause, Failure } from "../../../streams/schema/cause.ts";
import { printableLine } from "../../domain/printable.ts";
import { deathText } from "../../domain/run/death.ts";
import type { IntervalHead } from "../../domain/interval/frame.ts";
import type { SourceRanges } from "../../domain/interval/ranges.ts";
import { titleOf } from "../../domain/run/stages.ts";
import { localTime } from "../local-time.ts";

const TYPE_WIDTH = 15;

/** `sequence  time  type  essentials`. */
export function logLine(sequence: number, timeUs: number, type: string, essentials: string): string {
  const line = `${String(sequence).padStart(6)}  ${localTime(timeUs)}  ${type.padEnd(TYPE_WIDTH)}  ${essentials}`;
  return printableLine(line).trimEnd();
}

export function eventText(event: RunEvent): string {
  switch (event.type) {
    case "RunPlanned":
      return planText(event);
    case "RunRefused":
      return `${event.problems.map(({ message, path }) => `${path}: ${message}`).join("; ")} (${event.actor})`;
    case "RunAssigned":
      return event.shares.map(({ agents, zone }) => `zone ${zone}: ${count(agents, "agent")}`).join(", ");
    case "ZoneReady":
      return `zone ${event.zone}: ${event.members.map(({ agent, workers }) => `${agent} with ${count(workers, "worker")}`).join(", ")}`;
    case "StageAttempted":
      return `${titleOf(event.stage)} on agent ${event.agent} of zone ${event.zone}`;
    case "StageEnded":
      return `${titleOf(event.stage)} ${event.result}${event.failure === undefined ? "" : `: ${failureText(event.failure)}`}`;
    case "RunStarted":
      return `start at ${localTime(event.startAt)}`;
    case "AgentLost":
      return `agent ${event.loss.agent} of zone ${event.zone}: ${event.loss.reason}; measured until window ${event.loss.lastWindow}`;
    case "WorkerLost":
      return workerLostText(event);
    case "ZoneLost":
      return `zone ${event.zone}: ${event.reason}`;
    case "RunStopping":
      return `${causeText(event.cause)}${event.evidence === undefined ? "" : `, seen in interval ${event.evidence.interval}`}`;
    case "ZoneFinished":
      return `zone ${event.zone}: ${count(event.agents.length, "agent")}, ${count(event.intervals, "interval")}${lastRequests(event)}`;
    case "LeaderChanged":
      return `root ${event.root}, epoch ${event.epoch}`;
    case "SummaryRecorded":
      return `of ${count(event.intervals, "interval")}, sha256 ${event.sha256}`;
    case "VerdictGiven":
      return `${event.outcome}, exit ${event.exitCode}: ${event.message}`;
    case "LateDataAwaited":
      return `of zone ${event.zones.join(", ")}, until ${localTime(event.until)}`;
    case "ReportRevised":
      return `revision ${event.revision} of ${count(event.intervals, "interval")}: ${event.outcome}, exit ${event.exitCode} by these figures: ${event.message}`;
    case "RunClosed":
      return event.reason;
    case "HistoryLanded":
      return `attempt ${event.attempt}: ${Object.entries(event.rows)
        .map(([table, rows]) => `${table} ${rows}`)
        .join(", ")}`;
    case "NoteAdded":
      return `${event.text} (${event.actor})`;
    default:
      return plainText(event);
  }
}

/** An event that needs no words of its own: its plain fields by name. */
function plainText(event: RunEvent): string {
  const plain = Object.entries(event).filter(([name, value]) => name !== "type" && typeof value !== "object");
  return plain.map(([name, value]) => `${name} ${String(value)}`).join(", ");
}

/** When each agent sent its last request. */
function lastRequests({ agents }: RunEvent & { readonly type: "ZoneFinished" }): string {
  const last = agents
    .filter(({ lastRequestAt }) => lastRequestAt > 0)
    .map(({ agent, lastRequestAt }) => `${agent} at ${localTime(lastRequestAt)}`);
  return last.length === 0 ? "" : `; last requests: ${last.join(", ")}`;
}

/** Everything that it wrote last: whoever looks for the cause has nothing else. */
function workerLostText({ agent, death, zone }: RunEvent & { readonly type: "WorkerLost" }): string {
  const said = deathText({ ...death, lastLines: [] });
  const lines = death.lastLines.length === 0 ? "" : `; last lines: ${death.lastLines.join(" | ")}`;
  return `${death.worker} of agent ${agent} in zone ${zone}: ${said}${lines}`;
}

function planText({ actor, plan }: RunEvent & { readonly type: "RunPlanned" }): string {
  const scenarios = Object.entries(plan.scenarios).map(([name, { executor }]) => `${name} ${executor}`);
  const zones = plan.zones.map(({ weight, zone }) => (weight === 1 ? zone : `${zone}=${weight}`));
  const labels = Object.entries(plan.labels ?? {}).map(([name, value]) => `${name}=${value}`);
  const called = labels.length === 0 ? "" : `; ${labels.join(", ")}`;
  return `${plan.script}: ${scenarios.join(", ")}; over ${zones.join(", ")}; by ${actor}${called}`;
}

const causeText = ({ by, kind, message }: Cause): string =>
  `${kind}: ${message}${by === "" ? "" : ` (${by})`}`;

const failureText = ({ column, file, line, message }: Failure): string =>
  file === undefined ? message : `${message} at ${file}:${line}:${column}`;

/** `interval 3, window 3, adds eu.1 3, 2 of 2 workers`. */
export function intervalText({ adds, expected, final, number, present, window }: IntervalHead): string {
  const parts = [
    `number ${number}`,
    `window ${window}`,
    `adds ${adds.length === 0 ? "nothing" : adds.map(rangesText).join(", ")}`,
    `${present} of ${expected} workers`,
  ];
  return [...parts, ...(final ? ["final"] : [])].join(", ");
}

const rangesText = ({ ranges, source }: SourceRanges): string =>
  `${source} ${ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(" ")}`;

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? "" : "s"}`;
