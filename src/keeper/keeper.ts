/**
 * What commands ask of the keeper: hold it while they work, pin it, stop it, look at it. Plain promises, few imports:
 * a command that finds it running has its lease within milliseconds. The servers' work is not known here.
 */
import type { Socket } from "node:net";
import { homeDirectory } from "./home.ts";
import { connectIfRunning, connectOrStart } from "./keeper-connection.ts";
import { KeeperError } from "./keeper-error.ts";
import { keeperProtocol, onMessage, send } from "./keeper-protocol.ts";
import type { KeeperReply, KeeperStatus } from "./keeper-protocol.ts";
import { readRecord } from "./keeper-record.ts";
import { end, gone, isAlive } from "./process-identity.ts";

export { KeeperError } from "./keeper-error.ts";
export type { KeeperStatus } from "./keeper-protocol.ts";

/** Longer than the keeper's own bounds for provisioning (180 s) and starting (15 s). */
const holdBoundMs = 205_000;
/** The keeper answers at once or hangs. */
const answerBoundMs = 5000;
const stopBoundMs = 10_000;
/** A keeper that is just ending cuts us off; the next one is ours. */
const holdTriesMax = 5;

export interface KeeperLease {
  /** The smallest number that no other lease of this keeper has: commands at once name their zones apart by it. */
  readonly slot: number;
  readonly nats: { readonly url: string; readonly nkeyFile: string };
  /** Resolves when the keeper or a server is gone before the lease was released; else stays open. */
  readonly lost: Promise<KeeperError>;
  /** Gives the lease back; resolves when the connection is closed. The keeper ends with its last lease. */
  release(): Promise<void>;
}

export interface HoldOptions {
  /** One line for the person who waits, such as "installing nats-server". */
  readonly onNote?: (line: string) => void;
}

/** Takes a lease, starting the keeper if needed. Throws KeeperError. */
export async function holdKeeper(options: HoldOptions = {}): Promise<KeeperLease> {
  const { held, lost, release } = await takeLease(homeDirectory(), "hold", options);
  const url = held.status.servers.find((server) => server.name === "nats-server")?.url;
  if (url === undefined)
    throw new KeeperError("start", "the keeper runs no nats-server", "Run mesh down, then again.");
  const port = process.env["MESH_NATS_PORT"];
  if (port && !url.endsWith(`:${port}`))
    options.onNote?.(`nats-server runs at ${url}; port ${port} counts after mesh down`);
  return { slot: held.slot, nats: { url, nkeyFile: held.status.nkeyFile }, lost, release };
}

/** Makes the keeper stay when nobody holds it, starting it if needed. Throws KeeperError. */
export async function pinKeeper(options: HoldOptions = {}): Promise<KeeperStatus> {
  const { held, release } = await takeLease(homeDirectory(), "pin", options);
  await release();
  return { ...held.status, leases: held.status.leases - 1 };
}

/** What runs now; undefined if nothing does. Starts nothing. Throws KeeperError if the keeper hangs. */
export async function inspectKeeper(): Promise<KeeperStatus | undefined> {
  const home = homeDirectory();
  const socket = await connectIfRunning(home);
  if (socket === undefined) return undefined;
  const answer = Promise.withResolvers<KeeperStatus | undefined>();
  const timer = setTimeout(() => answer.reject(tooLate(answerBoundMs)), answerBoundMs);
  onMessage<KeeperReply>(socket, (reply) => reply.type === "status" && answer.resolve(reply.status));
  // Closed without an answer: it was ending when we came.
  socket.once("close", () => answer.resolve(undefined));
  send(socket, { type: "status" });
  return answer.promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}

/** Ends the keeper and its servers, held, pinned or hung; false if none ran. Throws KeeperError after 10 s. */
export async function stopKeeper(): Promise<boolean> {
  const home = homeDirectory();
  const record = readRecord(home);
  if (record === undefined || !isAlive(record)) return false;
  const socket = await connectIfRunning(home).catch(() => undefined);
  if (socket !== undefined) send(socket, { type: "stop" });
  const stopped = (await gone(record, stopBoundMs / 2)) || (await end(record, stopBoundMs / 4));
  socket?.destroy();
  // After a clean end there is no record; a killed keeper's servers are ended by their guards.
  await Promise.all((readRecord(home)?.started ?? []).map((identity) => gone(identity, stopBoundMs / 4)));
  if (stopped) return true;
  throw new KeeperError(
    "start",
    `the keeper (pid ${record.pid}) does not end`,
    `End it by hand: kill -9 ${record.pid}`,
  );
}

type HeldReply = Extract<KeeperReply, { type: "held" }>;

interface Conversation {
  /** "closed" if the keeper hung up first, as one that is ending does. */
  readonly held: Promise<HeldReply | "closed">;
  readonly lost: Promise<KeeperError>;
  readonly release: () => Promise<void>;
}

async function takeLease(home: string, type: "hold" | "pin", options: HoldOptions) {
  for (let tries = 0; tries < holdTriesMax; tries += 1) {
    const socket = await connectOrStart(home);
    const conversation = converse(socket, options);
    send(socket, { type });
    const held = await conversation.held.catch(async (error: Error) => {
      await conversation.release();
      throw error;
    });
    if (held !== "closed") return { ...conversation, held };
  }
  throw new KeeperError(
    "start",
    `the keeper of ${home} ended ${holdTriesMax} times in a row`,
    `See ${home}/keeper.log.`,
  );
}

/** Listens once for the whole life of the connection, so that nothing the keeper says is missed. */
function converse(socket: Socket, options: HoldOptions): Conversation {
  const held = Promise.withResolvers<HeldReply | "closed">();
  const lost = Promise.withResolvers<KeeperError>();
  const closed = Promise.withResolvers<void>();
  let released = false;
  const bound = (boundMs: number) => setTimeout(() => held.reject(tooLate(boundMs)), boundMs);
  let timer = bound(answerBoundMs);
  const settle = (error: KeeperError): void => void (released || lost.resolve(error));
  onMessage<KeeperReply>(socket, (reply) => {
    if (reply.type === "note") options.onNote?.(reply.line);
    if (reply.type !== "note") clearTimeout(timer);
    if (reply.type === "accepted") timer = bound(holdBoundMs);
    if (reply.type === "accepted" && reply.protocol !== keeperProtocol) held.reject(otherVersion());
    if (reply.type === "held") held.resolve(reply);
    if (reply.type !== "failed") return;
    const error = new KeeperError(reply.reason, reply.message, reply.hint);
    settle(error);
    held.reject(error);
  });
  socket.once("close", () => {
    clearTimeout(timer);
    settle(new KeeperError("lost", "the keeper of the embedded servers is gone", runAgain));
    held.resolve("closed");
    closed.resolve();
  });
  const release = (): Promise<void> => {
    released = true;
    socket.destroy();
    return closed.promise;
  };
  return { held: held.promise, lost: lost.promise, release };
}

const runAgain = "Run the command again: what was stored is kept.";

function tooLate(boundMs: number): KeeperError {
  const hint = "Run mesh down, which ends a keeper that hangs, then try again.";
  return new KeeperError("start", `the keeper did not answer within ${boundMs / 1000} s`, hint);
}

function otherVersion(): KeeperError {
  const message = "the keeper that runs was started by another version of mesh";
  return new KeeperError(
    "start",
    message,
    "Run mesh down with that version, or when its runs are over, then try again.",
  );
}
