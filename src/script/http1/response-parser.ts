/**
 * One response after another on one connection, from bytes split in any way. It frames (head, body, end) and keeps only
 * a head that is not whole yet; what arrives is told to the exchange at once. Knows no socket and no clock.
 */
import { ChunkedBody, type BodyTaker } from "./chunked-body.ts";
import { type HeadFacts, INCOMPLETE, noFacts, readHead } from "./head.ts";
import { HEAD_BYTES_MAX } from "./limits.ts";
import { MalformedResponse } from "./malformed-response.ts";

/** Who is told what a response brings. */
export interface ResponseTaker extends BodyTaker {
  /** @param head all header lines, as they came */
  takeHead(status: number, statusText: string, head: string, setsCookie: boolean): void;
}

const HEAD_END = "\r\n\r\n";

type Framing = "head" | "length" | "chunked" | "until close" | "done";

export class ResponseParser {
  readonly facts: HeadFacts = noFacts();
  #framing: Framing = "done";
  #isHead = false;
  #left = 0;
  #chunked: ChunkedBody | undefined;
  /** The beginning of a head, in memory that grows by doubling. */
  #held: Buffer | undefined;
  #heldBytes = 0;
  /** How much of it was read without finding its end. */
  #readBytes = 0;

  get isDone(): boolean {
    return this.#framing === "done";
  }

  /** The next bytes answer a request with this method. */
  begin(method: string): void {
    this.#framing = "head";
    this.#isHead = method === "HEAD";
    this.#held = undefined;
  }

  /** @returns the first byte that does not belong to the response, or `to` @throws MalformedResponse */
  feed(bytes: Buffer, from: number, to: number, taker: ResponseTaker): number {
    let at = from;
    while (at < to) {
      if (this.#framing === "head") at = this.#feedHead(bytes, at, to, taker);
      else if (this.#framing === "done") return at;
      else at = this.#feedBody(bytes, at, to, taker);
    }
    return at;
  }

  /** The other side has closed. @returns whether that was the end of a whole response */
  finish(): boolean {
    if (this.#framing === "until close") this.#framing = "done";
    return this.isDone;
  }

  /** Whether the connection may carry another exchange after this response. */
  get keepsAlive(): boolean {
    const { isHttp10, saysClose, saysKeepAlive } = this.facts;
    return this.isDone && !saysClose && (!isHttp10 || saysKeepAlive);
  }

  #feedHead(bytes: Buffer, from: number, to: number, taker: ResponseTaker): number {
    if (this.#held !== undefined) return this.#feedHeld(bytes, from, to, taker);
    const body = readHead(bytes, from, to, this.facts);
    if (body === INCOMPLETE) {
      this.#heldBytes = 0;
      this.#readBytes = to - from;
      this.#hold(bytes, from, to);
      return to;
    }
    this.#headRead(bytes, body, taker);
    return body;
  }

  #headRead(bytes: Buffer, body: number, taker: ResponseTaker): void {
    const { linesFrom, reasonFrom, reasonTo, setsCookie, status } = this.facts;
    if (!this.#frame()) return;
    const reason =
      reasonTo - reasonFrom === 2 && status === 200 ? "OK" : bytes.toString("latin1", reasonFrom, reasonTo);
    taker.takeHead(status, reason, bytes.toString("latin1", linesFrom, body - 2), setsCookie);
  }

  /** Decides how the body is framed. @returns false for an interim response, which another head follows */
  #frame(): boolean {
    const { isChunked, isEncoded, length, status } = this.facts;
    if (isEncoded && length !== -1) {
      throw new MalformedResponse("both a Transfer-Encoding and a Content-Length");
    }
    if (status === 101) throw new MalformedResponse("it switches protocols, which nobody asked for");
    if (status < 200) return false;
    if (this.#isHead || status === 204 || status === 304 || length === 0) this.#framing = "done";
    else if (isChunked) {
      this.#framing = "chunked";
      this.#chunked ??= new ChunkedBody();
      this.#chunked.begin();
    } else if (length > 0) {
      this.#framing = "length";
      this.#left = length;
    } else this.#framing = "until close";
    return true;
  }

  #feedBody(bytes: Buffer, from: number, to: number, taker: ResponseTaker): number {
    if (this.#framing === "chunked") {
      const chunked = this.#chunked as ChunkedBody;
      const end = chunked.feed(bytes, from, to, taker);
      if (chunked.isDone) this.#framing = "done";
      return end;
    }
    const end = this.#framing === "length" ? Math.min(to, from + this.#left) : to;
    taker.takeBody(bytes, from, end);
    if (this.#framing !== "length") return end;
    this.#left -= end - from;
    if (this.#left === 0) this.#framing = "done";
    return end;
  }

  #hold(bytes: Buffer, from: number, to: number): void {
    const size = this.#heldBytes + to - from;
    if (size > HEAD_BYTES_MAX) throw new MalformedResponse(`a head of more than ${HEAD_BYTES_MAX} bytes`);
    if (this.#held === undefined || this.#held.length < size) {
      const larger = Buffer.allocUnsafe(Math.max(1024, 2 * size));
      this.#held?.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    bytes.copy(this.#held, this.#heldBytes, from, to);
    this.#heldBytes = size;
  }

  /** Reads the held head anew when its end has come, or when it has doubled: a head byte by byte must not cost its square. */
  #feedHeld(bytes: Buffer, from: number, to: number, taker: ResponseTaker): number {
    const before = this.#heldBytes;
    this.#hold(bytes, from, to);
    const held = this.#held as Buffer;
    const end = held.subarray(0, this.#heldBytes).indexOf(HEAD_END, Math.max(0, before - 3), "latin1");
    if (end === -1 && this.#heldBytes < 2 * this.#readBytes) return to;
    this.#readBytes = this.#heldBytes;
    const body = readHead(held, 0, this.#heldBytes, this.facts);
    if (body === INCOMPLETE) return to;
    this.#held = undefined;
    this.#headRead(held, body, taker);
    return from + body - before;
  }
}
