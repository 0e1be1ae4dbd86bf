/**
 * A lane: one connection of one VU to one origin, which carries one exchange at a time, so that the times of connecting
 * belong to exactly one request. There are two kinds: our own HTTP/1.1 for plain keep-alive requests, undici for the rest.
 */
import type { Clock } from "./clock.ts";
import type { DialRules } from "./connect/dial.ts";
import type { Exchange } from "./exchange.ts";
import type { Target } from "./targets.ts";

/** A request as it goes over a lane. */
export interface LaneRequest {
  readonly method: string;
  readonly target: Target;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: string | Uint8Array | null;
}

export interface Lane {
  /** False once it cannot carry another exchange. */
  readonly usable: boolean;
  /** Begins an exchange; its end is told to the exchange itself. */
  dispatch(request: LaneRequest, exchange: Exchange): void;
  /** Bytes that went over it since the last call, heads and bodies; for TLS without its framing. */
  takeBytes(add: (sent: number, received: number) => void): void;
  /** Ends the exchange under way with this error, at once, and closes the connection. */
  destroy(reason: Error): void;
}

/** How connections are made, for all VUs of a worker. */
export interface LaneSettings {
  readonly clock: Clock;
  readonly reuse: boolean;
  readonly dial: DialRules;
  /** What every request of the worker carries; names and values in turn. */
  readonly plainHeaders: readonly string[];
}

/** Opens a lane for requests to a target's origin; each VU has an opener of its own. */
export type OpenLane = (target: Target) => Lane;
