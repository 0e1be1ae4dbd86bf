/**
 * Files of reporters. A report is there whole or not at all: put beside its place and renamed. A stream of lines is written as it
 * comes. What is no regular file – a device, a pipe – is written to and never replaced. A file that cannot be written is
 * told in a sentence, once, and changes no exit code.
 */
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";

export interface ReportFile {
  readonly write: (text: string) => void;
  readonly close: () => void;
}

/** Does it, and says when it cannot be done; `who` writes the file, for people. */
type Attempt = (act: () => void) => void;

const attemptOn = (path: string, who: string, note: (line: string) => void): Attempt => {
  let isTold = false;
  return (act) => {
    try {
      act();
    } catch (error) {
      if (!isTold) note(`${who}: could not write ${path}: ${(error as Error).message}`);
      isTold = true;
    }
  };
};

/** Collected, and written at the end; an older file stays where there is nothing to write. */
export function wholeFile(path: string, who: string, note: (line: string) => void): ReportFile {
  const parts: string[] = [];
  const attempt = attemptOn(path, who, note);
  return {
    write: (text) => void parts.push(text),
    close: () => {
      if (parts.length > 0) attempt(() => put(path, parts.join("")));
    },
  };
}

/** Written line by line, as it happens. */
export function streamedFile(path: string, who: string, note: (line: string) => void): ReportFile {
  const attempt = attemptOn(path, who, note);
  let file: number | undefined;
  attempt(() => {
    mkdirSync(dirname(path), { recursive: true });
    file = openSync(path, "w");
  });
  const withFile = (act: (open: number) => void) => {
    const open = file;
    if (open !== undefined) attempt(() => act(open));
  };
  return {
    write: (text) => withFile((open) => void writeSync(open, text)),
    close: () => {
      withFile(closeSync);
      file = undefined;
    },
  };
}

function put(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  const there = lstatSync(path, { throwIfNoEntry: false });
  const target = there?.isSymbolicLink() === true && existsSync(path) ? realpathSync(path) : path;
  if (lstatSync(target, { throwIfNoEntry: false })?.isFile() === false) return writeFileSync(target, text);
  const beside = `${target}.${process.pid}.tmp`;
  try {
    writeFileSync(beside, text);
    renameSync(beside, target);
  } finally {
    rmSync(beside, { force: true });
  }
}
