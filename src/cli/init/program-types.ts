/**
 * Where an editor finds the types of "loadmesh" for scripts in a folder: by itself, where the package is installed
 * beside them, else in this very program, which may be a checkout or installed for the whole machine.
 */
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import pjson from "../../../package.json" with { type: "json" };

export interface ProgramTypes {
  /** The file with the types. */
  readonly entry: string;
  /** Folder of ambient types that a checkout's own sources need; undefined where the types are declarations. */
  readonly typeRoot: string | undefined;
}

/** Undefined where plain resolution finds the package. */
export function programTypesFor(folder: string): ProgramTypes | undefined {
  if (resolvesFrom(folder)) return undefined;
  const root = programRoot();
  const entry = join(root, pjson.exports["."].types);
  const typeRoot = join(root, "node_modules", "@types");
  return { entry, typeRoot: !entry.endsWith(".d.ts") && existsSync(typeRoot) ? typeRoot : undefined };
}

function resolvesFrom(folder: string): boolean {
  try {
    createRequire(join(realpathSync(folder), "script.ts")).resolve("loadmesh");
    return true;
  } catch {
    return false;
  }
}

/** The folder of the package.json that was read above, wherever compiled files lie. */
function programRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
