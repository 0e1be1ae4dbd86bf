/**
 * The checkout as data: its TypeScript files, and the import statements of each. A regular expression is enough,
 * since oxfmt gives every import one shape; comments are taken out first. It judges nothing.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";

export const root = join(import.meta.dirname, "../..");

export interface SourceFile {
  /** From the root of the checkout. */
  readonly path: string;
  readonly text: string;
}

export interface Import {
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** All TypeScript files below these folders, sorted; a folder that does not exist yet has none. */
export function sourceFiles(...folders: readonly string[]): readonly SourceFile[] {
  return folders
    .flatMap((folder) => filesBelow(folder))
    .filter((path) => path.endsWith(".ts") && !path.includes("/fixtures/"))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

function filesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/** The text without comments. Line breaks stay, so that line numbers do. */
export function withoutComments(text: string): string {
  const blank = (comment: string) => comment.replaceAll(/[^\n]/g, " ");
  return text.replaceAll(/^[ \t]*\/\*[\s\S]*?\*\/|(?<=^|[\s;{(,])\/\/[^\n]*/gm, blank);
}

const STATIC = /^[ \t]*(?:import|export)\b([^;"'`]*?)\bfrom\s*["']([^"'\n]+)["']/gm;
const BARE = /^[ \t]*import\s*["']([^"'\n]+)["']/gm;
const DYNAMIC = /(\btypeof\s+)?\bimport\(\s*["']([^"'\n]+)["']/g;

/** Every module that a text imports, re-exports or loads by `import()`. */
export function importsOf(text: string): readonly Import[] {
  const code = withoutComments(text);
  return [
    ...[...code.matchAll(STATIC)].map(([, clause = "", specifier = ""]) => ({
      specifier,
      typeOnly: isTypeClause(clause),
    })),
    ...[...code.matchAll(BARE)].map(([, specifier = ""]) => ({ specifier, typeOnly: false })),
    ...[...code.matchAll(DYNAMIC)].map(([, type, specifier = ""]) => ({
      specifier,
      typeOnly: type !== undefined,
    })),
  ];
}

/** `type { A }` and `{ type A, type B }` load nothing … but the latter keeps the import, so only the former counts. */
function isTypeClause(clause: string): boolean {
  return /^\s*type\b(?!\s*,)/.test(clause);
}

/** A relative import as a path from the root of the checkout; undefined for packages and Node's own modules. */
export function resolveImport(from: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? normalize(join(from, "..", specifier)) : undefined;
}
