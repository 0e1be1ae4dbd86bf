/**
 * Which reporters a run has: those that `--reporter NAME[=FILE]` and MESH_REPORTER name, and for the screen, where none of
 * them writes to stdout, what suits the surroundings: a terminal, GitHub Actions, or a program that reads along.
 */
import { resolve } from "node:path";
import { nearest } from "../../domain/plan/nearest.ts";
import { exitCode, Failure } from "../exit-codes.ts";

const REPORTER_NAMES = ["default", "json", "ndjson", "junit", "github", "agent"] as const;
export type ReporterName = (typeof REPORTER_NAMES)[number];

export interface Chosen {
  readonly name: ReporterName;
  /** Undefined for stdout. */
  readonly file?: string;
}

export interface Wishes {
  /** What `--reporter` says. */
  readonly flags: readonly string[];
  /** What MESH_REPORTER says. */
  readonly variable: readonly string[];
  /** What the config file says. */
  readonly config: readonly string[];
  /** Who asks for JSON, which is `--reporter json`: `--json`, or MESH_JSON. */
  readonly json: "flag" | "variable" | undefined;
}

/** Where a command runs. */
export interface Surroundings {
  readonly isTerminal: boolean;
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * Flags win over variables, and these over the file: whoever loses keeps his files and not the screen.
 * Throws Failure for a name that is none, and for two that would write to one place.
 */
export function chooseReporters(wishes: Wishes, surroundings: Surroundings): readonly Chosen[] {
  const { from, named } = strongest(wishes);
  const isJson =
    wishes.json !== undefined && !(from === "flag" && wishes.json === "variable" && hasScreen(named));
  const isJsonStronger = isJson && from !== wishes.json && (wishes.json === "flag" || from === "config");
  const kept = isJsonStronger ? named.filter(({ file }) => file !== undefined) : named;
  const all = withoutCopies(isJson ? [{ name: "json" } as const, ...kept] : kept);
  refuseSharedPlaces(all, isJson);
  return hasScreen(all) ? all : [...screenReporters(surroundings).map((name) => ({ name })), ...all];
}

/** The reporters of the source that wins, and which that is. */
function strongest({ config, flags, variable }: Wishes) {
  const sources = [
    ["flag", flags],
    ["variable", variable],
    ["config", config],
  ] as const;
  const [from, texts] = sources.find(([, given]) => given.length > 0) ?? (["config", []] as const);
  return { from, named: texts.map(readReporter) };
}

const hasScreen = (all: readonly Chosen[]): boolean => all.some(({ file }) => file === undefined);

function readReporter(text: string): Chosen {
  const [written = "", ...rest] = text.split("=");
  const name = REPORTER_NAMES.find((known) => known === written);
  if (name === undefined) {
    const meant = nearest(written, REPORTER_NAMES);
    const hint = meant === undefined ? "" : `; did you mean ${meant}?`;
    throw usage(`there is no reporter "${written}"${hint}`, `known reporters: ${REPORTER_NAMES.join(", ")}`);
  }
  if (rest.length === 0) return { name };
  const file = rest.join("=");
  if (file === "") throw usage(`--reporter ${text} names no file`, `write --reporter ${name}=FILE`);
  return { name, file };
}

const usage = (message: string, hint: string): Failure => new Failure(exitCode.usage, "Usage", message, hint);

const withoutCopies = (all: readonly Chosen[]): readonly Chosen[] =>
  all.filter(
    ({ file, name }, index) => all.findIndex((other) => other.name === name && other.file === file) === index,
  );

function refuseSharedPlaces(all: readonly Chosen[], json: boolean): void {
  const onScreen = all.filter(({ file }) => file === undefined).map(({ name }) => name);
  const rivals = onScreen.includes("default") ? onScreen.filter((name) => name !== "github") : onScreen;
  if (rivals.length > 1) {
    const spelled = rivals.map((name) => (json && name === "json" ? "--json" : `--reporter ${name}`));
    const last = rivals.at(-1) as ReporterName;
    throw usage(
      `${spelled.join(" and ")} would all write to stdout`,
      `only one can; give the others a file: --reporter ${last}=FILE`,
    );
  }
  const files = all.flatMap(({ file }) => file ?? []);
  const places = files.map((file) => resolve(file));
  const twice = files.find((_, index) => places.indexOf(places[index] ?? "") !== index);
  if (twice !== undefined) throw usage(`two reporters would write ${twice}`, "give each a file of its own");
}

/** Variables that AI agents set in the shells they use, as std-env knows them, which Vitest asks. */
const AGENT_VARIABLES = [
  "AI_AGENT",
  "CLAUDECODE",
  "CLAUDE_CODE",
  "CURSOR_AGENT",
  "GEMINI_CLI",
  "CODEX_SANDBOX",
  "CODEX_THREAD_ID",
  "OPENCODE",
  "AUGMENT_AGENT",
  "COPILOT_AGENT",
  "COPILOT_CLI",
] as const;

function screenReporters({ isTerminal, variables }: Surroundings): readonly ReporterName[] {
  if (isTerminal) return ["default"];
  if (variables["GITHUB_ACTIONS"] === "true") return ["default", "github"];
  return AGENT_VARIABLES.some((name) => (variables[name] ?? "") !== "") ? ["agent"] : ["default"];
}
