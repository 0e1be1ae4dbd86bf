/**
 * Many agents in one process, for `abort.ts`: the real role, each with a connection of its own and with real worker
 * processes. Arguments: URL and credentials of the server, the zone, how many. Ends when its stdin closes.
 */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import * as Effect from "effect/Effect";
import { agent } from "../../src/roles/agent/agent.ts";
import { agentLayer } from "../../src/wiring.ts";

const [url = "", credsFile = "", zone = "", count = "1"] = process.argv.slice(2);

const one = (n: number) => {
  const name = `${zone}-${n}`;
  const note = (line: string) => void process.stdout.write(`[${name}] ${line}\n`);
  const options = {
    zone,
    agent: name,
    program: "bench",
    host: hostname(),
    pid: process.pid,
    cores: 1,
    labels: {},
    newSession: () => randomBytes(4).toString("hex"),
    note,
  };
  return agent(options).pipe(Effect.provide(agentLayer({ url, credsFile, name: `agent-${name}`, note })));
};

process.stdin.resume().once("close", () => process.exit(0));
await Effect.runPromise(
  Effect.all(
    Array.from({ length: Number(count) }, (_, n) => one(n)),
    { concurrency: "unbounded", discard: true },
  ),
);
