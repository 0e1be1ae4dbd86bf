/**
 * A whole `mesh run` on the generator's core, in a home of its own, and the processes of its roles by name. Relies on
 * Linux and taskset. What is measured of them is the caller's.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { killAll, processesOf, withoutProcesses } from "../../test/support/processes.ts";
import { childrenOf, commandOf } from "../proc.ts";
import { GENERATOR_CORE } from "../versus/peer.ts";

export const ROLES = ["root", "zone", "broker", "agent", "worker", "door", "keeper"] as const;
export type Role = (typeof ROLES)[number];
/** Pids by role; workers are several. */
export type Roles = Readonly<Record<Role, readonly number[]>>;

export interface MeshRun {
  /** Waits until all of them are there, workers included. */
  readonly roles: () => Promise<Roles>;
  readonly hasEnded: () => boolean;
  /** The exit code and what it printed. */
  readonly end: Promise<{ readonly code: number | null; readonly text: string }>;
  readonly stop: () => void;
  /** Ends what is left and removes its home. */
  readonly dispose: () => Promise<void>;
}

const program = join(import.meta.dirname, "../../bin/mesh");
const START_BOUND_MS = 60_000;
const END_BOUND_MS = 6_000;

const PATTERNS: Readonly<Record<Exclude<Role, "worker">, RegExp>> = {
  root: /main\.ts root /,
  zone: /main\.ts zone /,
  agent: /main\.ts agent /,
  broker: /\/nats-server --config/,
  door: /main\.ts run /,
  keeper: /keeper\/main\.ts/,
};

export function startMeshRun(script: string): MeshRun {
  const home = mkdtempSync(join(tmpdir(), "mesh-s-"));
  const file = join(home, "script.ts");
  writeFileSync(file, script);
  const others = Object.entries(process.env).filter(
    ([name]) => !name.startsWith("MESH_") || name === "MESH_CACHE",
  );
  const child = spawn("taskset", ["-c", String(GENERATOR_CORE), program, "run", file], {
    cwd: home,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...Object.fromEntries(others), MESH_HOME: home, MESH_CONFIG: "none" },
  });
  let text = "";
  for (const pipe of [child.stdout, child.stderr])
    pipe.setEncoding("utf8").on("data", (part: string) => (text += part));
  const end = once(child, "close").then(([code]) => ({ code: code as number | null, text }));
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    hasEnded,
    end,
    stop: () => child.kill("SIGINT"),
    roles: async () => {
      const until = performance.now() + START_BOUND_MS;
      for (; !hasEnded() && performance.now() < until; await pause(100)) {
        const roles = rolesOf(home);
        if (ROLES.every((role) => roles[role].length > 0)) return roles;
      }
      throw new Error(`mesh run is not at work:\n${text}`);
    },
    dispose: async () => {
      if (!hasEnded()) child.kill("SIGTERM");
      killAll(await withoutProcesses(home, END_BOUND_MS));
      rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    },
  };
}

function rolesOf(home: string): Roles {
  const all = processesOf(home);
  const of = (pattern: RegExp): number[] =>
    all
      .filter(({ command }) => pattern.test(command) && !command.startsWith("/bin/sh"))
      .map(({ pid }) => pid);
  const found = Object.fromEntries(Object.entries(PATTERNS).map(([role, pattern]) => [role, of(pattern)]));
  return { ...found, worker: (found["agent"] ?? []).flatMap(workersOf) } as unknown as Roles;
}

/** The agent's other children are the watchers of its pipes. */
const workersOf = (agent: number): number[] =>
  childrenOf(agent).filter((pid) => commandOf(pid).startsWith("mesh worker"));
