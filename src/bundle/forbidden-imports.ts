/**
 * A rolldown plugin that refuses what a script may not import: k6's own modules (with the import that replaces
 * them) and, from the user's own modules, `fs` and what is on the web. npm packages may import what they like.
 */
import { readFileSync } from "node:fs";
import type { Plugin } from "rolldown";
import { insteadOfK6 } from "./k6-modules.ts";
import type { ScriptErrorReason } from "./script-error.ts";
import { placeAt, type SourcePlace } from "./source-place.ts";

/** An import that a script may not have. */
export interface ForbiddenImport {
  readonly reason: ScriptErrorReason;
  readonly message: string;
  readonly hint: string | undefined;
  readonly importer: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

const LOCAL_FILES = "reads local files, which agents on other machines do not have";
const LOCAL_FILES_HINT =
  'Read them in module scope with open("./users.txt") or dataFile("./users.csv"): what is read there travels along.';

const isPackage = (id: string): boolean => /[\\/]node_modules[\\/]/.test(id);

/** Where `importer` imports `specifier`: 1-based line and column of the specifier. */
function placeOf(importer: string, specifier: string): SourcePlace | undefined {
  const source = readFileSync(importer, "utf8");
  const quoted = specifier.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const found = new RegExp(`(?:from|import|require)\\s*\\(?\\s*(["'\`])${quoted}\\1`).exec(source);
  return found ? placeAt(source, found.index + found[0].indexOf(found[1] ?? "")) : undefined;
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
  if (/^https?:/.test(specifier)) {
    const hint =
      "Install the npm package and import that; what jslib's k6-utils draws by chance, loadmesh exports.";
    return { reason: "import", message: `"${specifier}": nothing is imported from the web`, hint };
  }
  return { reason: "local-files", message: `imports "${specifier}": ${LOCAL_FILES}`, hint: LOCAL_FILES_HINT };
}

/** @param onForbidden is told of the refused import; the build then fails */
export function forbiddenImports(onForbidden: (found: ForbiddenImport) => void): Plugin {
  return {
    name: "mesh:forbidden-imports",
    resolveId: {
      filter: { id: /^(?:k6(?:\/.*)?|loadmesh\/.*|https?:.*|(?:node:)?fs(?:\/promises)?)$/ },
      handler(specifier, importer) {
        if (importer === undefined) return null;
        const isOwn = /^(?:k6|loadmesh)(?:\/|$)/.test(specifier);
        if (!isOwn && isPackage(importer)) return null;
        const refusal = refusalOf(specifier);
        if (!refusal) return null;
        const place = placeOf(importer, specifier);
        onForbidden({ ...refusal, importer, line: place?.line, column: place?.column });
        throw new Error(refusal.message);
      },
    },
  };
}
