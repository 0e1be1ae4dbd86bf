/** The link of a zone at the server of the node above: what the two say to each other goes through it. Opening it twice is harmless. */
import * as Effect from "effect/Effect";
import type { Asked, Server } from "../ports/server.ts";

/** A zone's streams there, and the durable that it pulls. */
export const openLink = (server: Server, zone: string): Asked<void> =>
  Effect.andThen(server.admin.provision("link", zone), server.admin.durable("zone", zone, ""));
