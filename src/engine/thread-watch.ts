/**
 * What a worker process does even while a script blocks its event loop, on a thread of its own: it ends the process when
 * its parent is gone (`disconnect` cannot be heard then), and it writes down which iteration that is. Where ids of dead
 * parents stay (Windows), only `disconnect` remains.
 */
import { Worker } from "node:worker_threads";
import { FOOTPRINT_FD } from "./footprint.ts";

/** How often the thread looks for the parent, and at the iteration. */
const PARENT_EVERY_MS = 1_000;
const FOOTPRINT_EVERY_MS = 50;

const LOOK = `const { workerData: { born, shared, fd } } = require("node:worker_threads");
  const { writeSync } = require("node:fs");
  const fields = new Float64Array(shared ?? 3);
  let [before, written] = ["", ""];
  setInterval(() => { if (process.ppid !== born) process.kill(process.pid, "SIGKILL"); }, ${PARENT_EVERY_MS});
  // Only what stands still is written from here: the worker writes what moves, and must not be overtaken.
  if (shared !== undefined) setInterval(() => {
    const copy = Float64Array.from(fields);
    const now = copy.join();
    if (now === before && now !== written) {
      written = now;
      try { writeSync(fd, new Uint8Array(copy.buffer), 0, copy.byteLength, 0); } catch {}
    }
    before = now;
  }, ${FOOTPRINT_EVERY_MS});`;

/** Starts the watch, without `shared` of the parent alone; it never keeps the process alive. */
export function watchFromThread(shared?: SharedArrayBuffer): void {
  const workerData = { born: process.ppid, shared, fd: FOOTPRINT_FD };
  new Worker(LOOK, { eval: true, env: {}, execArgv: [], workerData }).unref();
}
