/**
 * One request and its response on one connection, as an undici dispatch handler: it takes the times at which k6
 * takes them (blocked until the connection is there, sending, waiting for the first byte, receiving) and keeps the
 * body's chunks. It records nothing and decides nothing.
 */
import type { Dispatcher } from "undici";
import type { Clock } from "./clock.ts";

export class Exchange implements Dispatcher.DispatchHandler {
  status = 0;
  statusText = "";
  rawHeaders: Dispatcher.DispatchController["rawHeaders"] = null;
  readonly startUs: number;
  connectingUs = 0;
  tlsUs = 0;
  endUs = 0;
  error: Error | undefined;
  chunks: Uint8Array[] | undefined;
  #gotUs = 0;
  #wroteUs = 0;
  #firstByteUs = 0;
  readonly #clock: Clock;
  readonly #keepBody: boolean;
  readonly #done: (exchange: Exchange) => void;

  constructor(clock: Clock, keepBody: boolean, done: (exchange: Exchange) => void) {
    this.#clock = clock;
    this.#keepBody = keepBody;
    this.#done = done;
    this.startUs = clock.nowUs();
  }

  /** From the call until a connection could be written to, connecting included (k6). */
  get blockedUs(): number {
    return this.#gotUs === 0 ? 0 : this.#gotUs - this.startUs;
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

  onRequestStart(): void {
    this.#gotUs = this.#clock.nowUs();
  }
  onRequestSent(): void {
    this.#wroteUs = this.#clock.nowUs();
  }
  onResponseStarted(): void {
    if (this.#firstByteUs === 0) this.#firstByteUs = this.#clock.nowUs();
  }
  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    _headers: unknown,
    statusText?: string,
  ): void {
    if (status < 200) return;
    this.status = status;
    this.statusText = statusText ?? "";
    this.rawHeaders = controller.rawHeaders;
  }
  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#keepBody) return;
    if (this.chunks === undefined) this.chunks = [chunk];
    else this.chunks.push(chunk);
  }
  onResponseEnd(): void {
    this.#end();
  }
  onResponseError(_controller: unknown, error: Error): void {
    this.error = error;
    this.#end();
  }

  #end(): void {
    if (this.endUs !== 0) return;
    this.endUs = this.#clock.nowUs();
    this.#done(this);
  }
}
