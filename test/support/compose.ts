/**
 * Runs the services of a Compose file as processes of this machine, where no Docker is: the same arguments, environment and
 * stop signal, in the order of their dependencies. What a container would see otherwise – names of hosts, paths – is
 * mapped by text. Relies on the package `yaml`; it knows as much of Compose as our own file uses.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { parse } from "yaml";
import { type ChildOutput, collectOutput } from "./child-output.ts";
import { pidOf } from "./pid-of.ts";

export interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: Condition }>>;
  readonly networks?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly network_mode?: string;
  readonly volumes?: readonly (string | NamedVolume)[];
  readonly healthcheck?: { readonly test: readonly string[]; readonly retries: number };
  readonly profiles?: readonly string[];
  readonly stop_grace_period?: string;
}

type Condition = "service_started" | "service_healthy" | "service_completed_successfully";

interface NamedVolume {
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly volume?: { readonly subpath?: string };
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean } | null>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** With `${NAME:-default}` replaced as Compose does where nothing is set. */
export function readCompose(file: string): ComposeFile {
  const text = readFileSync(file, "utf8").replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1");
  return parse(text, { merge: true }) as ComposeFile;
}

/** Names of the networks that a service has a leg in. */
export const networksOf = ({ networks = [] }: Service): readonly string[] =>
  Array.isArray(networks) ? (networks as readonly string[]) : Object.keys(networks);

export interface Mount {
  /** A volume's name, or a path beside the Compose file. */
  readonly source: string;
  readonly target: string;
  readonly subpath: string;
}

export const mountsOf = ({ volumes = [] }: Service): readonly Mount[] =>
  volumes.map((each) => {
    if (typeof each !== "string")
      return { source: each.source, target: each.target, subpath: each.volume?.subpath ?? "" };
    const [source = "", target = ""] = each.split(":");
    return { source, target, subpath: "" };
  });

/** Those of these profiles, each behind what it depends on. */
export function startOrder({ services }: ComposeFile, profiles: readonly string[] = []): readonly string[] {
  const order: string[] = [];
  const visit = (name: string): void => {
    if (order.includes(name)) return;
    for (const other of Object.keys(services[name]?.depends_on ?? {})) visit(other);
    order.push(name);
  };
  for (const [name, service] of Object.entries(services)) {
    if ((service.profiles ?? []).every((each) => profiles.includes(each))) visit(name);
  }
  return order;
}

export interface Line {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export interface ServiceProcess {
  readonly name: string;
  readonly pid: number;
  readonly stdout: ChildOutput;
  readonly stderr: ChildOutput;
  readonly signal: (name: NodeJS.Signals) => void;
  /** The exit code; rejects after that time, and ends it. */
  readonly exit: (boundMs: number) => Promise<number | null>;
}

export function startService(name: string, { args, cwd, env, program }: Line): ServiceProcess {
  const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const stdout = collectOutput(child.stdout, `stdout of ${name}`);
  const stderr = collectOutput(child.stderr, `stderr of ${name}`);
  const closed = closeOf(child);
  return {
    name,
    pid: pidOf(child),
    stdout,
    stderr,
    signal: (signal) => void child.kill(signal),
    exit: async (boundMs) => {
      const late = pause(boundMs, "late" as const, { ref: false });
      const how = await Promise.race([closed, late]);
      if (how !== "late") return how;
      child.kill("SIGKILL");
      throw new Error(`${name} did not end in ${boundMs} ms:\n${stdout.text()}\n${stderr.text()}`);
    },
  };
}

async function closeOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, "close")) as [number | null];
  return code;
}

/** Milliseconds of `30s`. */
export const graceMs = ({ stop_grace_period = "10s" }: Service): number =>
  Number.parseInt(stop_grace_period, 10) * 1000;
