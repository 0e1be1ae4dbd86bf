/**
 * What a child process printed, and waiting for a line of it. Every wait is bounded and fails with all that was
 * printed, so that a failing test explains itself.
 */
import type { Readable } from "node:stream";

export interface ChildOutput {
  /** All of it so far. */
  readonly text: () => string;
  /** Resolves with the first line, also an earlier one, that matches; fails after `boundMs` or at the end of output. */
  readonly line: (pattern: RegExp, boundMs?: number) => Promise<RegExpMatchArray>;
  /** Resolves when the stream has ended. */
  readonly ended: Promise<void>;
}

interface Waiter {
  readonly look: () => boolean;
  readonly fail: (why: string) => void;
}

/** Collects a stream. Lines are matched once complete, or at the end of output. */
export function collectOutput(stream: Readable, name: string): ChildOutput {
  let text = "";
  let over = false;
  const waiters = new Set<Waiter>();
  const notify = () => {
    for (const waiter of waiters) if (waiter.look()) waiters.delete(waiter);
  };
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      over = true;
      notify();
      for (const waiter of waiters) waiter.fail("ended");
      waiters.clear();
      resolve();
    };
    stream.once("end", end).once("close", end);
  });
  stream.setEncoding("utf8").on("data", (piece: string) => {
    text += piece;
    notify();
  });
  const complete = () => (over ? text : text.slice(0, text.lastIndexOf("\n") + 1)).split("\n");
  return { text: () => text, line: (pattern, boundMs = 10_000) => waitForLine(pattern, boundMs), ended };

  function waitForLine(pattern: RegExp, boundMs: number): Promise<RegExpMatchArray> {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpMatchArray>();
    const fail = (why: string) => {
      reject(new Error(`${name} ${why} without a line like ${pattern}; it printed:\n${text}`));
    };
    const timer = setTimeout(() => {
      waiters.delete(waiter);
      fail(`went on for ${boundMs} ms`);
    }, boundMs);
    const look = () => {
      const match = complete()
        .map((line) => line.match(pattern))
        .find((found) => found !== null);
      if (match) resolve(match);
      return match !== undefined;
    };
    const waiter: Waiter = { look, fail };
    if (!look()) {
      if (over) fail("ended");
      else waiters.add(waiter);
    }
    return promise.finally(() => clearTimeout(timer));
  }
}
