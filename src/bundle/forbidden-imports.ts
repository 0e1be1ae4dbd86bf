/**
 * A rolldown plugin that refuses what a script may not import: k6's own modules (with the import that replaces
 * them) and, from the user's own modules, `fs`. npm packages may import what they like.
 */
import { readFileSync } from "node:fs";
import type { Plugin } from "rolldown";
import { insteadOfK6 } from "./k6-modules.ts";
import type { ScriptErrorReason } from "./script-error.ts";

export interface ForbiddenImport {
  readonly reason: ScriptErrorReason;
  readonly message: string;
  readonly hint: string;
  readonly importer: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

const LOCAL_FILES = "reads local files, which agents on other machines do not have";
const LOCAL_FILES_HINT =
  'Read them in module scope with open("./users.txt") or dataFile("./users.csv"): what is read there travels along.';

const isPackage = (id: string): boolean => /[\\/]node_modules[\\/]/.test(id);

/** Where `importer` imports `specifier`: 1-based line and column of the specifier. */
function placeOf(importer: string, specifier: string): { line: number; column: number } | undefined {
  const source = readFileSync(importer, "utf8");
  const quoted = specifier.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const found = new RegExp(`(?:from|import|require)\\s*\\(?\\s*(["'\`])${quoted}\\1`).exec(source);
  if (!found) return undefined;
  const before = source.slice(0, found.index + found[0].indexOf(found[1] ?? ""));
  const line = before.split("\n").length;
  return { line, column: before.length - before.lastIndexOf("\n") };
}

function refusalOf(specifier: string): Pick<ForbiddenImport, "reason" | "message" | "hint"> | undefined {
  if (/^k6(\/|$)/.test(specifier)) {
    return {
      reason: "import",
      message: `"${specifier}" is k6's own module`,
      hint: insteadOfK6(specifier),
    };
  }
  if (specifier.startsWith("loadmesh/")) {
    return {
      reason: "import",
      message: `"${specifier}" does not exist`,
      hint: 'Everything is exported by "loadmesh": import { http, check, sleep } from "loadmesh"',
    };
  }
  return { reason: "local-files", message: `imports "${specifier}": ${LOCAL_FILES}`, hint: LOCAL_FILES_HINT };
}

/** @param onForbidden is told of the first refused import; the build then fails */
export function forbiddenImports(onForbidden: (found: ForbiddenImport) => void): Plugin {
  return {
    name: "mesh:forbidden-imports",
    resolveId: {
      filter: { id: /^(?:k6(?:\/.*)?|loadmesh\/.*|(?:node:)?fs(?:\/promises)?)$/ },
      handler(specifier, importer) {
        if (importer === undefined) return null;
        const isFs = /^(?:node:)?fs/.test(specifier);
        if (isFs && isPackage(importer)) return null;
        const refusal = refusalOf(specifier);
        if (!refusal) return null;
        const place = placeOf(importer, specifier);
        onForbidden({ ...refusal, importer, line: place?.line, column: place?.column });
        throw new Error(refusal.message);
      },
    },
  };
}
