/**
 * The chunked transfer coding of HTTP/1.1 (RFC 9112, 7.1), byte by byte where its frame is and in ranges where its data
 * are, so that it does not matter how the bytes were split. Keeps no bytes; trailers are checked and passed over.
 */
import { TEXT, TOKEN } from "./head.ts";
import { HEAD_BYTES_MAX } from "./limits.ts";
import { MalformedResponse } from "./malformed-response.ts";

/** Who takes the bytes `from` to `to` of a body. They are only lent: they must be copied to be kept. */
export interface BodyTaker {
  takeBody(bytes: Buffer, from: number, to: number): void;
}

type State =
  | "size"
  | "after size"
  | "extension"
  | "size LF"
  | "data"
  | "data CR"
  | "data LF"
  | "line"
  | "trailer name"
  | "trailer value"
  | "trailer LF"
  | "last LF"
  | "done";

const CR = 13;
const LF = 10;
const SEMICOLON = 59;
const COLON = 58;
const EQUALS = 61;
const QUOTE = 34;

const hexOf = (byte: number): number => {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 0x20;
  return letter >= 97 && letter <= 102 ? letter - 87 : -1;
};

/** `;name=value`, where the value may be quoted; nobody does anything with them. */
const isExtension = (byte: number): boolean =>
  TOKEN[byte] === 1 || byte === SEMICOLON || byte === EQUALS || byte === QUOTE;

export class ChunkedBody {
  #state: State = "size";
  #size = 0;
  #digits = 0;
  /** Bytes of extensions and trailers so far. */
  #extra = 0;

  get isDone(): boolean {
    return this.#state === "done";
  }

  begin(): void {
    this.#state = "size";
    this.#size = 0;
    this.#digits = 0;
    this.#extra = 0;
  }

  /** @returns the first byte that does not belong to this body, or `to` @throws MalformedResponse */
  feed(bytes: Buffer, from: number, to: number, taker: BodyTaker): number {
    let at = from;
    while (at < to && this.#state !== "done") {
      if (this.#state !== "data") {
        this.#step(bytes[at]!);
        at++;
        continue;
      }
      const end = Math.min(to, at + this.#size);
      taker.takeBody(bytes, at, end);
      this.#size -= end - at;
      at = end;
      if (this.#size === 0) this.#state = "data CR";
    }
    return at;
  }

  #step(byte: number): void {
    switch (this.#state) {
      case "size":
        return this.#sizeDigit(byte);
      case "after size":
      case "extension":
        return this.#afterSize(byte);
      case "size LF":
        need(byte === LF, "a chunk's size that does not end with CR LF");
        this.#state = this.#size === 0 ? "line" : "data";
        return;
      case "data CR":
        need(byte === CR, "a chunk longer than its size");
        this.#state = "data LF";
        return;
      case "data LF":
        need(byte === LF, "a chunk that does not end with CR LF");
        this.begin();
        return;
      default:
        return this.#trailer(byte);
    }
  }

  #sizeDigit(byte: number): void {
    const digit = hexOf(byte);
    if (digit < 0) {
      need(this.#digits > 0, "a chunk without a size");
      this.#state = "after size";
      return this.#afterSize(byte);
    }
    this.#size = this.#size * 16 + digit;
    this.#digits++;
    need(this.#size <= Number.MAX_SAFE_INTEGER, "a chunk beyond all measure");
  }

  #afterSize(byte: number): void {
    if (byte === CR) {
      this.#state = "size LF";
      return;
    }
    need(
      this.#state === "extension" ? isExtension(byte) : byte === SEMICOLON,
      "a chunk's size is not hexadecimal",
    );
    this.#state = "extension";
    this.#count();
  }

  #trailer(byte: number): void {
    this.#count();
    switch (this.#state) {
      case "line":
        need(byte === CR || TOKEN[byte] === 1, "a trailer without a valid name");
        this.#state = byte === CR ? "last LF" : "trailer name";
        return;
      case "trailer name":
        need(byte === COLON || TOKEN[byte] === 1, "a trailer without a valid name");
        if (byte === COLON) this.#state = "trailer value";
        return;
      case "trailer value":
        need(byte === CR || TEXT[byte] === 1, "a character that no trailer may have");
        if (byte === CR) this.#state = "trailer LF";
        return;
      default:
        need(byte === LF, "a trailer that does not end with CR LF");
        this.#state = this.#state === "last LF" ? "done" : "line";
    }
  }

  #count(): void {
    need(++this.#extra <= HEAD_BYTES_MAX, "extensions or trailers without an end");
  }
}

function need(held: boolean, what: string): void {
  if (!held) throw new MalformedResponse(what);
}
