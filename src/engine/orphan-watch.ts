/**
 * Ends this process when its parent is gone, even while a script blocks the event loop: `disconnect` cannot be
 * heard then, so a thread of its own compares the parent's id. Where ids of dead parents stay (Windows), only
 * `disconnect` remains.
 */
import { Worker } from "node:worker_threads";

/** How often the thread looks. */
const LOOK_MS = 1_000;

/** Starts the watch; it never keeps the process alive. */
export function endWhenOrphaned(): void {
  const look = `const born = ${process.ppid};
    setInterval(() => { if (process.ppid !== born) process.kill(process.pid, "SIGKILL"); }, ${LOOK_MS});`;
  new Worker(look, { eval: true, env: {}, execArgv: [] }).unref();
}
