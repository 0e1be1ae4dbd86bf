/**
 * What the live view of `mesh run` costs: the CPU of the real panel, fed with root's intervals in real time (five windows a
 * second, three zones, ten thresholds, 29 series, 200 arrivals a second) and drawn into a stream that counts bytes. Beside it
 * the same process with the fold of the intervals alone, which any door does, and the limit: 1 % of a core.
 *
 * Run: npm run bench:live-view -- [seconds]
 */
import { setTimeout as pause } from "node:timers/promises";
import { PanelView } from "../../src/cli/live/live-view.ts";
import { type Stream, Terminal } from "../../src/cli/live/terminal.ts";
import type { Follower, View } from "../../src/roles/door/follow-run.ts";
import { addFrame, framesOf, livePlan, upToStart, viewOf } from "../../test/unit/cli/live/fixture.ts";

const seconds = Number(process.argv[2] ?? 20);
const WINDOW_MS = 200;
const LIMIT_MS = 10;
const ENDPOINTS = ["login", "products", "product", "basket", "orders", "logout"];

const plan = livePlan(
  {
    http_req_duration: ["p(95)<300", "p(99)<900"],
    http_req_failed: ["rate<0.05"],
    dropped_iterations: ["count<10"],
    ...Object.fromEntries(ENDPOINTS.map((name) => [`http_req_duration{name:${name}}`, ["p(95)<400"]])),
  },
  WINDOW_MS,
);
const frames = framesOf({ windows: (seconds * 1000) / WINDOW_MS, windowMs: WINDOW_MS, failing: 0.01 });

let bytes = 0;
const ROUNDS = 3;
let writes = 0;
const stream: Stream = {
  isTTY: true,
  columns: 100,
  rows: 40,
  write: (text: string | Uint8Array) => {
    bytes += Buffer.byteLength(text);
    writes += 1;
    return true;
  },
  on: () => stream as never,
  off: () => stream as never,
};

/** CPU ms per second while the frames come in at their pace. */
async function cpuOf(follower: Follower): Promise<number> {
  const view: View = viewOf(upToStart(plan));
  follower.onEvent?.({ type: "RunReady" }, undefined as never, view);
  const [usage, began] = [process.cpuUsage(), performance.now()];
  for (const [n, frame] of frames.entries()) {
    const head = addFrame(view, frame);
    follower.onInterval?.(view, undefined as never, head);
    await pause(Math.max(0, began + (n + 1) * WINDOW_MS - performance.now()));
  }
  const { system, user } = process.cpuUsage(usage);
  return (user + system) / (performance.now() - began);
}

const shown = (value: number): string => value.toFixed(2);
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
process.env["FORCE_COLOR"] = "1";

/** A view of its own each time, drawing as it would. */
async function withView(): Promise<number> {
  const panel = new PanelView("bench", new Terminal(stream, { LANG: "C.UTF-8" }), () => {});
  return cpuOf(panel).finally(() => panel.close());
}

// Whoever runs first pays for compiling: one round of each is thrown away, then they take turns.
await cpuOf({});
await withView();
[writes, bytes] = [0, 0];
const rounds: { folding: number; whole: number }[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const folding = await cpuOf({});
  rounds.push({ folding, whole: await withView() });
}
const [folding, whole] = [
  median(rounds.map((each) => each.folding)),
  median(rounds.map((each) => each.whole)),
];
const perSecond = (count: number) => count / (seconds * ROUNDS);
console.log(
  `${ROUNDS} rounds of ${seconds} s; ${perSecond(writes).toFixed(1)} drawings and ${Math.round(perSecond(bytes))} bytes per second`,
);
console.log(`fold of the intervals alone: ${shown(folding)} ms CPU per second (median)`);
console.log(`with the live view:          ${shown(whole)} ms CPU per second (median)`);
console.log(
  `live view: ${shown(whole - folding)} ms/s, ${shown((whole - folding) / LIMIT_MS)} of the limit (${LIMIT_MS} ms/s, 1 % of a core); fold included: ${shown(whole / LIMIT_MS)}`,
);
