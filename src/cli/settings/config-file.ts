/**
 * `mesh.config.ts` (or .js, .mjs, .json) in the working directory, or the file that `--config` names: values for flags
 * that were not given. Flags win over the environment, and the environment over the file.
 */
import { existsSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { nearest } from "../../domain/plan/nearest.ts";
import type { MeshConfig } from "../../script/config.ts";
import { entryFile } from "../../entry-file.ts";
import { exitCode, Failure } from "../exit-codes.ts";

const NAMES = ["mesh.config.ts", "mesh.config.js", "mesh.config.mjs", "mesh.config.json"];
/** A name that no file has: for processes that were told everything. */
export const NO_CONFIG = "none";

export interface ConfigFile {
  /** Undefined where there is none. */
  readonly file: string | undefined;
  readonly config: MeshConfig;
}

type Kind = (value: unknown) => boolean;
const isText: Kind = (value) => typeof value === "string";
const isMapOf = (kind: Kind): Kind => {
  return (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value) && Object.values(value).every(kind);
};
const isCount: Kind = (value) => Number.isSafeInteger(value) && (value as number) > 0;
const isTextsBy = (names: readonly string[]): Kind => {
  return (value) =>
    isMapOf(isText)(value) && Object.keys(value as object).every((name) => names.includes(name));
};
const isTextList: Kind = (value) => Array.isArray(value) && value.every(isText);

/** What may stand in the file, and how that is said. */
const FIELDS: Readonly<Record<keyof MeshConfig, readonly [kind: Kind, words: string]>> = {
  nats: [isText, 'an address, such as "nats://hub:4222"'],
  context: [isText, "the name of a NATS context"],
  creds: [
    (value) => isText(value) || isTextsBy(["root", "zone", "agent", "door"])(value),
    "a file, or files by role: { root, zone, agent, door }",
  ],
  tls: [isTextsBy(["ca", "cert", "key"]), 'PEM files, such as { ca: "ca.pem" }'],
  parent: [isText, "the name of a zone"],
  zones: [
    (value) => isText(value) || isMapOf(isCount)(value),
    'zones with weights, such as { eu: 2, us: 1 } or "eu=2,us"',
  ],
  agents: [isCount, "a whole number from 1"],
  env: [isMapOf(isText), "names with text values"],
  labels: [isMapOf(isText), "names with text values"],
  reporter: [(value) => isText(value) || isTextList(value), "a reporter, or a list of them"],
  history: [(value) => typeof value === "boolean", "true or false"],
};

/** Throws a usage failure where the file cannot be read, or says something that is none. */
export async function readConfigFile(named: string | undefined): Promise<ConfigFile> {
  if (named === NO_CONFIG) return { file: undefined, config: {} };
  if (named !== undefined && !existsSync(named)) {
    throw invalid(named, "it is not there", "leave out --config (or MESH_CONFIG), or name another file");
  }
  const file = named ?? NAMES.find((name) => existsSync(name));
  if (file === undefined) return { file, config: {} };
  return { file, config: checked(file, await load(file)) };
}

async function load(file: string): Promise<unknown> {
  try {
    if (file.endsWith(".json")) return JSON.parse(readFileSync(file, "utf8")) as unknown;
    giveLoadmesh();
    const module = (await import(pathToFileURL(resolve(file)).href)) as { readonly default?: unknown };
    return module.default;
  } catch (error) {
    throw invalid(
      file,
      placed(file, error as Error),
      "mesh.config.ts exports defineConfig({ … }) as its default",
    );
  }
}

/** A config file may lie where no package is installed; it gets the one function that it needs. */
function giveLoadmesh(): void {
  const url = pathToFileURL(entryFile("../../script/config", import.meta.url)).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "loadmesh" ? { url, shortCircuit: true } : next(specifier, context),
  });
}

/** With the line, where the error is one of this file. */
function placed(file: string, error: Error): string {
  const [, line] =
    new RegExp(`${basename(file).replaceAll(".", "\\.")}:(\\d+)`).exec(error.stack ?? "") ?? [];
  const said = error.message.split("\n").find((each) => each.trim() !== "") ?? error.name;
  return line === undefined ? said : `line ${line}: ${said}`;
}

function checked(file: string, given: unknown): MeshConfig {
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw invalid(file, "it has no default export that is an object", "export default defineConfig({ … })");
  }
  for (const [name, value] of Object.entries(given)) {
    const field = FIELDS[name as keyof MeshConfig];
    if (field === undefined) throw invalid(file, `there is no setting ${JSON.stringify(name)}`, known(name));
    const [is, words] = field;
    if (value !== undefined && !is(value))
      throw invalid(file, `${name} must be ${words}`, "correct it there");
  }
  return given;
}

function known(name: string): string {
  const meant = nearest(name, Object.keys(FIELDS));
  return `${meant === undefined ? "" : `did you mean ${meant}? `}known: ${Object.keys(FIELDS).join(", ")}`;
}

const invalid = (file: string, why: string, hint: string): Failure =>
  new Failure(exitCode.usage, "Config", `${file}: ${why}`, hint);
