/** Servers of the mesh that no script may reach, as a node knows them: it tells those below with each run. */
import * as Effect from "effect/Effect";
import type { Server } from "../ports/server.ts";

/**
 * `host:port` of every server that this process knows, with all addresses that they have now; `members` are those that its
 * server names. Answers soon, whatever the network does: decisions wait for it.
 */
export type ControlPlane = (members: readonly string[]) => Promise<readonly string[]>;

export const knownServers = (
  { members }: Server,
  find: ControlPlane | undefined,
): Effect.Effect<readonly string[]> =>
  find === undefined ? Effect.succeed([]) : Effect.promise(() => find(members?.() ?? []));
