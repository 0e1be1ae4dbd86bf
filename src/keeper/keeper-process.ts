/**
 * The keeper's life: takes the home's lock, cleans up after a killed predecessor, starts the servers, hands out leases,
 * and stops everything when the last lease closes (unless pinned), a server dies, or it is told to.
 * Relies on the kernel for the lock and for noticing dead commands. It knows no kind of server by name.
 */
import { rmSync } from "node:fs";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { dirname, join } from "node:path";
import { privateSocketFolder, socketPath } from "./home.ts";
import { KeeperError, asKeeperError } from "./keeper-error.ts";
import { keeperProtocol, onMessage, send } from "./keeper-protocol.ts";
import type { KeeperReply, KeeperRequest, KeeperStatus } from "./keeper-protocol.ts";
import { cleanStaleRecord, removeRecord, writeRecord } from "./keeper-record.ts";
import { lockWithin } from "./kernel-lock.ts";
import type { KernelLock } from "./kernel-lock.ts";
import { smallestFreeSlot } from "./lease-slot.ts";
import { identityOf, isAlive } from "./process-identity.ts";
import type { ProcessIdentity } from "./process-identity.ts";
import { onDemand, type OnDemand } from "./on-demand.ts";
import type { RunningServer, ServerContext, ServerDefinition } from "./servers/server-definition.ts";
import { nkeyFileIn } from "./servers/nats.ts";

/** How long a new keeper waits for the one before it to finish stopping. */
const lockBoundMs = 10_000;
/** A keeper that nobody came to hold, because the command that started it died, ends after this long. */
const firstLeaseBoundMs = 5000;

export interface KeeperPlan {
  readonly home: string;
  readonly definitions: readonly ServerDefinition[];
  /** Started when somebody needs them. */
  readonly onDemand?: readonly ServerDefinition[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: (line: string) => void;
}

interface KeeperState {
  readonly plan: KeeperPlan;
  readonly lock: KernelLock;
  readonly socket: string;
  readonly door: Server;
  /** Connections that hold a lease, with their slots, whether or not the servers run yet. */
  readonly leases: Map<Socket, number>;
  readonly connections: Set<Socket>;
  readonly servers: RunningServer[];
  readonly started: ProcessIdentity[];
  readonly stopStarting: AbortController;
  readonly ended: PromiseWithResolvers<void>;
  phase: "starting" | "running" | "ending";
  pinned: boolean;
  lastNote: string | undefined;
  starting: Promise<void>;
  onDemand: OnDemand | undefined;
}

export interface Keeper {
  /** Resolves when everything is stopped and cleaned up. */
  readonly ended: Promise<void>;
  /** Stops everything; `why` is what lease holders are told. */
  stop(why: string): void;
}

/** Becomes the keeper of this home. Throws KeeperError if another one keeps it, or what that left cannot be ended. */
export async function startKeeper(plan: KeeperPlan): Promise<Keeper> {
  const lock = await lockWithin(join(plan.home, "keeper.lock"), { boundMs: lockBoundMs });
  if (lock === undefined) {
    throw new KeeperError("start", `another keeper keeps ${plan.home}`, "Run mesh down, then try again.");
  }
  const state = newState(plan, lock);
  const { onDemand: definitions = [], log } = plan;
  state.onDemand = onDemand({ definitions, context: contextOf(state), log });
  await openDoor(state);
  state.starting = startServers(state);
  setTimeout(() => endIfUnused(state), firstLeaseBoundMs).unref();
  return { ended: state.ended.promise, stop: (why) => lose(state, why, "Run the command again.") };
}

function newState(plan: KeeperPlan, lock: KernelLock): KeeperState {
  return {
    plan,
    lock,
    socket: socketPath(plan.home),
    door: createServer(),
    leases: new Map(),
    connections: new Set(),
    servers: [],
    started: [],
    stopStarting: new AbortController(),
    ended: Promise.withResolvers(),
    phase: "starting",
    pinned: false,
    lastNote: undefined,
    starting: Promise.resolve(),
    onDemand: undefined,
  };
}

async function openDoor(state: KeeperState): Promise<void> {
  const { home } = state.plan;
  if (!(await cleanStaleRecord(home))) {
    const hint = `See ${join(home, "keeper.json")} for their pids, and end them.`;
    throw new KeeperError("start", "processes of an earlier keeper cannot be ended", hint);
  }
  if (dirname(state.socket) !== home) privateSocketFolder(dirname(state.socket));
  rmSync(state.socket, { force: true });
  writeRecord(home, recordOf(state));
  state.door.on("connection", (socket) => welcome(state, socket));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  state.door.once("error", reject).listen(state.socket, resolve);
  await promise;
}

function recordOf(state: KeeperState) {
  const self = identityOf(process.pid) ?? { pid: process.pid, startedAt: "" };
  return { ...self, socket: state.socket, started: state.started.filter(isAlive) };
}

function contextOf(state: KeeperState): ServerContext {
  const { plan } = state;
  return {
    home: plan.home,
    env: plan.env,
    signal: state.stopStarting.signal,
    onNote: (line) => note(state, line),
    onStarted: (identity) => {
      state.started.push(identity);
      writeRecord(plan.home, recordOf(state));
    },
  };
}

async function startServers(state: KeeperState): Promise<void> {
  const context = contextOf(state);
  const starts = state.plan.definitions.map(async (definition) => {
    const server = await definition.start(context);
    state.servers.push(server);
    void server.exited.then((how) => serverGone(state, server, how));
  });
  const failed = (await Promise.allSettled(starts)).find((start) => start.status === "rejected");
  if (failed !== undefined) failStart(state, failed.reason);
  else if (state.phase === "starting") run(state);
}

function run(state: KeeperState): void {
  state.phase = "running";
  state.plan.log(
    `running: ${state.servers.map((server) => `${server.name} ${server.pid} ${server.url}`).join(", ")}`,
  );
  for (const [socket, slot] of state.leases) grant(state, socket, slot);
}

function failStart(state: KeeperState, reason: unknown): void {
  if (state.phase === "ending") return;
  const hint = `See ${join(state.plan.home, "keeper.log")}.`;
  finish(state, asKeeperError(reason, "start", hint));
}

function serverGone(state: KeeperState, server: RunningServer, how: string): void {
  if (state.phase === "ending") return;
  lose(state, `${server.name} (pid ${server.pid}) died: ${how}`, "Run the command again: its data is kept.");
}

function lose(state: KeeperState, message: string, hint: string): void {
  finish(state, new KeeperError("lost", message, hint));
}

function note(state: KeeperState, line: string): void {
  state.plan.log(line);
  state.lastNote = line;
  for (const socket of state.leases.keys()) send(socket, { type: "note", line });
}

function welcome(state: KeeperState, socket: Socket): void {
  // Whoever comes when it ends is cut off without an answer, which tells them to start anew.
  if (state.phase === "ending") {
    socket.destroy();
    return;
  }
  state.connections.add(socket);
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.end());
  socket.on("close", () => {
    state.connections.delete(socket);
    if (state.leases.delete(socket)) endIfUnused(state);
  });
  onMessage<KeeperRequest>(socket, (request) => answer(state, socket, request));
}

function answer(state: KeeperState, socket: Socket, request: KeeperRequest): void {
  if (state.phase === "ending") return;
  if (request.type === "status") return send(socket, { type: "status", status: statusOf(state) });
  if (request.type === "need") return void give(state, socket, request.server);
  if (request.type === "stop") {
    send(socket, { type: "stopping" });
    return lose(state, "the keeper was stopped by mesh down", "Run the command again.");
  }
  if (request.type === "pin") state.pinned = true;
  const slot = state.leases.get(socket) ?? smallestFreeSlot(state.leases.values());
  state.leases.set(socket, slot);
  send(socket, { type: "accepted", protocol: keeperProtocol });
  if (state.phase === "running") grant(state, socket, slot);
  else if (state.lastNote !== undefined) send(socket, { type: "note", line: state.lastNote });
}

async function give(state: KeeperState, socket: Socket, name: string): Promise<void> {
  try {
    const server = await state.onDemand?.need(name);
    if (server !== undefined) send(socket, { type: "needed", url: server.url, access: server.access ?? {} });
  } catch (error) {
    const { reason, message, hint } = asKeeperError(error, "start", `See ${state.plan.home}/keeper.log.`);
    send(socket, { type: "failed", reason, message, hint });
  }
}

function grant(state: KeeperState, socket: Socket, slot: number): void {
  send(socket, { type: "held", slot, status: statusOf(state) });
}

function statusOf(state: KeeperState): KeeperStatus {
  const { home } = state.plan;
  const all = [...state.servers, ...(state.onDemand?.running() ?? [])];
  const servers = all.map(({ name, pid, url, version }) => ({ name, pid, url, version }));
  const { pinned, leases } = state;
  return { pid: process.pid, home, pinned, leases: leases.size, servers, nkeyFile: nkeyFileIn(home) };
}

function endIfUnused(state: KeeperState): void {
  if (state.leases.size === 0 && !state.pinned) finish(state, undefined);
}

function finish(state: KeeperState, why: KeeperError | undefined): void {
  if (state.phase === "ending") return;
  state.phase = "ending";
  state.plan.log(why === undefined ? "ending: nobody holds it" : `ending: ${why.reason}: ${why.message}`);
  if (why !== undefined) {
    const { reason, message, hint } = why;
    const failed: KeeperReply = { type: "failed", reason, message, hint };
    for (const socket of state.leases.keys()) send(socket, failed);
  }
  void stopAll(state).then(state.ended.resolve, state.ended.reject);
}

async function stopAll(state: KeeperState): Promise<void> {
  state.door.close();
  state.stopStarting.abort();
  await state.starting;
  await Promise.all([...state.servers.map((server) => server.stop()), state.onDemand?.stop()]);
  for (const socket of state.connections) socket.end();
  rmSync(state.socket, { force: true });
  removeRecord(state.plan.home);
  state.plan.log("ended");
  state.lock.release();
}
