/**
 * Ends a role or worker when the process that started it is gone. The parent holds the other end of standard input; a
 * tiny shell reads it, so that even a process whose event loop is blocked by a user's script, or that is stopped, ends.
 * Owns standard input: whoever calls this must not read it. Does nothing unless MESH_PARENT_PIPE is 1.
 */
import { spawn } from "node:child_process";

/** How long `stop` may take after the parent is gone. */
const patienceS = 5;

/**
 * Tells the process by one line that the pipe has ended, then kills it if it is still there when its time is over. It
 * ignores the signals of its group, for the process it watches may need it while it ends; it ends as soon as that has.
 */
const watcherScript = `
trap '' INT HUP TERM
while read -r _; do :; done
echo ended
waited=0
while kill -0 "$1" 2>/dev/null; do
  [ "$waited" -lt ${patienceS} ] || { kill -KILL "$1"; exit; }
  sleep 1
  waited=$((waited + 1))
done
`;

/**
 * Calls `stop` once when the parent's end of standard input closes; a process that is still alive 5 s later is killed.
 * The watcher does not keep the event loop running. Where there is no POSIX shell, only the event loop watches.
 */
export function endWithParent(stop: () => void): void {
  if (process.env["MESH_PARENT_PIPE"] !== "1") return;
  const args = ["-c", watcherScript, "mesh-parent-pipe", String(process.pid)];
  const watcher = spawn("/bin/sh", args, { stdio: ["inherit", "pipe", "ignore"] });
  const unreadable = (): void => watchInEventLoop(stop);
  watcher.once("error", unreadable);
  watcher.stdout.once("data", () => {
    watcher.off("error", unreadable);
    stop();
  });
  watcher.unref();
  (watcher.stdout as typeof watcher.stdout & { unref(): void }).unref();
  process.once("exit", () => watcher.kill("SIGKILL"));
}

function watchInEventLoop(stop: () => void): void {
  process.stdin.once("close", () => {
    setTimeout(() => process.exit(1), patienceS * 1000).unref();
    stop();
  });
  process.stdin.resume().unref();
}
