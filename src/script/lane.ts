/**
 * One keep-alive connection of one VU to one origin, as an undici client that carries one exchange at a time, so
 * the times of connecting belong to exactly one request. Relies on undici's inner modules: its index loads five
 * times as much (64 against 17 ms), and workers must start fast.
 */
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import type { buildConnector as BuildConnector, Client as UndiciClient, Dispatcher } from "undici";
import type { Exchange } from "./exchange.ts";
import type { Clock } from "./clock.ts";

const require = createRequire(import.meta.url);
const Client = require("undici/lib/dispatcher/client.js") as typeof UndiciClient;
const buildConnector = require("undici/lib/core/connect.js") as typeof BuildConnector;

/** Idle connections are kept this long unless the server says less (Go's and so k6's default is 90 s). */
const KEEP_ALIVE_MS = 90_000;

type Connector = ReturnType<typeof BuildConnector>;

/** How connections are made, for all VUs of a worker. */
export interface LaneSettings {
  readonly clock: Clock;
  readonly reuse: boolean;
  readonly verifyTls: boolean;
}

/** Opens connections; one per worker. TLS sessions are not resumed: each VU shakes hands like a new user. */
export function connectorOf(settings: LaneSettings): Connector {
  return buildConnector({
    timeout: 0,
    allowH2: false,
    maxCachedSessions: 0,
    rejectUnauthorized: settings.verifyTls,
  });
}

export class Lane {
  /** The exchange that is under way. */
  current: Exchange | undefined;
  readonly #client: UndiciClient;
  readonly #clock: Clock;
  #socket: Socket | undefined;
  #read = 0;
  #written = 0;
  #lost = false;

  constructor(origin: string, settings: LaneSettings, connector: Connector) {
    this.#clock = settings.clock;
    this.#client = new Client(origin, {
      connect: (options, callback) => this.#connect(connector, options, callback),
      pipelining: settings.reuse ? 1 : 0,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
    });
  }

  /** False once the lane was destroyed. */
  get usable(): boolean {
    return !this.#lost;
  }

  /** Begins an exchange; its end is told to the exchange itself. */
  dispatch(options: Dispatcher.DispatchOptions, exchange: Exchange): void {
    this.current = exchange;
    this.#client.dispatch(options, exchange);
  }

  /** Bytes that went over this connection since the last call, heads and bodies; for TLS without its framing. */
  takeBytes(add: (sent: number, received: number) => void): void {
    const socket = this.#socket;
    if (!socket) return;
    const { bytesRead, bytesWritten } = socket;
    add(bytesWritten - this.#written, bytesRead - this.#read);
    this.#read = bytesRead;
    this.#written = bytesWritten;
  }

  /** Closes the connection; an exchange under way ends with this error. */
  destroy(reason: Error): void {
    this.#lost = true;
    void this.#client.destroy(reason);
    this.#socket?.destroy();
  }

  #connect(connector: Connector, options: BuildConnector.Options, callback: BuildConnector.Callback): void {
    let startUs = this.#clock.nowUs();
    let connectedUs = 0;
    // undici's connector returns the socket; its types do not say so.
    const socket = connector(options, callback) as unknown as Socket;
    this.#socket = socket;
    this.#read = 0;
    this.#written = 0;
    socket.once("lookup", () => (startUs = this.#clock.nowUs()));
    socket.prependOnceListener("connect", () => {
      connectedUs = this.#clock.nowUs();
      if (this.current) this.current.connectingUs = connectedUs - startUs;
    });
    if (options.protocol === "https:") {
      socket.prependOnceListener("secureConnect", () => {
        if (this.current) this.current.tlsUs = this.#clock.nowUs() - connectedUs;
      });
    }
  }
}
