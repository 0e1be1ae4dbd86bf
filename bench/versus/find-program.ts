/**
 * Finds a peer's program where a person may have put it: an environment variable, then PATH, then the shelf of fetched
 * peers. It starts nothing and fetches nothing.
 */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export interface Wanted {
  readonly program: string;
  /** The variable that names its file, such as K6_BIN. */
  readonly variable: string;
  /** Where it is when it has been fetched. */
  readonly fetched: string;
}

/** The file, or undefined when it has to be fetched. A variable that is set but names no program is an error. */
export function findProgram({ program, variable, fetched }: Wanted): string | undefined {
  const named = process.env[variable];
  if (named !== undefined && named !== "") {
    if (isProgram(named)) return named;
    throw new Error(`${variable}=${named} is not a program`);
  }
  const onPath = (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, program));
  return [...onPath, fetched].find(isProgram);
}

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
