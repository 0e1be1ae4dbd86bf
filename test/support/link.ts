/**
 * A TCP link with faults, in front of a server: delay, jitter, a narrow line, black holes, resets, refusals. What it
 * passes it passes in order and whole. `startLink` runs one in this process, or as `link-main.ts` at another site,
 * that is in another network namespace; there the test may still own the listening socket.
 */
import { createConnection, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** What is wrong with a link; what is not named is right. */
export interface LinkFaults {
  /** What is sent arrives so much later. */
  readonly delayMs?: number;
  /** The delay grows to its whole by so much per time that passes (0.5: half), so that nothing regular pauses for long. */
  readonly growth?: number;
  /** Up to so much more, by chance; order is kept. */
  readonly jitterMs?: number;
  /** The most that passes. */
  readonly bytesPerSecond?: number;
  /** Nothing passes, and nobody is told: a black hole, or one way only: a half-open link. What waits passes later. */
  readonly hold?: boolean;
  /** All of that only this way; the other way is sound. */
  readonly way?: Way;
  /** New connections are cut at once; those that are there go on. */
  readonly refuse?: boolean;
}

/** The names of the two directions: from who dialled to the server, and back. */
type Way = "out" | "back";

/** Bytes that one direction keeps before it stops reading. */
const KEPT_BYTES = 1 << 20;

interface Piece {
  readonly bytes: Buffer;
  readonly atMs: number;
}

interface Weather {
  readonly faults: LinkFaults;
  readonly sinceMs: number;
}

/** One direction of one connection. */
class Pipe {
  readonly #waiting: Piece[] = [];
  #kept = 0;
  #ended = false;
  #freeAtMs = 0;
  #timer: NodeJS.Timeout | undefined;

  readonly from: Socket;
  readonly to: Socket;
  readonly way: Way;
  readonly weather: () => Weather;

  constructor(from: Socket, to: Socket, way: Way, weather: () => Weather) {
    this.from = from;
    this.to = to;
    this.way = way;
    this.weather = weather;
    from.on("data", (bytes) => this.#take(bytes)).on("close", () => this.#end());
  }

  /** Faults of the other way are none here. */
  #weather(): Weather {
    const weather = this.weather();
    const { way = this.way } = weather.faults;
    return way === this.way ? weather : { ...weather, faults: {} };
  }

  #take(bytes: Buffer): void {
    const { faults, sinceMs } = this.#weather();
    const { delayMs = 0, growth = Infinity, jitterMs = 0, bytesPerSecond = Infinity } = faults;
    const nowMs = performance.now();
    const grown = Math.min(delayMs, (nowMs - sinceMs) * growth);
    this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + (bytes.length / bytesPerSecond) * 1000;
    const atMs = Math.max(this.#freeAtMs, nowMs + grown + Math.random() * jitterMs);
    this.#waiting.push({ bytes, atMs });
    this.#kept += bytes.length;
    if (this.#kept > KEPT_BYTES) this.from.pause();
    this.pass();
  }

  /** The end of a connection is passed on like anything else: behind what was sent before it. */
  #end(): void {
    this.#ended = true;
    this.pass();
  }

  /** Passes on what is due; called again when faults change. */
  pass(): void {
    clearTimeout(this.#timer);
    if (this.#weather().faults.hold === true) return;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const leftMs = next.atMs - performance.now();
      if (leftMs > 0) {
        this.#timer = setTimeout(() => this.pass(), leftMs);
        return;
      }
      this.to.write(next.bytes);
      this.#kept -= next.bytes.length;
      this.#waiting.shift();
    }
    if (this.#ended) this.to.destroy();
    else if (this.from.isPaused()) this.from.resume();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** The link itself, in whichever process makes its connections. */
export class FaultyLink {
  readonly #pipes = new Set<Pipe>();
  #weather: Weather = { faults: {}, sinceMs: 0 };
  readonly #to: { readonly host: string; readonly port: number };
  #server: Server | undefined;

  constructor(to: { readonly host: string; readonly port: number }) {
    this.#to = to;
  }

  /** Takes connections from a server that listens or is about to. */
  serve(server: Server): void {
    this.#server = server.on("connection", (client) => this.#connect(client));
  }

  #connect(client: Socket): void {
    client.on("error", () => {});
    if (this.#weather.faults.refuse === true) return void client.resetAndDestroy();
    const upstream = createConnection({ ...this.#to, noDelay: true }).on("error", () => {});
    client.setNoDelay(true);
    const weather = () => this.#weather;
    const pipes = [new Pipe(client, upstream, "out", weather), new Pipe(upstream, client, "back", weather)];
    for (const pipe of pipes) {
      this.#pipes.add(pipe);
      pipe.from.once("close", () => {
        if (pipes.every(({ from }) => from.destroyed)) for (const each of pipes) this.#forget(each);
      });
    }
  }

  #forget(pipe: Pipe): void {
    pipe.stop();
    this.#pipes.delete(pipe);
  }

  /** From now on. Faults that are not named are over. */
  set(faults: LinkFaults): void {
    this.#weather = { faults, sinceMs: performance.now() };
    for (const pipe of this.#pipes) pipe.pass();
  }

  /** Cuts every connection with a reset. */
  reset(): void {
    for (const pipe of this.#pipes) {
      pipe.stop();
      pipe.from.resetAndDestroy();
    }
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const pipe of this.#pipes) {
      pipe.stop();
      pipe.from.destroy();
    }
    await closed;
  }
}

export interface Link extends AsyncDisposable {
  /** Where it listens, as `host:port`. */
  readonly at: string;
  readonly set: (faults: LinkFaults) => Promise<void>;
  readonly reset: () => Promise<void>;
}

/** A server of this process that listens on a free port. */
export async function listenOn(host: string): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(0, host, resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

/** A link of this process to `host:port`, which may be written as a URL; it listens at `from`. */
export async function startLink(to: string, from = "127.0.0.1"): Promise<Link> {
  const { hostname, port: toPort } = new URL(to.includes("://") ? to : `nats://${to}`);
  const link = new FaultyLink({ host: hostname, port: Number(toPort) });
  const { server, port } = await listenOn(from);
  link.serve(server);
  return {
    at: `${from}:${port}`,
    set: (faults) => Promise.resolve(link.set(faults)),
    reset: () => Promise.resolve(link.reset()),
    [Symbol.asyncDispose]: () => link.close(),
  };
}
