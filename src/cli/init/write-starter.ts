/**
 * `mesh init`: writes the starter into a folder, all of it or nothing. What is there already is never overwritten unless
 * a person says so; package.json and .gitignore are theirs in any case and only get what is missing.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import pjson from "../../../package.json" with { type: "json" };
import { exitCode, Failure } from "../exit-codes.ts";
import { shellWord } from "../shell-word.ts";
import { programTypesFor } from "./program-types.ts";
import { CONFIG, GITIGNORE, packageJson, SCRIPT, tsconfig, workflow } from "./templates.ts";

export interface Starter {
  /** As it was given. */
  readonly folder: string;
  /** Paths in it. */
  readonly written: readonly string[];
  /** What to type next. */
  readonly next: readonly string[];
}

interface StarterFile {
  readonly path: string;
  readonly text: string;
}

/** Throws a Failure, and leaves nothing behind, when a file is in the way or cannot be written. */
export function writeStarter(folder: string, force: boolean): Starter {
  const at = resolve(folder);
  let made: string | undefined;
  try {
    made = makeFolder(at);
    const files = starterFiles(at);
    if (!force) refuseExisting(folder, at, files);
    const added = [missingPackage(at), missingIgnores(at)].flatMap((file) => file ?? []);
    writeAll(at, [...files, ...added]);
    return { folder, written: [...files, ...added].map(({ path }) => path), next: nextLines(folder) };
  } catch (error) {
    if (made !== undefined) rmSync(made, { recursive: true, force: true });
    throw error instanceof Failure ? error : unwritable(at, error);
  }
}

/**
 * Makes a folder and those above it; returns the topmost that was missing, if any. Not mkdir's own `recursive`: where a
 * file system takes no folders and says that there is nothing, as /proc does, Node tries for ever.
 */
function makeFolder(folder: string): string | undefined {
  if (existsSync(folder)) return undefined;
  const above = makeFolder(dirname(folder));
  try {
    mkdirSync(folder);
  } catch (error) {
    if (above !== undefined) rmSync(above, { recursive: true, force: true });
    throw error;
  }
  return above ?? folder;
}

function starterFiles(at: string): readonly StarterFile[] {
  const program = { version: pjson.version, isPublished: !pjson.private };
  return [
    { path: "script.ts", text: SCRIPT },
    { path: "mesh.config.ts", text: CONFIG },
    { path: "tsconfig.json", text: tsconfig(programTypesFor(at)) },
    { path: WORKFLOW, text: workflow(program) },
  ];
}

const WORKFLOW = ".github/workflows/load-test.yml";

function refuseExisting(folder: string, at: string, files: readonly StarterFile[]): void {
  const there = files.map(({ path }) => path).filter((path) => existsSync(join(at, path)));
  if (there.length === 0) return;
  const [verb, them] = there.length === 1 ? ["is", "it"] : ["are", "them"];
  throw new Failure(
    exitCode.usage,
    "Exists",
    `${there.join(", ")} ${verb} in ${folder} already; nothing was written`,
    `name another folder (mesh init load-test), or overwrite ${them} with --force`,
  );
}

function missingPackage(at: string): StarterFile | undefined {
  const path = "package.json";
  if (existsSync(join(at, path))) return undefined;
  const name = basename(at)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, "-")
    .replace(/^[._-]+/, "");
  return { path, text: packageJson(name || "load-test") };
}

/** The lines that are there stay as they are. */
function missingIgnores(at: string): StarterFile | undefined {
  const path = ".gitignore";
  const text = existsSync(join(at, path)) ? readFileSync(join(at, path), "utf8") : "";
  const missing = GITIGNORE.filter((entry) => !text.split(/\r?\n/).includes(entry));
  if (missing.length === 0) return undefined;
  const before = text === "" || text.endsWith("\n") ? text : `${text}\n`;
  return { path, text: `${before}${missing.join("\n")}\n` };
}

/** What was there before comes back when one of them cannot be written. */
function writeAll(at: string, files: readonly StarterFile[]): void {
  const undo: (() => void)[] = [];
  try {
    for (const { path, text } of files) {
      const file = join(at, path);
      const made = makeFolder(dirname(file));
      const before = existsSync(file) ? readFileSync(file) : undefined;
      undo.push(() => {
        if (before === undefined) rmSync(made ?? file, { recursive: true, force: true });
        else writeFileSync(file, before);
      });
      writeFileSync(file, text);
    }
  } catch (error) {
    for (const back of undo.toReversed()) back();
    throw error;
  }
}

function unwritable(at: string, error: unknown): Failure {
  const { code, message, path } = error as NodeJS.ErrnoException;
  const where = path ?? at;
  const what = `cannot write ${where} (${code ?? message}); nothing was written`;
  return new Failure(
    exitCode.usage,
    "Unwritable",
    what,
    "name a folder that you can write to: mesh init FOLDER",
  );
}

function nextLines(folder: string): readonly string[] {
  const enter = resolve(folder) === process.cwd() ? [] : [`cd ${shellWord(folder)}`];
  return [...enter, "mesh run script.ts --env BASE_URL=http://127.0.0.1:8080"];
}

export function initText({ folder, next, written }: Starter): string {
  const width = Math.max(...written.map((path) => path.length));
  const lines = [
    `wrote in ${folder}`,
    "",
    ...written.map((path) => `  ${path.padEnd(width)}  ${WHAT[path] ?? ""}`),
    "",
    "next, with the server that you may test:",
    "",
    ...next.map((line) => `  ${line}`),
  ];
  return `${lines.join("\n")}\n`;
}

const WHAT: Readonly<Record<string, string>> = {
  "script.ts": "the load test: ten VUs for ten seconds, a check, thresholds",
  "mesh.config.ts": "what flags would say, for every command in this folder",
  "tsconfig.json": 'lets an editor know the types of "loadmesh"',
  "package.json": "makes this folder a package of ES modules",
  ".gitignore": "keeps results and installed packages out of git",
  ".github/workflows/load-test.yml": "a CI job; move .github to the root of the repository",
};
