/**
 * A file that is there whole or not at all: what is written is collected, and at the end put beside its place and renamed.
 * A file that cannot be written is told in a sentence and changes no exit code.
 */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

export interface WholeFile {
  readonly write: (text: string) => void;
  readonly close: () => void;
}

/** `what` is who writes it, for people. */
export function wholeFile(path: string, what: string, note: (line: string) => void): WholeFile {
  const parts: string[] = [];
  return {
    write: (text) => void parts.push(text),
    close: () => {
      const beside = `${path}.${process.pid}.tmp`;
      try {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(beside, parts.join(""));
        renameSync(beside, path);
      } catch (error) {
        if (existsSync(beside)) rmSync(beside);
        note(`${what}: could not write ${path}: ${(error as Error).message}`);
      }
    },
  };
}
