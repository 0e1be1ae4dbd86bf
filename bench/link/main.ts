/**
 * What faults of the link cost a run over two private zones: how soon the hub has everything after the link is sound again,
 * messages lost and doubled, and the run's figures beside the same run without the fault. Everything is the product, at
 * hosts of its own; the targets count.
 *
 *     npm run bench:link -- [seconds of a fault] [part of a fault's name]
 */
import { loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import type { SummaryDocument } from "../../src/domain/summary/document.ts";
import { carriedBy } from "../../test/support/carried.ts";
import { type LeafMesh, startLeafMesh } from "../../test/support/leaf-mesh.ts";
import { script } from "../../test/support/scripts.ts";
import { startZoneTargets, type ZoneTargets } from "../../test/support/zone-targets.ts";
import { catchUpMs } from "./catch-up.ts";
import { type Fault, faults } from "./faults.ts";

const [badS = "60", only = ""] = process.argv.slice(2);
const RATE = 100;
const BEFORE_S = 10;
const AFTER_S = 20;
const seconds = BEFORE_S + Number(badS) + AFTER_S;

interface Row {
  readonly name: string;
  readonly catchUpMs: number | undefined;
  readonly exitCode: number | null;
  readonly planned: number;
  readonly completed: number;
  readonly requests: number;
  readonly counted: number;
  readonly p50: number;
  readonly p95: number;
  readonly messages: number;
  readonly lost: number;
  readonly doubled: number;
  readonly inOrder: boolean;
}

async function measure(mesh: LeafMesh, targets: ZoneTargets, { name, strike }: Fault): Promise<Row> {
  const before = await targets.total();
  const env = { TARGET_URL: targets.url, RATE: String(RATE), SECONDS: String(seconds), SILENCE: "300s" };
  const given = Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
  const run = mesh.start(["run", script("even"), "--zones", "a,b", "--agents", "2", "--json", ...given]);
  await run.stderr.line(/^\d+s\/\d+s/, 60_000);
  await pause((BEFORE_S - 1) * 1000);
  const zone = mesh.zones["a"];
  if (zone === undefined) throw new Error("there is no zone a");
  await strike?.(mesh, zone, Number(badS) * 1000);
  const caughtUp = strike === undefined ? undefined : await catchUpMs(mesh, zone);
  const { code, stdout, stderr } = await run.exit((seconds + 120) * 1000);
  if (stdout === "") throw new Error(stderr);
  const { ledger, metrics } = JSON.parse(stdout) as SummaryDocument;
  const carried = [await carriedBy(mesh, "a"), await carriedBy(mesh, "b")];
  const sum = (key: "messages" | "lost" | "doubled") => carried.reduce((all, each) => all + each[key], 0);
  const duration = metrics["http_req_duration"]?.values ?? {};
  return {
    name,
    catchUpMs: caughtUp,
    exitCode: code,
    planned: ledger.total.planned,
    completed: ledger.total.completed,
    requests: metrics["http_reqs"]?.values["count"] ?? 0,
    counted: (await targets.total()) - before,
    p50: duration["med"] ?? 0,
    p95: duration["p(95)"] ?? 0,
    messages: sum("messages"),
    lost: sum("lost"),
    doubled: sum("doubled"),
    inOrder: carried.every(({ inOrder }) => inOrder),
  };
}

await using mesh = await startLeafMesh({ agents: { a: 1, b: 1 } });
await using targets = await startZoneTargets(mesh.network);
console.log(
  `two zones, one agent each, ${RATE} requests/s for ${seconds} s; the fault begins after ${BEFORE_S} s and lasts ` +
    `${badS} s unless it says otherwise; load average before ${loadavg()[0]?.toFixed(1)}`,
);
const heads = [
  "caught up",
  "exit",
  "planned",
  "completed",
  "requests",
  "target",
  "p50",
  "p95",
  "lost",
  "doubled",
];
console.log(`${"".padEnd(40)}${heads.map((head) => head.padStart(11)).join("")}`);
for (const fault of faults.filter(({ name }) => name.includes(only))) {
  const row = await measure(mesh, targets, fault);
  const cells = [
    row.catchUpMs === undefined ? "–" : `${(row.catchUpMs / 1000).toFixed(2)} s`,
    row.exitCode,
    row.planned,
    row.completed,
    row.requests,
    row.counted,
    `${row.p50.toFixed(2)} ms`,
    `${row.p95.toFixed(2)} ms`,
    `${row.lost}/${row.messages}`,
    row.doubled,
  ];
  const order = row.inOrder ? "" : "  OUT OF ORDER";
  console.log(`${fault.name.padEnd(40)}${cells.map((cell) => String(cell).padStart(11)).join("")}${order}`);
}
