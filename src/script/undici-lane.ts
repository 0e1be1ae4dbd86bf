/**
 * A lane by an undici client: TLS, and connections that are not reused. Relies on undici's inner modules: its index loads
 * five times as much (64 against 17 ms), and workers must start fast; they are loaded when the first such lane is opened.
 */
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import type { buildConnector as BuildConnector, Client as UndiciClient, Dispatcher } from "undici";
import type { Exchange } from "./exchange.ts";
import { KEEP_ALIVE_MS } from "./http1/limits.ts";
import type { Lane, LaneRequest, LaneSettings } from "./lane.ts";

const require = createRequire(import.meta.url);

type Connector = ReturnType<typeof BuildConnector>;

const connectors = new WeakMap<LaneSettings, Connector>();

/** TLS sessions are not resumed: each VU shakes hands like a new user. */
function connectorOf(settings: LaneSettings): Connector {
  const known = connectors.get(settings);
  if (known !== undefined) return known;
  const buildConnector = require("undici/lib/core/connect.js") as typeof BuildConnector;
  const rejectUnauthorized = settings.verifyTls;
  const made = buildConnector({ timeout: 0, allowH2: false, maxCachedSessions: 0, rejectUnauthorized });
  connectors.set(settings, made);
  return made;
}

export class UndiciLane implements Lane {
  readonly #client: UndiciClient;
  readonly #settings: LaneSettings;
  #current: Exchange | undefined;
  #socket: Socket | undefined;
  #read = 0;
  #written = 0;
  #lost = false;

  constructor(origin: string, settings: LaneSettings) {
    const Client = require("undici/lib/dispatcher/client.js") as typeof UndiciClient;
    this.#settings = settings;
    this.#client = new Client(origin, {
      connect: (options, callback) => this.#connect(options, callback),
      pipelining: settings.reuse ? 1 : 0,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      keepAliveMaxTimeout: KEEP_ALIVE_MS,
    });
  }

  get usable(): boolean {
    return !this.#lost;
  }

  dispatch({ body, headers, method, target }: LaneRequest, exchange: Exchange): void {
    this.#current = exchange;
    const handler = handlerFor(exchange, () => (this.#current = undefined));
    this.#client.dispatch({ path: target.path, method, headers: headers as string[], body }, handler);
  }

  takeBytes(add: (sent: number, received: number) => void): void {
    const socket = this.#socket;
    if (!socket) return;
    const { bytesRead, bytesWritten } = socket;
    add(bytesWritten - this.#written, bytesRead - this.#read);
    this.#read = bytesRead;
    this.#written = bytesWritten;
  }

  destroy(reason: Error): void {
    this.#lost = true;
    // Ended here and at once: a destroyed client tells it only later, after the ledger was closed.
    this.#current?.fail(reason);
    void this.#client.destroy(reason);
    this.#socket?.destroy();
  }

  #connect(options: BuildConnector.Options, callback: BuildConnector.Callback): void {
    const { clock } = this.#settings;
    let startUs = clock.nowUs();
    let connectedUs = 0;
    // undici's connector returns the socket; its types do not say so.
    const socket = connectorOf(this.#settings)(options, callback) as unknown as Socket;
    this.#socket = socket;
    this.#read = 0;
    this.#written = 0;
    socket.once("lookup", () => (startUs = clock.nowUs()));
    socket.prependOnceListener("connect", () => {
      connectedUs = clock.nowUs();
      if (this.#current) this.#current.connectingUs = connectedUs - startUs;
    });
    if (options.protocol === "https:") {
      socket.prependOnceListener("secureConnect", () => {
        if (this.#current) this.#current.tlsUs = clock.nowUs() - connectedUs;
      });
    }
  }
}

/** What undici tells, as the exchange takes it. */
function handlerFor(exchange: Exchange, over: () => void): Dispatcher.DispatchHandler {
  return {
    onRequestStart: () => exchange.began(),
    onRequestSent: () => exchange.wasSent(),
    onResponseStarted: () => exchange.firstByte(),
    onResponseStart: ({ rawHeaders }, status, _headers, statusText) => {
      if (status >= 200)
        exchange.takeRawHead(status, statusText ?? "", Array.isArray(rawHeaders) ? rawHeaders : []);
    },
    onResponseData: (_controller, chunk) => exchange.takeChunk(chunk),
    onResponseEnd: () => {
      over();
      exchange.end();
    },
    onResponseError: (_controller, error) => {
      over();
      exchange.fail(error);
    },
  };
}
