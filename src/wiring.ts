/** The only file that names a port and its adapter together. */
import type * as Effect from "effect/Effect";
import * as Layer from "effect/Layer";
import type * as Scope from "effect/Scope";
import { startWorker } from "./engine/worker.ts";
import type { ConnectFailure, ConnectOptions } from "./nats/connect.ts";
import { natsServer } from "./nats/nats-server.ts";
import { Own, type Server, Upper } from "./ports/server.ts";
import { Workers } from "./ports/workers.ts";

export { ConnectFailure } from "./nats/connect.ts";
export type { ConnectOptions } from "./nats/connect.ts";

/** A server for a door, for as long as the scope is open. */
export const openServer = (options: ConnectOptions): Effect.Effect<Server, ConnectFailure, Scope.Scope> =>
  natsServer(options);

/** A root's server is the hub. */
export const rootLayer = (hub: ConnectOptions) => Layer.effect(Own, natsServer(hub));

/** A zone has its parent's server and its own; on a laptop both are the same one, over two connections. */
export const zoneLayer = (upper: ConnectOptions, own: ConnectOptions) =>
  Layer.merge(Layer.effect(Upper, natsServer(upper)), Layer.effect(Own, natsServer(own)));

/** An agent knows its zone's server, and starts workers. */
export const agentLayer = (own: ConnectOptions) =>
  Layer.merge(Layer.effect(Own, natsServer(own)), Layer.succeed(Workers, { start: () => startWorker() }));
