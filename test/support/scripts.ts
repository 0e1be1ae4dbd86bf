/** Scripts for tests: those in test/fixtures/scripts by name, others written into a folder of their own. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const folder = join(import.meta.dirname, "../fixtures/scripts");

/** Path of `test/fixtures/scripts/<name>.ts`. */
export const script = (name: string): string => join(folder, `${name}.ts`);

export interface ScriptFolder extends Disposable {
  readonly folder: string;
  /** Writes a file, and returns its path. */
  readonly write: (name: string, text: string) => string;
}

/** A new, empty folder outside of the repository. Use it with `using`. */
export function createScriptFolder(): ScriptFolder {
  const folder = mkdtempSync("/tmp/mesh-scripts-");
  return {
    folder,
    write: (name, text) => {
      const file = join(folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
