/**
 * Entry of a worker process: one per core, one run each. It has no network but the script's own, no credentials, a
 * cleaned environment, and ends by itself when its agent is gone.
 */
import type { FromWorker, ToWorker } from "./protocol.ts";
import { Footprint } from "./footprint.ts";
import { watchFromThread } from "./thread-watch.ts";
import { WorkerSession } from "./worker-session.ts";

let session: WorkerSession | undefined;
const footprint = new Footprint();

function tell(message: FromWorker): void {
  if (process.connected) process.send?.(message);
}

async function receive(message: ToWorker): Promise<void> {
  switch (message.type) {
    case "init":
      session = new WorkerSession(message.assignment, tell, footprint);
      tell({ type: "initialised", result: await session.init() });
      return;
    case "stage":
      return session?.stage(message);
    case "start":
      return session?.start(message);
    case "stop":
      return session?.stop(message.mode);
    case "flush":
      return session?.flush();
  }
}

delete process.env["NODE_COMPILE_CACHE"];
delete process.env["NODE_CHANNEL_SERIALIZATION_MODE"];
process.title = "mesh worker";
watchFromThread(footprint.shared);
// The last word of a script that calls process.exit.
process.on("exit", () => footprint.write());

process.on("message", (message: ToWorker) => {
  // A defect of ours: say so and die, the agent reports the loss with these lines.
  receive(message).catch((error: unknown) => {
    console.error(error);
    process.exit(70);
  });
});
process.on("disconnect", () => process.exit(0));
// What a terminal or a supervisor sends reaches the whole process group; the agent decides what it means.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);
process.on("unhandledRejection", (error) => session?.stray(error));
process.on("uncaughtException", (error) => session?.stray(error));
