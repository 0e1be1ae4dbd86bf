/**
 * Asks the keeper that runs for a server that is started only when somebody needs it. Takes no lease: whoever asks is
 * part of a command that holds one. Starts no keeper.
 */
import { homeDirectory } from "./home.ts";
import { connectIfRunning } from "./keeper-connection.ts";
import { KeeperError } from "./keeper-error.ts";
import { type KeeperReply, onMessage, send } from "./keeper-protocol.ts";
import type { ServerAccess } from "./servers/server-definition.ts";

/** Longer than a server's own bound for starting (30 s). */
const needBoundMs = 35_000;

export interface NeededServer {
  readonly url: string;
  readonly access: ServerAccess;
}

/** Resolves when the server answers. Throws KeeperError: "absent" where this machine cannot have one. */
export async function needServer(server: string): Promise<NeededServer> {
  const home = homeDirectory();
  const socket = await connectIfRunning(home);
  const again = "Run the command again.";
  if (socket === undefined) throw new KeeperError("lost", `no keeper runs in ${home}`, again);
  const answer = Promise.withResolvers<NeededServer>();
  const fail = (message: string, hint: string): void =>
    answer.reject(new KeeperError("start", message, hint));
  const timer = setTimeout(
    () => fail(`${server} was not there within ${needBoundMs / 1000} s`, `See ${home}/keeper.log.`),
    needBoundMs,
  );
  onMessage<KeeperReply>(socket, (reply) => {
    if (reply.type === "needed") answer.resolve({ url: reply.url, access: reply.access });
    else if (reply.type === "failed") answer.reject(new KeeperError(reply.reason, reply.message, reply.hint));
    // A keeper of another version takes any word it does not know for `hold`.
    else fail("the keeper that runs was started by another version of mesh", "Run mesh down, then again.");
  });
  socket.once("close", () =>
    answer.reject(new KeeperError("lost", "the keeper of the embedded servers is gone", again)),
  );
  send(socket, { type: "need", server });
  return answer.promise.finally(() => {
    clearTimeout(timer);
    socket.destroy();
  });
}
