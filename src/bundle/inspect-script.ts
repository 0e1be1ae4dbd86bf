/**
 * Learns a script's options, exports and metrics by running its module scope once in a child process with a cleaned
 * environment, which is ended whatever happens. Options stay as the script wrote them; the plan validates them.
 */
import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import type { DeclaredMetric, Problem } from "../../streams/schema/plan.ts";
import type { DataBytes, InspectReply, InspectRequest, ScriptFailure } from "../engine/inspect-main.ts";
import { entryFile } from "../entry-file.ts";
import type { Bundle } from "./artifact.ts";
import { INSPECT_MS } from "./limits.ts";
import { codeFrame, ScriptError } from "./script-error.ts";

export interface Inspection {
  /** `export const options`, plain JSON; undefined when the script exports none. */
  readonly options: unknown;
  /** Names of exported functions. */
  readonly exports: readonly string[];
  /** Metrics of its own. */
  readonly metrics: readonly DeclaredMetric[];
  /** The files that it read. */
  readonly files: readonly DataBytes[];
}

const MAIN = entryFile("../engine/inspect-main", import.meta.url);

type Outcome = InspectReply | { readonly kind: "gone"; readonly cause: string; readonly output: string };

function startChild(): ChildProcess {
  const env = Object.fromEntries(
    ["PATH", "TZ", "LANG", "NODE_COMPILE_CACHE"].flatMap((name) =>
      process.env[name] ? [[name, process.env[name]]] : [],
    ),
  );
  return fork(MAIN, [], {
    serialization: "advanced",
    execArgv: [],
    env,
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}

/** The child's answer, or why there is none; the child is gone when this resolves. */
function ask(child: ChildProcess, request: InspectRequest, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    let reply: InspectReply | undefined;
    let late = false;
    let output = "";
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    child.stderr
      ?.setEncoding("utf8")
      .on("data", (text: string) => (output = `${output}${text}`.slice(-4_000)));
    child.on("message", (message) => (reply = message as InspectReply));
    child.once("error", (error) => resolve({ kind: "gone", cause: error.message, output }));
    child.once("close", (code, signal) => {
      clearTimeout(timer);
      const oom = /heap out of memory/.test(output);
      const ending = oom
        ? "ran out of memory"
        : signal
          ? `was killed by ${signal}`
          : `called process.exit(${code ?? 0})`;
      const cause = late ? `did not end within ${timeoutMs / 1000} s` : ending;
      resolve(reply ?? { kind: "gone", cause: `module scope ${cause}`, output });
    });
    child.send(request, () => undefined);
  });
}

function failureError(bundle: Bundle, error: ScriptFailure, reason: "data-file" | "threw"): ScriptError {
  const { place } = error;
  const source = place ? readQuietly(place.file) : "";
  const name = error.name === "Error" || reason === "data-file" ? "" : `${error.name}: `;
  return new ScriptError({
    reason,
    message:
      reason === "threw" ? `the script threw in its module scope: ${name}${error.message}` : error.message,
    file: place?.file ?? bundle.script,
    line: place?.line,
    column: place?.column,
    frame: place ? codeFrame(source, place.line, place.column) : "",
    stack: error.stack,
  });
}

function optionsError(file: string, problems: readonly Problem[]): ScriptError {
  const message = problems.map(({ message, path }) => `${path} ${message}`).join("; ");
  return new ScriptError({ reason: "options", message, file, problems });
}

/** In the data file where it is known there, else at the script's call. */
function dataFileError(
  bundle: Bundle,
  { error, at }: Extract<InspectReply, { kind: "data-file" }>,
): ScriptError {
  if (at === undefined) return failureError(bundle, error, "data-file");
  const file = isAbsolute(at.file) ? at.file : join(bundle.folder, at.file);
  const { line, column } = at;
  const frame = codeFrame(readQuietly(file), line, column);
  return new ScriptError({ reason: "data-file", message: error.message, file, line, column, frame });
}

function readQuietly(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/**
 * Runs module scope once. Takes at most `timeoutMs`.
 * @returns options and exports, or what the author must change
 */
export async function inspectScript(
  bundle: Bundle,
  { env, seed }: { readonly env: Readonly<Record<string, string>>; readonly seed: number },
  timeoutMs: number = INSPECT_MS,
): Promise<Inspection | ScriptError> {
  const { bytes, folder, sourceMap, script } = bundle;
  const outcome = await ask(startChild(), { bundle: bytes, sourceMap, env, seed, folder }, timeoutMs);
  switch (outcome.kind) {
    case "inspected": {
      const { options, exports, metrics, files } = outcome;
      return { options, exports, metrics, files };
    }
    case "options":
      return optionsError(script, outcome.problems);
    case "threw":
      return failureError(bundle, outcome.error, outcome.kind);
    case "data-file":
      return dataFileError(bundle, outcome);
    case "gone":
      return new ScriptError({
        reason: "no-answer",
        message: outcome.cause,
        file: script,
        hint: "Module scope runs once per VU: keep it short, and start work in setup() or in an iteration.",
        stack: outcome.output,
      });
  }
}
