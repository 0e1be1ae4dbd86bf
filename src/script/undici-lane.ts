/**
 * A lane by an undici client: TLS, and connections that are not reused. Relies on undici's inner modules: its index loads
 * five times as much (64 against 17 ms), and workers must start fast; they are loaded when the first such lane is opened.
 */
import { createRequire } from "node:module";
import type { Socket } from "node:net";
import type { buildConnector as BuildConnector, Client as UndiciClient, Dispatcher } from "undici";
import { type ConnectionFacts, factsOf } from "./connection-facts.ts";
import { dial } from "./connect/dial.ts";
import type { Exchange } from "./exchange.ts";
import { KEEP_ALIVE_MS } from "./http1/limits.ts";
import { unframed } from "./http1/request-head.ts";
import type { Lane, LaneRequest, LaneSettings } from "./lane.ts";
import type { Target } from "./targets.ts";

const require = createRequire(import.meta.url);

export class UndiciLane implements Lane {
  readonly #client: UndiciClient;
  readonly #settings: LaneSettings;
  readonly #target: Target;
  /** A connection that is there already. */
  #ready: Socket | undefined;
  #current: Exchange | undefined;
  #socket: Socket | undefined;
  #facts: ConnectionFacts | undefined;
  #giveUp: () => void = () => undefined;
  #read = 0;
  #written = 0;
  #lost = false;

  /** @param ready shaken hands for HTTP/1.1, if the target is https */
  constructor(target: Target, settings: LaneSettings, ready?: Socket) {
    this.#target = target;
    this.#ready = ready;
    const Client = require("undici/lib/dispatcher/client.js") as typeof UndiciClient;
    this.#settings = settings;
    this.#client = new Client(target.origin, {
      connect: (_options, callback) => this.#connect(callback),
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
    const handler = this.#handlerFor(exchange);
    this.#client.dispatch({ path: target.path, method, headers: unframed(headers), body }, handler);
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
    this.#giveUp();
    void this.#client.destroy(reason);
    this.#socket?.destroy();
  }

  #connect(callback: BuildConnector.Callback): void {
    const ready = this.#ready;
    this.#ready = undefined;
    // undici wants its connection later, never at once.
    if (ready) return process.nextTick(() => this.#take(ready, callback));
    const { dial: rules } = this.#settings;
    this.#giveUp = dial(rules, this.#target.url, ["http/1.1"], this.#current, (error, socket) => {
      if (socket) this.#take(socket, callback);
      else callback(error ?? new Error("no connection"), null);
    });
  }

  #take(socket: Socket, callback: BuildConnector.Callback): void {
    this.#socket = socket;
    this.#facts = factsOf(socket);
    this.#read = 0;
    this.#written = 0;
    callback(null, socket);
  }

  /** What undici tells, as the exchange takes it. */
  #handlerFor(exchange: Exchange): Dispatcher.DispatchHandler {
    const over = () => (this.#current = undefined);
    return {
      onRequestStart: () => {
        exchange.connection = this.#facts;
        exchange.began();
      },
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
}
