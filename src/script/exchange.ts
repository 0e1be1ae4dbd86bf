/**
 * One request and its response on one lane: it takes the times at which k6 takes them (blocked until the connection is
 * there, sending, waiting for the first byte, receiving) and keeps the body's bytes. It records nothing and decides nothing.
 */
import type { Clock } from "./clock.ts";
import type { ConnectionFacts } from "./connection-facts.ts";
import { hasSetCookie, type RawHead } from "./headers.ts";

export class Exchange {
  status = 0;
  statusText = "";
  head: RawHead = "";
  /** Some response header sets a cookie. */
  setsCookie = false;
  readonly startUs: number;
  /** It waited for its turn before it began. */
  heldUs = 0;
  lookingUpUs = 0;
  connectingUs = 0;
  tlsUs = 0;
  endUs = 0;
  error: Error | undefined;
  /** Of the connection that carried it; undefined when there was none. */
  connection: ConnectionFacts | undefined;
  chunks: Uint8Array[] | undefined;
  #gotUs = 0;
  #wroteUs = 0;
  #firstByteUs = 0;
  readonly #clock: Clock;
  readonly #keepBody: boolean;
  readonly #ended: (exchange: Exchange) => void;

  constructor(clock: Clock, keepBody: boolean, ended: (exchange: Exchange) => void) {
    this.#clock = clock;
    this.#keepBody = keepBody;
    this.#ended = ended;
    this.startUs = clock.nowUs();
  }

  /** From the call until a connection could be written to, connecting included (k6), and waiting for its turn. */
  get blockedUs(): number {
    return this.#gotUs === 0 ? 0 : this.#gotUs - this.startUs + this.heldUs;
  }
  get sendingUs(): number {
    return this.#wroteUs === 0 ? 0 : this.#wroteUs - this.#gotUs;
  }
  get waitingUs(): number {
    if (this.#wroteUs === 0) return 0;
    return Math.max(0, (this.#firstByteUs === 0 ? this.endUs : this.#firstByteUs) - this.#wroteUs);
  }
  get receivingUs(): number {
    return this.#firstByteUs === 0 ? 0 : this.endUs - this.#firstByteUs;
  }
  /** True once the request was handed to the connection: the target may have counted it. */
  get sent(): boolean {
    return this.#gotUs !== 0;
  }

  /** When it was handed to the connection. */
  get sentUs(): number {
    return this.#gotUs;
  }

  /** The connection can be written to. */
  began(): void {
    this.#gotUs = this.#clock.nowUs();
  }

  /** It can be written to since the exchange began: an idle connection was there. */
  beganAtOnce(): void {
    this.#gotUs = this.startUs;
  }

  /** The request has left this process. */
  wasSent(): void {
    this.#wroteUs = this.#clock.nowUs();
  }

  /** The first byte of the response has come. */
  firstByte(): void {
    if (this.#firstByteUs === 0) this.#firstByteUs = this.#clock.nowUs();
  }

  /** The head of the response, as lines of text. */
  takeHead(status: number, statusText: string, head: RawHead, setsCookie: boolean): void {
    this.status = status;
    this.statusText = statusText;
    this.head = head;
    this.setsCookie = setsCookie;
  }

  /** The head of the response, as a list of names and values. */
  takeRawHead(status: number, statusText: string, head: RawHead): void {
    this.takeHead(status, statusText, head, hasSetCookie(head));
  }

  /** A part of the body; the bytes are kept as they are. */
  takeChunk(chunk: Uint8Array): void {
    if (!this.#keepBody) return;
    if (this.chunks === undefined) this.chunks = [chunk];
    else this.chunks.push(chunk);
  }

  /** A part of the body in memory that is only lent. */
  takeBody(bytes: Buffer, from: number, to: number): void {
    if (this.#keepBody && to > from) this.takeChunk(Buffer.from(bytes.subarray(from, to)));
  }

  /** The response is whole. */
  end(): void {
    if (this.endUs !== 0) return;
    // The run's first µs is an instant too; 0 says that it is not over.
    this.endUs = this.#clock.nowUs() || 1;
    this.#ended(this);
  }

  /** There will be no response, or no more of it. */
  fail(error: Error): void {
    if (this.endUs !== 0) return;
    this.error = error;
    this.end();
  }
}
