/**
 * A lane to an https target. Which protocol it speaks is agreed in the handshake (ALPN), as in k6: HTTP/2 where the server
 * offers it, then all lanes of the VU share one connection; else HTTP/1.1, then each has its own.
 */
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Exchange } from "../exchange.ts";
import type { Lane, LaneRequest, LaneSettings } from "../lane.ts";
import type { Target } from "../targets.ts";
import { UndiciLane } from "../undici-lane.ts";
import { dial } from "./dial.ts";
import { Http2Session } from "./http2-session.ts";

type Carrier = Http2Session | Socket;
type Connected = (error: Error | null, carrier: Carrier | undefined) => void;

const BOTH = ["h2", "http/1.1"];

/** What one VU knows of one origin. */
export class SecureOrigin {
  readonly target: Target;
  readonly settings: LaneSettings;
  #session: Http2Session | undefined;
  /** The server does not offer HTTP/2. */
  #isOld = false;
  /** Those who wait for the first handshake: it may be good for all of them. */
  #waiting: (() => void)[] | undefined;

  constructor(target: Target, settings: LaneSettings) {
    this.target = target;
    this.settings = settings;
  }

  /** The connection that others made, if it can take one more exchange. */
  get session(): Http2Session | undefined {
    return this.#session?.usable ? this.#session : undefined;
  }

  /** @returns gives the attempt up */
  connect(exchange: Exchange, done: Connected): () => void {
    let giveUp = () => undefined as void;
    let isOver = false;
    const attempt = () => {
      const { session } = this;
      if (isOver) return;
      if (session) done(null, session);
      else giveUp = this.#dial(exchange, done);
    };
    if (this.#waiting !== undefined && !this.#isOld) this.#waiting.push(attempt);
    else attempt();
    return () => {
      isOver = true;
      giveUp();
    };
  }

  #dial(exchange: Exchange, done: Connected): () => void {
    let isFirst = !this.#isOld && this.#waiting === undefined;
    if (isFirst) this.#waiting = [];
    // Once only: what is given up after its end must not wake those who wait for another.
    const over = () => {
      if (!isFirst) return;
      isFirst = false;
      const waiting = this.#waiting ?? [];
      this.#waiting = undefined;
      for (const next of waiting) next();
    };
    const cancel = dial(this.settings.dial, this.target.url, BOTH, exchange, (error, socket) => {
      done(error, socket && this.#agreed(socket as TLSSocket));
      over();
    });
    return () => {
      cancel();
      over();
    };
  }

  #agreed(socket: TLSSocket): Carrier {
    this.#isOld = socket.alpnProtocol !== "h2";
    if (this.#isOld) return socket;
    this.#session = new Http2Session(this.target.origin, socket);
    return this.#session;
  }
}

export class SecureLane implements Lane {
  readonly #origin: SecureOrigin;
  #session: Http2Session | undefined;
  #inner: UndiciLane | undefined;
  #current: Exchange | undefined;
  #giveUp: () => void = () => undefined;
  #lost = false;

  constructor(origin: SecureOrigin) {
    this.#origin = origin;
  }

  get usable(): boolean {
    const isSpent = !this.#origin.settings.reuse && this.#current !== undefined && this.#current.endUs !== 0;
    if (isSpent) this.destroy(new Error("connections are not reused"));
    return !this.#lost && (this.#session?.usable ?? this.#inner?.usable ?? true);
  }

  dispatch(request: LaneRequest, exchange: Exchange): void {
    this.#current = exchange;
    if (this.#inner) return this.#inner.dispatch(request, exchange);
    const session = this.#session ?? this.#origin.session;
    if (session) {
      exchange.beganAtOnce();
      return this.#send(session, request, exchange);
    }
    this.#giveUp = this.#origin.connect(exchange, (error, carrier) => {
      if (error || carrier === undefined) return exchange.fail(error ?? new Error("no connection"));
      if (carrier instanceof Http2Session) {
        exchange.began();
        return this.#send(carrier, request, exchange);
      }
      this.#inner = new UndiciLane(this.#origin.target, this.#origin.settings, carrier);
      this.#inner.dispatch(request, exchange);
    });
  }

  takeBytes(add: (sent: number, received: number) => void): void {
    this.#session?.takeBytes(add);
    this.#inner?.takeBytes(add);
  }

  destroy(reason: Error): void {
    if (this.#lost) return;
    this.#lost = true;
    this.#inner?.destroy(reason);
    // Ended first: giving the stream up would end it with another reason.
    this.#current?.fail(reason);
    this.#giveUp();
    this.#session?.leave();
  }

  #send(session: Http2Session, request: LaneRequest, exchange: Exchange): void {
    if (this.#session === undefined) session.join();
    this.#session = session;
    this.#giveUp = session.send(request, exchange);
  }
}
