/**
 * Connections that a script makes without `http` of loadmesh: `fetch`, a database client, a socket. They go through the same
 * guard rails, at the one place through which all of Node's sockets connect. Where requests are counted or an owner holds a
 * zone, ways out that could not be held are closed. This is a rail, no prison: code that wants to break out of its process
 * needs a boundary of the system.
 */
import { createRequire, syncBuiltinESMExports } from "node:module";
import { isIP, type LookupFunction, Socket } from "node:net";
import type { TargetAsked, TargetRefusal } from "../../domain/guard/target-guard.ts";
import { ForbiddenTarget } from "../error-codes.ts";
import { guardedLookup, systemLookup } from "./guarded-lookup.ts";

/** Marks what the lanes of `http` connect to: it was judged already, and its requests are counted. */
export const JUDGED: unique symbol = Symbol("judged");

export interface Judge {
  readonly refusal: (asked: TargetAsked) => TargetRefusal | undefined;
  /** Only what is listed may be reached. */
  readonly hasAllowList: boolean;
  /** Why nothing but `http` may go out at all; undefined where it may. */
  readonly closed: TargetRefusal | undefined;
  /** Processes and threads of the script's own could not be held: they are refused with this reason. */
  readonly noProcesses: string | undefined;
  /** Told of each refusal. */
  readonly refused: (refusal: TargetRefusal) => void;
}

interface ConnectOptions {
  readonly path?: string;
  readonly host?: string;
  readonly port?: number | string;
  readonly lookup?: LookupFunction;
  readonly [JUDGED]?: true;
}

const require = createRequire(import.meta.url);

/** From now on, in the whole process; once. */
export function guardForeignConnections(judge: Judge): void {
  guardSockets(judge);
  if (judge.closed !== undefined || judge.noProcesses !== undefined) guardDatagrams(judge);
  if (judge.noProcesses !== undefined) forbidProcesses(judge.noProcesses);
  syncBuiltinESMExports();
}

function guardSockets(judge: Judge): void {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with each socket as its `this`
  const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket;
  Socket.prototype.connect = function (this: Socket, ...given: unknown[]): Socket {
    const { args, options: own } = optionsIn(given);
    if (own[JUDGED] === true) return connect.apply(this, given);
    // Read once: what is judged is what is connected to, also where a property says something else each time.
    const options = { ...own };
    const refusal = refusalOf(judge, options);
    if (refusal === undefined)
      return connect.apply(this, args(options.path ? options : looked(judge, options)));
    judge.refused(refusal);
    setImmediate(() => this.destroy(new ForbiddenTarget("MESH_GUARDED", refusal.message, refusal.rail)));
    return this;
  };
}

/** Node's own calls hand over a list `[options, callback]` that it knows by a mark: it stays the same list. */
function optionsIn(given: readonly unknown[]): {
  readonly options: ConnectOptions;
  readonly args: (options: ConnectOptions) => unknown[];
} {
  const [first, second] = given;
  if (Array.isArray(first)) {
    const args = (options: ConnectOptions): unknown[] => {
      first[0] = options;
      return [...given];
    };
    return { options: (first[0] ?? {}) as ConnectOptions, args };
  }
  const rest = (from: number) => given.slice(from);
  if (typeof first === "object" && first !== null)
    return { options: first, args: (options: ConnectOptions) => [options, ...rest(1)] };
  const isPath = typeof first === "string" && Number.isNaN(Number(first));
  if (isPath) return { options: { path: first }, args: (options: ConnectOptions) => [options, ...rest(1)] };
  const hasHost = typeof second === "string";
  const options: ConnectOptions = { port: first as number, ...(hasHost ? { host: second } : {}) };
  return { options, args: (asked) => [asked, ...rest(hasHost ? 2 : 1)] };
}

/** A look-up of the script's own says what it likes: the name then proves nothing, as with the option `hosts`. */
const askedOf = ({ host, lookup = systemLookup, port = 0 }: ConnectOptions) => ({
  host: (host || "localhost").replace(/\.$/, "").toLowerCase(),
  port: Number(port),
  scheme: undefined,
  isRenamed: lookup !== systemLookup,
});

function refusalOf(
  { closed, hasAllowList, refusal }: Judge,
  options: ConnectOptions,
): TargetRefusal | undefined {
  if (closed !== undefined) return closed;
  // A socket file is on this machine, and no list of targets can name it.
  if (options.path) return hasAllowList ? socketFile(options.path) : undefined;
  const asked = askedOf(options);
  return refusal(isIP(asked.host) === 0 ? asked : { ...asked, address: asked.host });
}

const socketFile = (path: string): TargetRefusal => ({
  rail: "socket files, built in",
  message: `${path} is refused: no list of targets has socket files`,
});

/** What is looked up for it is judged before it connects. */
function looked({ refusal, refused }: Judge, options: ConnectOptions): ConnectOptions {
  const asked = askedOf(options);
  const judged = (address: string) => {
    const found = refusal({ ...asked, address });
    return found && new ForbiddenTarget("MESH_GUARDED", found.message, found.rail);
  };
  const count = ({ message, rail = "" }: ForbiddenTarget) => refused({ rail, message });
  return { ...options, lookup: guardedLookup(options.lookup ?? systemLookup, judged, count) };
}

function guardDatagrams({ closed, noProcesses, refused }: Judge): void {
  const dgram = require("node:dgram") as { Socket: { prototype: Record<string, unknown> } };
  const message = closed?.message ?? noProcesses ?? "";
  for (const name of ["send", "connect"]) {
    dgram.Socket.prototype[name] = () => {
      const refusal = { rail: closed?.rail ?? "datagrams of a guarded zone", message };
      refused(refusal);
      throw new ForbiddenTarget("MESH_GUARDED", message, refusal.rail);
    };
  }
}

function forbidProcesses(reason: string): void {
  const forbidden = function (): never {
    throw new ForbiddenTarget("MESH_GUARDED", reason);
  };
  const processes = require("node:child_process") as Record<string, unknown>;
  for (const name of ["exec", "execFile", "execFileSync", "execSync", "fork", "spawn", "spawnSync"])
    processes[name] = forbidden;
  // Behind all of them that do not wait, also when somebody makes one by hand.
  (processes["ChildProcess"] as { prototype: Record<string, unknown> }).prototype["spawn"] = forbidden;
  (require("node:worker_threads") as Record<string, unknown>)["Worker"] = forbidden;
  // Hooks of modules run in a thread of their own.
  (require("node:module") as Record<string, unknown>)["register"] = forbidden;
  (process as unknown as Record<string, unknown>)["execve"] = forbidden;
}
