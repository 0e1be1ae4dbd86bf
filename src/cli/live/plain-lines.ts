/**
 * The live view where nothing can be redrawn (a file, a pipe, CI, a dumb terminal): a line of `key=value` pairs behind the
 * clock, each second in short runs and at the beginning of long ones, then every five. The keys are always the same.
 */
import type { Cell } from "../../domain/metric/cell.ts";
import { plannedUs } from "../../domain/run/state.ts";
import type { Follower, View } from "../../roles/door/follow-run.ts";
import { eventLine } from "./event-line.ts";
import { Tape } from "./tape.ts";
import { tellWaiting } from "./waiting.ts";

const EVERY_MS = 1000;
const LATER_EVERY_MS = 5000;
/** Up to here a line each second: all of a run that is no longer, and the beginning of any. */
const SHORT_RUN_MS = 60_000;
const BEGINNING_MS = 5000;

export function plainLines(run: string, note: (line: string) => void): Follower {
  let tape: Tape | undefined;
  let shownMs = 0;
  const hearWaiting = tellWaiting(note);
  const show = (view: View, elapsedMs: number) => {
    shownMs = elapsedMs;
    if (tape !== undefined) note(plainLine(view, tape));
  };
  return {
    onEvent: (event, _, view) => {
      hearWaiting(view);
      const elapsedMs = tape?.elapsedMs ?? 0;
      if (event.type === "VerdictGiven" && elapsedMs > shownMs) show(view, elapsedMs);
      const line = eventLine(run, event, view, false);
      if (line !== undefined) note(line);
    },
    onInterval: (view, _, head) => {
      const { metrics, state } = view;
      if (metrics === undefined || state.plan === undefined) return;
      tape ??= new Tape(state.plan);
      tape.add(metrics, head);
      const isSlow = shownMs >= BEGINNING_MS && plannedUs(state.plan) > SHORT_RUN_MS * 1000;
      const nextMs = shownMs + (isSlow ? LATER_EVERY_MS : EVERY_MS);
      if (tape.elapsedMs >= nextMs) show(view, tape.elapsedMs);
    },
  };
}

/** Counts and quantiles are of the whole run, `rps` of the last seconds. */
export function plainLine({ metrics, state }: View, tape: Tape): string {
  const plannedS = state.plan === undefined ? 0 : plannedUs(state.plan) / 1e6;
  if (metrics === undefined) return clockOf(0, plannedS);
  const { totals } = tape;
  const { counts, fromMs, toMs } = tape.recent(metrics);
  const latency = metrics.cell("http_req_duration");
  const vus = metrics.cell("vus");
  return [
    clockOf(tape.elapsedMs / 1000, plannedS),
    `iterations=${totals.iterations}`,
    `requests=${totals.requests}`,
    `failed=${failedShare(totals.failed, totals.judged)}`,
    `rps=${(toMs > fromMs ? (counts.requests / (toMs - fromMs)) * 1000 : 0).toFixed(1)}`,
    ...[50, 95, 99].map((percent) => `p${percent}=${percentile(latency, percent)}`),
    `dropped=${totals.dropped}`,
    `vus=${vus?.kind === "gauge" && vus.isSet ? vus.values.value : 0}`,
  ].join("  ");
}

/** `3s/6s`; after the planned end, while iterations may still end, `6s+1s`. */
const clockOf = (elapsedS: number, plannedS: number): string =>
  elapsedS > plannedS
    ? `${seconds(plannedS)}+${seconds(elapsedS - plannedS)}`
    : `${seconds(elapsedS)}/${seconds(plannedS)}`;

const seconds = (value: number): string => `${Math.round(value)}s`;

const failedShare = (failed: number, judged: number): string =>
  judged === 0 ? "0%" : `${((failed / judged) * 100).toFixed(failed === 0 ? 0 : 2)}%`;

function percentile(cell: Cell | undefined, percent: number): string {
  if (cell?.kind !== "trend" || cell.count === 0) return "-";
  return `${((cell.quantile(percent) ?? 0) / 1000).toFixed(1)}ms`;
}
