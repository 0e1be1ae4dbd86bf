/**
 * An empty npm project in a temporary folder, and packages installed into it as a person does. Relies on npm in PATH
 * and on its registry or cache; it runs with the Node that runs the tests.
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

const INSTALL_MS = 180_000;

export interface NpmProject extends Disposable {
  readonly folder: string;
  /** Path of a file in it, which is written if there is a text. */
  readonly file: (name: string, text?: string) => string;
  /** `npm install ...args`; fails after three minutes, and with what npm said. */
  readonly install: (...args: readonly string[]) => Promise<void>;
}

/** PATH with this process's Node before every other. */
export const PATH = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;

export function createNpmProject(): NpmProject {
  const folder = mkdtempSync(join(tmpdir(), "mesh-project-"));
  writeFileSync(join(folder, "package.json"), `{ "private": true, "type": "module" }\n`);
  return {
    folder,
    file: (name, text) => {
      const path = join(folder, name);
      if (text !== undefined) writeFileSync(path, text);
      return path;
    },
    install: async (...args) => {
      const quiet = ["--prefer-offline", "--no-audit", "--no-fund"];
      const env = { ...process.env, PATH };
      await promisify(execFile)("npm", ["install", ...quiet, ...args], {
        cwd: folder,
        env,
        timeout: INSTALL_MS,
      });
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}
