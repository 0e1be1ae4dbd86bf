/** One line a second while a run goes on, from root's merged intervals, and a line for each thing that happens. */
import type { RunEvent } from "../../../streams/events/run.ts";
import type { Cell } from "../../domain/metric/cell.ts";
import { plannedUs, type RunState } from "../../domain/run/state.ts";
import type { Follower, View } from "../../roles/door/follow-run.ts";

const LINE_EVERY_MS = 1000;

export function progressLine(run: string, note: (line: string) => void): Follower {
  let windows = 0;
  let shownMs = 0;
  return {
    onEvent: (event, _, view) => {
      const line = eventLine(run, event, view);
      if (line !== undefined) note(line);
    },
    onInterval: (view) => {
      windows = view.metrics?.log.windows.total ?? windows;
      const elapsedMs = windows * (view.state.plan?.windowMs ?? 0);
      if (elapsedMs < shownMs + LINE_EVERY_MS) return;
      shownMs = elapsedMs;
      note(intervalLine(view, elapsedMs));
    },
  };
}

function intervalLine({ state, metrics }: View, elapsedMs: number): string {
  const plannedS = state.plan === undefined ? 0 : plannedUs(state.plan) / 1e6;
  const parts = [
    clockOf(elapsedMs / 1000, plannedS),
    `iterations=${counter(metrics?.cell("iterations"))}`,
    `requests=${counter(metrics?.cell("http_reqs"))}`,
    `failed=${failedShare(metrics?.cell("http_req_failed"))}`,
    `p95=${percentile(metrics?.cell("http_req_duration"))}`,
  ];
  const dropped = counter(metrics?.cell("dropped_iterations"));
  return [...parts, ...(dropped === "0" ? [] : [`dropped=${dropped}`])].join("  ");
}

/** `3s/6s`; after the planned end, while iterations may still end, `6s+1s`. */
const clockOf = (elapsedS: number, plannedS: number): string =>
  elapsedS > plannedS
    ? `${seconds(plannedS)}+${seconds(elapsedS - plannedS)}`
    : `${seconds(elapsedS)}/${seconds(plannedS)}`;

const many = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
const seconds = (value: number): string => `${Math.round(value)}s`;
const counter = (cell: Cell | undefined): string => (cell?.kind === "counter" ? String(cell.value) : "0");

function failedShare(cell: Cell | undefined): string {
  if (cell?.kind !== "rate" || cell.total === 0) return "0%";
  return `${((cell.passes / cell.total) * 100).toFixed(cell.passes === 0 ? 0 : 2)}%`;
}

function percentile(cell: Cell | undefined): string {
  if (cell?.kind !== "trend" || cell.count === 0) return "-";
  return `${((cell.quantile(95) ?? 0) / 1000).toFixed(1)}ms`;
}

/** Where the gap begins that a lost agent leaves; nothing before the start, when there was no load yet. */
function unknownAfter(
  { loss }: RunEvent & { readonly type: "AgentLost" },
  { plan, startAt }: RunState,
): string {
  if (plan === undefined || startAt === undefined) return "";
  return `; nothing is known of it after ${seconds(((loss.lastWindow + 1) * plan.windowMs) / 1000)}`;
}

function eventLine(run: string, event: RunEvent, { state }: View): string | undefined {
  switch (event.type) {
    case "RunPlanned":
      return `run ${run}: ${Object.keys(event.plan.scenarios).join(", ")} over ${event.plan.zones.map(({ zone }) => zone).join(", ")}`;
    case "StageAttempted":
      return event.stage === "summary" ? undefined : `${event.stage} on agent ${event.agent}`;
    case "StageEnded":
      return event.result === "succeeded"
        ? undefined
        : `${event.stage} ${event.result}: ${event.failure?.message ?? ""}`;
    case "RunStarted":
      return `started: ${many(state.members.length, "agent")}, ${many(workersOf(state), "worker")}`;
    case "AgentLost":
      return `lost agent ${event.loss.agent} of zone ${event.zone}: ${event.loss.reason}${unknownAfter(event, state)}`;
    case "ZoneLost":
      return `lost zone ${event.zone}: ${event.reason}`;
    case "RunStopping":
      return `stopping: ${event.cause.message}${event.cause.by === "" ? "" : ` (${event.cause.by})`}`;
    case "LeaderChanged":
      return `root ${event.root} took over`;
    default:
      return undefined;
  }
}

const workersOf = ({ members }: View["state"]): number =>
  members.reduce((sum, { workers }) => sum + workers, 0);
