/**
 * Closes what the client forgets: the socket of a server that accepts a connection and then says nothing. The attempt
 * has failed by then, but the socket would keep a command from ending. Relies on Node telling of each new socket, also of
 * those that are not ours: only a socket to one of the servers' ports is looked at.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

const NEW_SOCKET = "net.client.socket";
const NATS_PORT = 4222;

/** Does what `connecting` does; when that fails, no socket to these servers that has heard nothing stays open. */
export async function leavingNoSilentSocket<A>(
  servers: readonly string[],
  connecting: () => Promise<A>,
): Promise<A> {
  const ports = new Set(servers.map(portOf));
  const opened = new Set<Socket>();
  const onSocket = (message: unknown): void => void opened.add((message as { socket: Socket }).socket);
  subscribe(NEW_SOCKET, onSocket);
  try {
    return await connecting();
  } catch (error) {
    for (const socket of opened) if (isSilent(socket, ports)) socket.destroy();
    throw error;
  } finally {
    unsubscribe(NEW_SOCKET, onSocket);
  }
}

/** A socket that is still connecting does not say where to. */
const isSilent = ({ bytesRead, connecting, remotePort }: Socket, ports: ReadonlySet<number>): boolean =>
  bytesRead === 0 && (connecting || (remotePort !== undefined && ports.has(remotePort)));

const portOf = (server: string): number => Number(/:(\d+)$/.exec(server)?.[1] ?? NATS_PORT);
