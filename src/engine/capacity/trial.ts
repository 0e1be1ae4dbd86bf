/**
 * One worker process that runs one plan against the target, as an agent would run it: the real process, the real HTTP
 * client, every metric on. Hands back what its frames counted per window. It judges nothing.
 */
import type { PlanRequest } from "../../../streams/schema/plan.ts";
import { decodeInterval } from "../../domain/interval/codec.ts";
import { planRun } from "../../domain/plan/normalize.ts";
import { seriesIdOf } from "../../domain/metric/series.ts";
import type { SeriesDefinition } from "../../domain/metric/definition.ts";
import { ENTRY } from "../artifact.ts";
import { startWorker } from "../worker.ts";

/** One counter, or the passes and fails of a rate, in one window. */
export interface Count {
  readonly window: number;
  readonly metric: string;
  readonly scenario: string;
  readonly count: number;
  /** Of a rate: how many of them were true. */
  readonly passes: number;
}

export interface Trial {
  readonly counts: readonly Count[];
  /** Memory of the worker at the end of each window, in bytes. */
  readonly rssBytes: readonly number[];
}

/** Between telling the worker to start and its start. */
const AHEAD_NS = 100_000_000n;
/** What a worker may take on top of its load before it counts as stuck. */
const GRACE_MS = 15_000;

/**
 * The script, as the bundler would write it. `in_time` tells whether an iteration began within 1 ms of its instant,
 * which follows from its index and from the start, in µs on the machine's monotonic clock.
 */
const SCRIPT = `
const { http, check, sleep, exec, Rate } = require("loadmesh");
const inTime = new Rate("in_time");
const originUs = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1000;
const request = async () => {
  const response = await http.get(__ENV.TARGET_URL, { tags: { name: "target" } });
  check(response, { "is 200": (r) => r.status === 200 });
};
exports.loop = request;
exports.wait = async () => {
  await request();
  await sleep(1);
};
exports.arrive = async (data) => {
  const { iterationInTest, name } = exec.scenario;
  const dueUs = data.startUs + data.starts[name] + (iterationInTest * 1e6) / data.rates[name];
  inTime.add(originUs + performance.now() * 1000 - dueUs <= 1000);
  await request();
};
`;

const BUNDLE = new TextEncoder().encode(
  JSON.stringify({ format: 1, packages: {}, script: { [ENTRY]: SCRIPT } }),
);

/** Runs to its end. @throws Error when the worker cannot, or does not end in time */
export async function runTrial(
  scenarios: object,
  seconds: number,
  url: string,
  setupData: object = {},
): Promise<Trial> {
  const worker = startWorker();
  const counts: Count[] = [];
  const rssBytes: number[] = [];
  const definitions = new Map<unknown, SeriesDefinition>();
  worker.onFrame((bytes) => {
    const { head, definitions: added, series } = decodeInterval(bytes);
    for (const each of added) definitions.set(seriesIdOf(each), each);
    for (const { id, cell } of series) {
      const { metric = "", tags = {} } = definitions.get(id) ?? {};
      const [count, passes] =
        cell.kind === "counter" ? [cell.value, 0] : cell.kind === "rate" ? [cell.total, cell.passes] : [0, 0];
      counts.push({ window: head.window, metric, scenario: tags["scenario"] ?? "", count, passes });
    }
    for (const { rssKb } of head.health) rssBytes[head.window] = rssKb * 1024;
  });
  const failed = worker.lost.then(({ cause, lastLines }) => {
    throw new Error([`the worker ${cause}`, ...lastLines].join("\n"));
  });
  failed.catch(() => undefined);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const stuck = new Error("the worker did not end in time");
    timer = setTimeout(() => reject(stuck), seconds * 1000 + GRACE_MS);
  });
  try {
    const started = await Promise.race([worker.init(assignment(scenarios, url)), failed, late]);
    if (!started.ok) throw new Error(started.error.message);
    const startAtNs = process.hrtime.bigint() + AHEAD_NS;
    worker.start(startAtNs, { startUs: Number(startAtNs / 1000n), ...setupData });
    await Promise.race([worker.ended, failed, late]);
    return { counts, rssBytes };
  } finally {
    clearTimeout(timer);
    await worker.kill();
  }
}

function assignment(scenarios: object, url: string) {
  const request: PlanRequest = {
    script: "capacity",
    bundle: "0".repeat(64),
    options: { scenarios },
    exports: ["loop", "wait", "arrive"],
    flags: {},
    zones: [{ zone: "local", weight: 1 }],
    agents: 1,
    env: [],
    embedded: true,
    seed: 0,
  };
  const planned = planRun(request);
  if (!planned.ok) throw new Error(JSON.stringify(planned.problems));
  const names = { name: "local-1.1/w0", agent: "local-1", zone: "local", runId: "capacity" };
  return { ...names, bundle: BUNDLE, plan: planned.plan, share: [], env: { TARGET_URL: url }, seed: 0 };
}
