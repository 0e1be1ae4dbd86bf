/**
 * npm packages that a user's own module imports and that are not there. Rolldown only warns of them, since packages try
 * out optional ones; in the user's modules it would end with "Cannot find module" once the script runs.
 */
import type { RolldownLog } from "rolldown";
import type { ForbiddenImport } from "./forbidden-imports.ts";

const PACKAGE = /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-z0-9~-][\w.~-]*/;

function nextStep(specifier: string): string {
  const [name] = PACKAGE.exec(specifier) ?? [];
  if (name === undefined) return 'Check "paths" in tsconfig.json, or "imports" in package.json.';
  const install = `npm install ${name}`;
  return name === specifier
    ? `Install it beside the script: ${install}`
    : `Check the path, or install the package beside the script: ${install}`;
}

/** What rolldown warned of, if it is that; an import in `try`, for which it does not warn, may fail. */
export function absentPackage({ code, exporter, id, loc }: RolldownLog): ForbiddenImport | undefined {
  if (code !== "UNRESOLVED_IMPORT" || exporter === undefined || id === undefined) return undefined;
  if (/[\\/]node_modules[\\/]/.test(id)) return undefined;
  const message = `there is no package for the import "${exporter}"`;
  const place = { line: loc?.line, column: loc && loc.column + 1 };
  return { reason: "import", message, hint: nextStep(exporter), importer: id, ...place };
}
