/**
 * Bundles a user's script with its imports into one artifact named by its hash. Relies on rolldown. It never
 * runs the script, and never resolves `loadmesh` from disk: the worker gives each VU its own.
 */
import { readFileSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import type { GetModuleInfo, OutputChunk, RolldownBuild } from "rolldown";
import type { Artifact } from "../engine/inspect-main.ts";
import { type Bundle, encodeArtifact, sha256Hex } from "./artifact.ts";
import { absentPackage } from "./absent-packages.ts";
import { BundlerAbsent, loadBundler } from "./bundler.ts";
import { withOwnDefault } from "./default-import.ts";
import { type ForbiddenImport, forbiddenImports } from "./forbidden-imports.ts";
import { codeFrame, ScriptError, type ScriptErrorReason } from "./script-error.ts";
import { wrongNames } from "./wrong-names.ts";

const isPackagePath = (id: string): boolean => id.startsWith("\0") || /[\\/]node_modules[\\/]/.test(id);

/** The path as the user would write it: relative to where the script was given. */
function shownPath(script: string, file: string): string {
  return join(dirname(script), relative(dirname(resolve(script)), file));
}

/**
 * True for modules that one worker may share between its VUs. A package that imports `loadmesh`, or a module of
 * the user's (a linked workspace), belongs to the VU instead.
 */
function sharable(id: string, info: GetModuleInfo, known: Map<string, boolean>): boolean {
  const before = known.get(id);
  if (before !== undefined) return before;
  if (!isPackagePath(id)) return id.startsWith("node:") || !/[\\/]/.test(id) ? id !== "loadmesh" : false;
  known.set(id, true); // cycles among packages stay shared
  const imported = info(id);
  const all = [...(imported?.importedIds ?? []), ...(imported?.dynamicallyImportedIds ?? [])];
  const answer = all.every((child) => sharable(child, info, known));
  known.set(id, answer);
  return answer;
}

interface Problem {
  readonly code?: string;
  readonly message?: string;
  readonly loc?: { readonly line: number; readonly column: number; readonly file?: string };
  readonly id?: string;
}

const reasons: Readonly<Record<string, ScriptErrorReason>> = {
  UNRESOLVED_IMPORT: "import",
  UNRESOLVED_ENTRY: "not-found",
  MISSING_EXPORT: "import",
  INVALID_TLA_FORMAT: "top-level-await",
};

const hints: Readonly<Record<string, string>> = {
  UNRESOLVED_IMPORT: "Check the path: it starts at the file that imports it.",
  INVALID_TLA_FORMAT:
    "Move it into setup() or into the function that needs it: module scope runs once per VU.",
};

function messageOf(problem: Problem): string {
  if (problem.code === "INVALID_TLA_FORMAT") return "top-level await is not supported in scripts";
  // oxlint-disable-next-line no-control-regex -- rolldown colours its messages
  const plain = (problem.message ?? "the script could not be bundled").replace(/\u001b\[[0-9;]*m/g, "");
  const first = plain.split("\n").find((line) => line.trim() !== "") ?? plain;
  return first.replace(/^\[[A-Z_]+\]\s*/, "").trim();
}

function readSource(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function scriptError(script: string, problem: Problem): ScriptError {
  const file = problem.loc?.file ?? problem.id ?? resolve(script);
  const place = problem.loc ? { line: problem.loc.line, column: problem.loc.column + 1 } : undefined;
  const frame = place ? codeFrame(readSource(file), place.line, place.column) : "";
  const hint = hints[problem.code ?? ""];
  return new ScriptError({
    reason: reasons[problem.code ?? ""] ?? "syntax",
    message: messageOf(problem),
    file: shownPath(script, file),
    line: place?.line,
    column: place?.column,
    frame,
    hint,
  });
}

/** Modules are read in any order; a person is told in the order of the sources, the script's own first. */
function inOrder(script: string, found: readonly ForbiddenImport[]): readonly ForbiddenImport[] {
  const entry = resolve(script);
  const rank = ({ importer }: ForbiddenImport) => (importer === entry ? "" : importer);
  return found.toSorted((a, b) =>
    rank(a) === rank(b)
      ? (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)
      : rank(a) < rank(b)
        ? -1
        : 1,
  );
}

function forbiddenError(
  script: string,
  found: ForbiddenImport,
  more: readonly ScriptError[] = [],
): ScriptError {
  const { reason, message, hint, line, column } = found;
  const file = shownPath(script, found.importer);
  const frame = line === undefined ? "" : codeFrame(readSource(found.importer), line, column ?? 1);
  return new ScriptError({ reason, message, hint, file, line, column, frame, more });
}

function forbiddenIn(script: string, all: readonly ForbiddenImport[]): ScriptError | undefined {
  const [first, ...others] = inOrder(script, all);
  if (first === undefined) return undefined;
  const more = others.map((each) => forbiddenError(script, each));
  return forbiddenError(script, first, more);
}

async function startBuild(
  script: string,
  onForbidden: (found: ForbiddenImport) => void,
): Promise<RolldownBuild> {
  const { rolldown } = await loadBundler();
  return rolldown({
    input: { script: resolve(script) },
    cwd: dirname(resolve(script)),
    platform: "node",
    external: [/^loadmesh$/],
    // k6's globals change from iteration to iteration, so they are read from the VU, not from a parameter.
    transform: { target: "es2024", define: { __ITER: "__mesh.iteration", __VU: "__mesh.vu" } },
    experimental: { attachDebugInfo: "none" },
    plugins: [forbiddenImports(onForbidden), wrongNames(onForbidden)],
    logLevel: "warn",
    onLog: (_level, log) => {
      const absent = absentPackage(log);
      if (absent) onForbidden(absent);
    },
  });
}

async function generate(build: RolldownBuild): Promise<OutputChunk[]> {
  const known = new Map<string, boolean>();
  const { output } = await build.generate({
    format: "cjs",
    exports: "named",
    sourcemap: "hidden",
    entryFileNames: "[name].js",
    chunkFileNames: "[name].js",
    codeSplitting: {
      groups: [
        {
          debugName: "packages",
          name: (id, context) =>
            isPackagePath(id) && sharable(id, (module) => context.getModuleInfo(module), known)
              ? "packages"
              : null,
        },
      ],
    },
  });
  return output.filter((part) => part.type === "chunk");
}

function packUp(script: string, chunks: readonly OutputChunk[]): Bundle {
  const artifact: { -readonly [K in keyof Artifact]: Artifact[K] } & {
    script: Record<string, string>;
    packages: Record<string, string>;
  } = { format: 1, script: {}, packages: {} };
  const maps: Record<string, unknown> = {};
  const base = dirname(resolve(script));
  for (const chunk of chunks) {
    const shared =
      !chunk.isEntry && (chunk.name === "packages" || chunk.moduleIds.every((id) => id.startsWith("\0")));
    artifact[shared ? "packages" : "script"][chunk.fileName] = withOwnDefault(chunk.code);
    if (!chunk.map) continue;
    // Maps are written as if the output stood in `<cwd>/dist`; name sources as the user does.
    const sources = chunk.map.sources.map((source) => shownPath(script, resolve(base, "dist", source)));
    maps[chunk.fileName] = { version: 3, sources, names: chunk.map.names, mappings: chunk.map.mappings };
  }
  const bytes = encodeArtifact(artifact);
  return {
    sha256: sha256Hex(bytes),
    bytes,
    sourceMap: JSON.stringify(maps),
    script: basename(script),
    folder: dirname(script),
  };
}

function missing(script: string): ScriptError | undefined {
  const found = statSync(script, { throwIfNoEntry: false });
  if (found?.isFile()) return undefined;
  return new ScriptError({
    reason: "not-found",
    message: found ? "is not a file" : "there is no such file",
    file: script,
    hint: "Give the path of a TypeScript or JavaScript module, such as examples/quickstart.ts",
  });
}

/**
 * Bundles the script at `path`. The same sources give the same bytes, wherever they lie.
 * @returns the bundle, or the first thing that is wrong with the script
 * @throws BundlerAbsent
 */
export async function bundleScript(path: string): Promise<Bundle | ScriptError> {
  const absent = missing(path);
  if (absent) return absent;
  const forbidden: ForbiddenImport[] = [];
  let build: RolldownBuild | undefined;
  try {
    build = await startBuild(path, (found) => void forbidden.push(found));
    const chunks = await generate(build);
    return forbiddenIn(path, forbidden) ?? packUp(path, chunks);
  } catch (error) {
    if (error instanceof BundlerAbsent) throw error;
    const refused = forbiddenIn(path, forbidden);
    if (refused) return refused;
    const [problem] = (error as { errors?: Problem[] }).errors ?? [];
    return scriptError(path, problem ?? { message: error instanceof Error ? error.message : String(error) });
  } finally {
    await build?.close();
  }
}
