/**
 * What a command and the keeper say to each other over the socket: one JSON value per line, in both directions.
 * A lease is the connection on which `hold` was said, and ends with it. Nothing here opens a socket.
 */
import type { Socket } from "node:net";
import type { KeeperErrorReason } from "./keeper-error.ts";
import type { ServerAccess } from "./servers/server-definition.ts";

/** A line longer than this cannot be ours; the connection is dropped. */
const lineCharactersMax = 64 * 1024;

export interface KeeperServerStatus {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  readonly version: string;
}

export interface KeeperStatus {
  readonly pid: number;
  readonly home: string;
  readonly pinned: boolean;
  /** How many commands hold it now. */
  readonly leases: number;
  /** Empty while they are still being started. */
  readonly servers: readonly KeeperServerStatus[];
  readonly nkeyFile: string;
}

/**
 * `hold`: a lease, accepted at once and held when the servers run. `pin`: stay without leases. `stop`: end now, pinned or
 * not. `status`: answer at once. `need`: start a server that is started only when somebody needs it; no lease.
 */
export type KeeperRequest =
  | { readonly type: "hold" | "pin" | "stop" | "status" }
  | { readonly type: "need"; readonly server: string };

/** Raised when a change of these messages would be misread by the other side. */
export const keeperProtocol = 1;

export type KeeperReply =
  | { readonly type: "accepted"; readonly protocol: number }
  | { readonly type: "note"; readonly line: string }
  | { readonly type: "held"; readonly slot: number; readonly status: KeeperStatus }
  | { readonly type: "status"; readonly status: KeeperStatus }
  | { readonly type: "stopping" }
  | { readonly type: "needed"; readonly url: string; readonly access: ServerAccess }
  | {
      readonly type: "failed";
      readonly reason: KeeperErrorReason;
      readonly message: string;
      readonly hint: string;
    };

/** Sends one message; a peer that is gone is noticed by its closed connection, not here. */
export function send(socket: Socket, message: KeeperRequest | KeeperReply): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}

/** Calls back with each message that arrives; a peer that does not speak this protocol is disconnected. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller says which side it is on
export function onMessage<Message extends KeeperRequest | KeeperReply>(
  socket: Socket,
  receive: (message: Message) => void,
): void {
  let rest = "";
  socket.setEncoding("utf8");
  socket.on("data", (chunk: string) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    try {
      if (rest.length > lineCharactersMax) throw new RangeError("line too long");
      for (const line of lines) receive(JSON.parse(line) as Message);
    } catch (error) {
      socket.destroy(
        error instanceof SyntaxError || error instanceof RangeError ? undefined : (error as Error),
      );
    }
  });
}
