/**
 * A target that an example brings along (`options.ext.mesh.target`): a program beside the script, started as a child
 * on this machine by `mesh run` with its own servers, and by nothing else. Its first line of output is its URL; it
 * ends when its stdin closes, so it never outlives the command.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { TARGET_START_MS, TARGET_STOP_MS } from "./limits.ts";
import { ScriptError } from "./script-error.ts";

export interface ExampleTarget {
  /** What scripts read as `__ENV.TARGET_URL`. */
  readonly url: string;
  readonly pid: number;
  /** Closes its stdin, kills it after a second; resolves when it is gone. */
  stop(): Promise<void>;
}

/** The program that the options name, relative to the script; undefined when they name none. */
export function exampleTargetOf(options: unknown): string | undefined {
  const ext = (options as { ext?: { mesh?: { target?: unknown } } } | null | undefined)?.ext;
  const target = ext?.mesh?.target;
  return typeof target === "string" && target !== "" ? target : undefined;
}

function targetError(script: string, message: string, stack = ""): ScriptError {
  return new ScriptError({
    reason: "options",
    message: `options.ext.mesh.target: ${message}`,
    file: script,
    hint: "It names a program beside the script whose first line of output is an http URL.",
    stack,
  });
}

/** The child's first line, or what it did instead. */
function firstLine(child: ChildProcess): Promise<{ line: string } | { problem: string; errors: string }> {
  return new Promise((settle) => {
    let output = "";
    let errors = "";
    const fail = (problem: string) => settle({ problem, errors });
    const timer = setTimeout(
      () => fail(`printed no line within ${TARGET_START_MS / 1000} s`),
      TARGET_START_MS,
    );
    child.once("error", (error) => fail(`could not be started: ${error.message}`));
    child.once("close", (code, signal) =>
      fail(`ended before it printed its URL (${signal ?? `exit code ${code}`})`),
    );
    child.stderr
      ?.setEncoding("utf8")
      .on("data", (text: string) => (errors = `${errors}${text}`.slice(-4_000)));
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      output = `${output}${text}`.slice(0, 4_000);
      const end = output.indexOf("\n");
      if (end < 0) return;
      clearTimeout(timer);
      settle({ line: output.slice(0, end).trim() });
    });
    child.once("close", () => clearTimeout(timer));
  });
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = new Promise<void>((settle) => child.once("close", () => settle()));
  child.stdin?.end();
  const timer = setTimeout(() => child.kill("SIGKILL"), TARGET_STOP_MS);
  await gone;
  clearTimeout(timer);
}

/** What Node can run of it: a package brings its targets compiled too, for no types are stripped under node_modules. */
const runnable = (file: string): string =>
  /[\\/]node_modules[\\/]/.test(realpathSync(file)) ? file.replace(/\.ts$/, ".js") : file;

/** The program that brings the target of the script at `path`. */
export function exampleTargetFile(path: string, program: string): string | ScriptError {
  const file = join(dirname(resolve(path)), program);
  const isThere = statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  return isThere ? file : targetError(path, `there is no file ${file}`);
}

/**
 * Starts the target of the script at `path` and waits for its URL, at most 5 s.
 * @param program what `exampleTargetOf` returned
 */
export async function startExampleTarget(
  path: string,
  program: string,
): Promise<ExampleTarget | ScriptError> {
  const file = exampleTargetFile(path, program);
  if (file instanceof ScriptError) return file;
  const env = process.env["PATH"] === undefined ? {} : { PATH: process.env["PATH"] };
  const child = spawn(process.execPath, [runnable(file)], { stdio: ["pipe", "pipe", "pipe"], env });
  child.stdin.on("error", () => undefined);
  const first = await firstLine(child);
  if ("line" in first && URL.canParse(first.line)) {
    return { url: first.line.replace(/\/$/, ""), pid: child.pid ?? -1, stop: () => stopChild(child) };
  }
  await stopChild(child);
  if ("line" in first)
    return targetError(path, `${program} printed ${JSON.stringify(first.line)}, which is no URL`);
  return targetError(path, `${program} ${first.problem}`, first.errors);
}
