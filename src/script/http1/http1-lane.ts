/**
 * A lane that speaks HTTP/1.1 over a plain socket by itself: the usual request of a load test, without what a general
 * client must have. Reads go into memory that all connections of the worker share: nothing is allocated per read.
 */
import { connect, type Socket } from "node:net";
import { type ConnectionFacts, factsOf } from "../connection-facts.ts";
import type { Place } from "../connect/address-rules.ts";
import type { Exchange } from "../exchange.ts";
import type { Lane, LaneRequest, LaneSettings } from "../lane.ts";
import type { Target } from "../targets.ts";
import { KEEP_ALIVE_EARLY_MS, KEEP_ALIVE_MS, READ_BYTES } from "./limits.ts";
import { bytesOf, type PlainHeads } from "./request-head.ts";
import { ResponseParser } from "./response-parser.ts";

const PORT = 80;

/** The other side closed before its response was whole; undici's code for the same. */
class ClosedEarly extends Error {
  override name = "ClosedEarly";
  readonly code = "UND_ERR_SOCKET";
}

/** One read at a time happens in a process, and its bytes are used up before the next. Windows reads ahead. */
const shared = Buffer.allocUnsafeSlow(READ_BYTES);
const readMemory = (): Buffer => (process.platform === "win32" ? Buffer.allocUnsafeSlow(READ_BYTES) : shared);

export class Http1Lane implements Lane {
  readonly #target: Target;
  readonly #settings: LaneSettings;
  readonly #heads: PlainHeads;
  readonly #parser = new ResponseParser();
  #socket: Socket | undefined;
  #facts: ConnectionFacts | undefined;
  #isConnected = false;
  #isLost = false;
  /** All of the request has left this process. */
  #isSent = true;
  #current: Exchange | undefined;
  /** What waits for the connection. */
  #waiting: LaneRequest | undefined;
  #sentBytes = 0;
  #receivedBytes = 0;
  #idleUntilMs = Infinity;

  constructor(target: Target, settings: LaneSettings, heads: PlainHeads) {
    this.#target = target;
    this.#settings = settings;
    this.#heads = heads;
  }

  get usable(): boolean {
    if (!this.#isLost && performance.now() > this.#idleUntilMs) this.#lose();
    return !this.#isLost;
  }

  dispatch(request: LaneRequest, exchange: Exchange): void {
    this.#current = exchange;
    if (this.#isConnected) {
      exchange.connection = this.#facts;
      exchange.beganAtOnce();
      this.#send(request, exchange);
    } else {
      this.#waiting = request;
      this.#open(exchange);
    }
  }

  takeBytes(add: (sent: number, received: number) => void): void {
    add(this.#sentBytes, this.#receivedBytes);
    this.#sentBytes = 0;
    this.#receivedBytes = 0;
  }

  destroy(reason: Error): void {
    this.#lose();
    this.#fail(reason);
  }

  #open(exchange: Exchange): void {
    const { clock, dial } = this.#settings;
    const memory = readMemory();
    let place: Place;
    try {
      place = dial.addresses.placeOf(this.#target.url, PORT);
    } catch (error) {
      // In a turn of its own: a script that asks again and again must not keep everybody else from theirs.
      setImmediate(() => this.destroy(error as Error));
      return;
    }
    let startUs = exchange.startUs;
    const socket = connect({
      ...place,
      noDelay: true,
      onread: { buffer: () => memory, callback: (bytes) => this.#read(memory, bytes) },
    });
    this.#socket = socket;
    socket.once("lookup", () => {
      startUs = clock.nowUs();
      exchange.lookingUpUs = startUs - exchange.startUs;
    });
    socket.once("connect", () => {
      this.#isConnected = true;
      this.#facts = factsOf(socket);
      exchange.connection = this.#facts;
      exchange.connectingUs = clock.nowUs() - startUs;
      exchange.began();
      if (this.#waiting && !this.#isLost) this.#send(this.#waiting, exchange);
      this.#waiting = undefined;
    });
    socket.once("end", () => this.#closed());
    socket.once("close", () => this.#closed());
    socket.on("error", (error) => this.destroy(error));
  }

  #send(request: LaneRequest, exchange: Exchange): void {
    const { body, method } = request;
    const bodyBytes = bytesOf(body);
    let head: string;
    try {
      head = this.#heads.headOf(request, bodyBytes);
    } catch (error) {
      return this.destroy(error as Error);
    }
    this.#parser.begin(method);
    this.#idleUntilMs = Infinity;
    this.#sentBytes += head.length + Math.max(0, bodyBytes);
    this.#write(head, body, bodyBytes);
    const socket = this.#socket as Socket;
    this.#isSent = socket.writableLength === 0;
    exchange.wasSent();
    if (this.#isSent) return;
    // An empty write behind the rest tells when the rest is gone.
    socket.write("", () => {
      if (this.#current !== exchange) return;
      this.#isSent = true;
      exchange.wasSent();
    });
  }

  #write(head: string, body: LaneRequest["body"], bodyBytes: number): void {
    const socket = this.#socket as Socket;
    if (body === null) {
      socket.write(head, "latin1");
    } else if (typeof body === "string" && body.length === bodyBytes) {
      socket.write(head + body, "latin1");
    } else {
      socket.cork();
      socket.write(head, "latin1");
      socket.write(body);
      socket.uncork();
    }
  }

  /** Takes `size` bytes in `memory`. @returns whether reading goes on */
  #read(memory: Buffer, size: number): boolean {
    const exchange = this.#current;
    // Nobody asked: what comes now would be taken for the answer to the next request.
    if (exchange === undefined) return this.#lose();
    this.#receivedBytes += size;
    exchange.firstByte();
    try {
      const used = this.#parser.feed(memory, 0, size, exchange);
      if (!this.#parser.isDone) return true;
      this.#finish(exchange, used === size);
    } catch (error) {
      this.destroy(error as Error);
    }
    return !this.#isLost;
  }

  #finish(exchange: Exchange, isClean: boolean): void {
    const { facts, keepsAlive } = this.#parser;
    if (!isClean || !keepsAlive || !this.#isSent) this.#lose();
    this.#current = undefined;
    const idleMs =
      facts.keepAliveSeconds < 0 ? KEEP_ALIVE_MS : facts.keepAliveSeconds * 1000 - KEEP_ALIVE_EARLY_MS;
    this.#idleUntilMs = performance.now() + Math.min(KEEP_ALIVE_MS, idleMs);
    exchange.end();
  }

  /** The other side has closed, in the middle of a response or after it. */
  #closed(): void {
    this.#lose();
    const exchange = this.#current;
    if (exchange === undefined) return;
    if (exchange.status !== 0 && this.#parser.finish()) {
      this.#current = undefined;
      exchange.end();
    } else this.#fail(new ClosedEarly("the other side closed the connection"));
  }

  #fail(reason: Error): void {
    const exchange = this.#current;
    this.#current = undefined;
    exchange?.fail(reason);
  }

  /** @returns false: reading does not go on */
  #lose(): false {
    this.#isLost = true;
    this.#socket?.destroy();
    return false;
  }
}
