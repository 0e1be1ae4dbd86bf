/**
 * Follows a log file that somebody else writes, line by line from its present end on: through rotation, truncation and
 * absence. What comes faster than it can be read is left out, and said so.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { type LogLines, logLines } from "./log-lines.ts";

const LOOK_EVERY_MS = 250;
const BYTES_AT_ONCE = 1024 * 1024;

export interface LogTail {
  readonly stop: () => void;
}

export function followLog(
  file: string,
  hear: (line: string) => void,
  note: (text: string) => void = () => {},
): LogTail {
  const tail = new Tail(file, hear, note);
  const timer = setInterval(() => tail.look(), LOOK_EVERY_MS);
  return {
    stop: () => {
      clearInterval(timer);
      tail.close();
    },
  };
}

class Tail {
  readonly #file: string;
  readonly #hear: (line: string) => void;
  #lines: LogLines;
  readonly #note: (text: string) => void;
  #open: { readonly fd: number; readonly inode: number; at: number } | undefined;

  constructor(file: string, hear: (line: string) => void, note: (text: string) => void) {
    this.#file = file;
    this.#hear = hear;
    this.#lines = logLines(hear);
    this.#note = note;
    // What was there before is nothing new.
    this.#reopen();
    if (this.#open !== undefined) this.#open.at = fstatSync(this.#open.fd).size;
  }

  look(): void {
    this.#readOn();
    const now = statSync(this.#file, { throwIfNoEntry: false });
    if (now === undefined || now.ino === this.#open?.inode) return;
    this.#reopen();
    this.#readOn();
  }

  close(): void {
    if (this.#open !== undefined) closeSync(this.#open.fd);
    this.#open = undefined;
  }

  #reopen(): void {
    this.close();
    this.#lines = logLines(this.#hear);
    try {
      const fd = openSync(this.#file, "r");
      this.#open = { fd, inode: fstatSync(fd).ino, at: 0 };
    } catch {
      // It is not there yet: the next look finds it.
    }
  }

  #readOn(): void {
    const open = this.#open;
    if (open === undefined) return;
    const { size } = fstatSync(open.fd);
    if (size < open.at) [open.at, this.#lines] = [0, logLines(this.#hear)]; // truncated
    const skipped = size - open.at - BYTES_AT_ONCE;
    if (skipped > 0) {
      this.#note(`${this.#file} grows faster than it is read: ${skipped} bytes were left out`);
      [open.at, this.#lines] = [size - BYTES_AT_ONCE, logLines(this.#hear)];
    }
    const bytes = Buffer.alloc(size - open.at);
    open.at += readSync(open.fd, bytes, 0, bytes.length, open.at);
    this.#lines.take(bytes.toString("utf8"));
  }
}
