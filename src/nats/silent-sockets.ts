/**
 * Closes what the client forgets: the socket of a server that accepts a connection and then says nothing. The attempt
 * has failed by then, but the socket would keep a command from ending. Relies on Node telling of each new socket.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

const NEW_SOCKET = "net.client.socket";

/** Does what `connecting` does; when that fails, no socket that was opened meanwhile and has heard nothing stays. */
export async function leavingNoSilentSocket<A>(connecting: () => Promise<A>): Promise<A> {
  const opened = new Set<Socket>();
  const onSocket = (message: unknown): void => void opened.add((message as { socket: Socket }).socket);
  subscribe(NEW_SOCKET, onSocket);
  try {
    return await connecting();
  } catch (error) {
    for (const socket of opened) if (socket.bytesRead === 0) socket.destroy();
    throw error;
  } finally {
    unsubscribe(NEW_SOCKET, onSocket);
  }
}
