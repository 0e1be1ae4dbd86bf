/**
 * Output of a worker as lines: the last ones are kept to explain a loss, and at most so many a second are passed
 * on, so that a chatty script cannot drown its agent.
 */
import type { Readable } from "node:stream";
import { Redaction } from "../domain/redaction.ts";
import { LAST_LINES, LINES_PER_SECOND } from "./limits.ts";

/** A line longer than this is cut; one without an end is passed on at this length. */
const LINE_MAX = 4_000;

export class WorkerLines {
  readonly last: string[] = [];
  /** Of the run that the worker has. */
  redaction = new Redaction([]);
  /** V8 said so; its dump after that may push the line out of `last`. */
  ranOutOfMemory = false;
  #listeners: ((line: string) => void)[] = [];
  #second = 0;
  #passed = 0;
  #dropped = 0;

  onLine(listener: (line: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Reads a pipe to its end. */
  read(pipe: Readable | null): void {
    let rest = "";
    pipe?.setEncoding("utf8");
    pipe?.on("data", (chunk: string) => {
      const lines = `${rest}${chunk}`.split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.take(line);
      if (rest.length > LINE_MAX) rest = this.#takeMost(rest);
    });
    pipe?.on("end", () => rest !== "" && this.take(rest));
  }

  /** Of a line without an end, all but what may be the beginning of a secret, which is left for what comes behind it. */
  #takeMost(line: string): string {
    const text = this.redaction.text(line);
    const end = text.length - Math.max(0, this.redaction.longest - 1);
    if (end <= 0) return text;
    this.take(text.slice(0, end));
    return text.slice(end);
  }

  take(given: string): void {
    // Before anything is cut: half a secret would not be known any more.
    const text = this.redaction.text(given);
    const line = text.length > LINE_MAX ? `${text.slice(0, LINE_MAX)}…` : text;
    this.ranOutOfMemory ||= /heap out of memory|Allocation failed/.test(line);
    this.last.push(line);
    if (this.last.length > LAST_LINES) this.last.shift();
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#passed = 0;
      if (this.#dropped > 0) this.#pass(`… ${this.#dropped} lines more`);
      this.#dropped = 0;
    }
    if (++this.#passed > LINES_PER_SECOND) this.#dropped++;
    else this.#pass(line);
  }

  #pass(line: string): void {
    for (const listener of this.#listeners) listener(line);
  }
}
