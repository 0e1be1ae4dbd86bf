/**
 * Entry of the child process that runs a script's module scope once, to learn its options, what it exports and which
 * metrics it makes. It has no HTTP client: nothing may be measured before there is a run.
 */
import type { DeclaredMetric, Problem } from "../../streams/schema/plan.ts";
import type { KnownMetrics } from "../script/custom-metrics.ts";
import { openOf } from "../script/data.ts";
import { DataFileError } from "../script/data-file-error.ts";
import { DataFiles } from "../script/data-files.ts";
import { mathOf } from "../script/random.ts";
import { TagScope } from "../script/tag-scope.ts";
import { VuState, type WorkerSettings } from "../script/vu-state.ts";
import { makeWorld } from "../script/world.ts";
import { DiskFiles } from "./disk-files.ts";
import { jsonProblems } from "./json-problems.ts";
import { watchFromThread } from "./thread-watch.ts";
import { Program } from "./program.ts";
import type { DataBytes, ScriptFailure } from "../ports/workers.ts";
import { SourcePlaces } from "./source-places.ts";

export type { Artifact } from "./artifact.ts";
export type { DataBytes, ScriptFailure } from "../ports/workers.ts";

export interface InspectRequest {
  readonly bundle: Uint8Array;
  readonly sourceMap: string;
  readonly env: Readonly<Record<string, string>>;
  readonly seed: number;
  /** Of the script: its data files are looked for there. */
  readonly folder: string;
}

export type InspectReply =
  | {
      readonly kind: "inspected";
      readonly options: unknown;
      readonly exports: readonly string[];
      /** What module scope made, in its order. */
      readonly metrics: readonly DeclaredMetric[];
      /** What module scope read. */
      readonly files: readonly DataBytes[];
    }
  | { readonly kind: "options"; readonly problems: readonly Problem[] }
  | { readonly kind: "threw"; readonly error: ScriptFailure }
  | { readonly kind: "data-file"; readonly error: ScriptFailure; readonly at: DataFileError["at"] };

const settings: Omit<WorkerSettings, "seed" | "files"> = {
  scenarios: [],
  sink: { nowUs: () => 0, series: () => 0, add: () => undefined },
  requestTimeoutMs: 0,
  discardResponseBodies: false,
  userAgent: "",
  reuseConnections: true,
  verifyTls: true,
  http: {},
  forgotten: { warned: true, seen: false },
  traffic: { interruptedRequests: 0, lastRequestUs: undefined },
  abort: () => undefined,
  warn: () => undefined,
  mistake: () => undefined,
};

function evaluate(request: InspectRequest, known: KnownMetrics, files: DataFiles): Record<string, unknown> {
  const identity = { idInTest: 0, idInInstance: 0, scenario: "", executor: "" as const, scenarioStartMs: 0 };
  const state = new VuState(
    { ...settings, files, seed: request.seed },
    identity,
    new TagScope(settings.sink, {}),
  );
  const client = {
    request: async (method: string): Promise<never> => {
      state.needRun(`http.${method.toLowerCase()}`);
      throw new Error("there is no run yet");
    },
  };
  const loadmesh = makeWorld(state, client, known);
  const program = new Program(request.bundle);
  return program.instantiate({
    loadmesh,
    numbers: { vu: 0, iteration: 0 },
    env: request.env,
    open: openOf(state),
    math: mathOf(state.random),
  });
}

function inspect(request: InspectRequest): InspectReply {
  const disk = new DiskFiles(request.folder);
  try {
    const known: KnownMetrics = new Map();
    const exported = evaluate(request, known, new DataFiles(disk.bytesOf));
    const options = exported["options"];
    const problems = jsonProblems(options, "options");
    if (problems.length > 0) return { kind: "options", problems };
    const functions = Object.keys(exported).filter((name) => typeof exported[name] === "function");
    const plain: unknown = options === undefined ? undefined : JSON.parse(JSON.stringify(options));
    const metrics = [...known.values()].map(({ name, kind }) => ({ name, kind }));
    return { kind: "inspected", options: plain, exports: functions, metrics, files: disk.read };
  } catch (error) {
    const failure = new SourcePlaces(request.sourceMap).describe(error);
    if (!(error instanceof DataFileError)) return { kind: "threw", error: failure };
    return { kind: "data-file", error: failure, at: error.at };
  }
}

watchFromThread();
process.once("message", (request: InspectRequest) => {
  const reply = inspect(request);
  // What module scope left running (timers, sockets) must not keep this process.
  process.send?.(reply, () => process.exit(0));
});
process.on("disconnect", () => process.exit(0));
// What a terminal or a supervisor sends reaches the whole process group; the command decides what it means.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
process.on("unhandledRejection", () => undefined);
