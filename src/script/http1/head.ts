/**
 * Reads the head of an HTTP/1.1 response from bytes, in one pass, and keeps what decides how the body is framed (RFC 9112).
 * As strict as llhttp is by default: line ends are CR LF, no folded lines, no space before a colon. Allocates nothing.
 */
import { MalformedResponse } from "./malformed-response.ts";

/** What a head says about its body and its connection; one object per connection, written anew for each head. */
export interface HeadFacts {
  status: number;
  /** Where the reason phrase lies. */
  reasonFrom: number;
  reasonTo: number;
  /** Where the first header line begins. */
  linesFrom: number;
  isHttp10: boolean;
  /** `Content-Length`; -1 when absent. */
  length: number;
  /** Some `Transfer-Encoding` was given; `isChunked` when chunked is the last of it. */
  isEncoded: boolean;
  isChunked: boolean;
  saysClose: boolean;
  saysKeepAlive: boolean;
  setsCookie: boolean;
  /** `timeout` of the header `Keep-Alive`, in seconds; -1 when absent. */
  keepAliveSeconds: number;
}

export const noFacts = (): HeadFacts => ({
  status: 0,
  reasonFrom: 0,
  reasonTo: 0,
  linesFrom: 0,
  isHttp10: false,
  length: -1,
  isEncoded: false,
  isChunked: false,
  saysClose: false,
  saysKeepAlive: false,
  setsCookie: false,
  keepAliveSeconds: -1,
});

/** Answer of `readHead` when the head goes on beyond the bytes. */
export const INCOMPLETE = -1;

const CR = 13;
const LF = 10;
const SPACE = 32;
const COLON = 58;
const ZERO = 48;

const START = Buffer.from("HTTP/1.");
const tableOf = (allowed: (byte: number) => boolean) =>
  Uint8Array.from({ length: 256 }, (_, byte) => (allowed(byte) ? 1 : 0));
/** Bytes that a header name may hold (RFC 9110 `token`). */
export const TOKEN = tableOf((byte) => /[!#$%&'*+\-.^_`|~\dA-Za-z]/.test(String.fromCharCode(byte)));
/** Bytes that a header value may hold: tab, printable ASCII, and whatever lies beyond ASCII. */
export const TEXT = tableOf((byte) => byte === 9 || (byte >= SPACE && byte !== 127));

const isDigit = (byte: number | undefined): byte is number =>
  byte !== undefined && byte >= ZERO && byte <= ZERO + 9;

/**
 * Reads a head that begins at `from`; `facts` then describe it.
 * @returns where the body begins, or `INCOMPLETE` @throws MalformedResponse
 */
export function readHead(bytes: Buffer, from: number, to: number, facts: HeadFacts): number {
  let at = readStatusLine(bytes, from, to, facts);
  if (at === INCOMPLETE) return INCOMPLETE;
  facts.linesFrom = at;
  for (;;) {
    if (at + 1 >= to) return INCOMPLETE;
    if (bytes[at] === CR) {
      if (bytes[at + 1] !== LF) throw new MalformedResponse("no LF after the CR that ends its head");
      return at + 2;
    }
    const name = at;
    while (at < to && TOKEN[bytes[at]!] === 1) at++;
    if (at >= to) return INCOMPLETE;
    if (bytes[at] !== COLON || at === name) throw new MalformedResponse("a header line without a valid name");
    const value = ++at;
    while (at < to && TEXT[bytes[at]!] === 1) at++;
    if (at >= to) return INCOMPLETE;
    if (bytes[at] !== CR) throw new MalformedResponse("a character that no header may have");
    if (at + 1 >= to) return INCOMPLETE;
    if (bytes[at + 1] !== LF) throw new MalformedResponse("a header line that does not end with CR LF");
    noteHeader(bytes, name, value, at, facts);
    at += 2;
  }
}

function readStatusLine(bytes: Buffer, start: number, to: number, facts: HeadFacts): number {
  let from = start;
  // Line ends that some servers leave behind the response before.
  while (from < to && (bytes[from] === CR || bytes[from] === LF)) from++;
  const known = Math.min(START.length, to - from);
  for (let index = 0; index < known; index++) {
    if (bytes[from + index] !== START[index]) throw new MalformedResponse("it does not begin with HTTP/1.");
  }
  // "HTTP/1.1 200" and CR LF or more.
  if (to - from < 14) return INCOMPLETE;
  const minor = bytes[from + 7];
  const [a, b, c] = [bytes[from + 9], bytes[from + 10], bytes[from + 11]];
  const isLine = (minor === ZERO || minor === ZERO + 1) && bytes[from + 8] === SPACE;
  if (!isLine || !isDigit(a) || !isDigit(b) || !isDigit(c)) {
    throw new MalformedResponse("its first line is not HTTP/1.1 and a status");
  }
  clear(facts);
  facts.status = (a - ZERO) * 100 + (b - ZERO) * 10 + (c - ZERO);
  facts.isHttp10 = minor === ZERO;
  let at = from + 12;
  if (bytes[at] === SPACE) at++;
  else if (bytes[at] !== CR) throw new MalformedResponse("its status is not followed by a space");
  facts.reasonFrom = at;
  while (at < to && bytes[at] !== CR && bytes[at] !== LF) at++;
  facts.reasonTo = at;
  if (at + 1 >= to) return INCOMPLETE;
  if (bytes[at] !== CR || bytes[at + 1] !== LF) {
    throw new MalformedResponse("its first line does not end with CR LF");
  }
  return at + 2;
}

function clear(facts: HeadFacts): void {
  facts.length = -1;
  facts.isEncoded = false;
  facts.isChunked = false;
  facts.saysClose = false;
  facts.saysKeepAlive = false;
  facts.setsCookie = false;
  facts.keepAliveSeconds = -1;
}

const names = {
  connection: Buffer.from("connection"),
  contentLength: Buffer.from("content-length"),
  keepAlive: Buffer.from("keep-alive"),
  setCookie: Buffer.from("set-cookie"),
  transferEncoding: Buffer.from("transfer-encoding"),
};

function isNamed(bytes: Buffer, from: number, name: Buffer): boolean {
  for (let index = 0; index < name.length; index++) {
    // Lower case: of all tokens only letters become one of these names' bytes by it.
    if ((bytes[from + index]! | 0x20) !== name[index]) return false;
  }
  return true;
}

/** Looks at lengths first: few headers matter here. */
function noteHeader(bytes: Buffer, name: number, value: number, to: number, facts: HeadFacts): void {
  const size = value - 1 - name;
  if (size === 14) {
    if (isNamed(bytes, name, names.contentLength)) noteLength(bytes, value, to, facts);
  } else if (size === 10) {
    if (isNamed(bytes, name, names.setCookie)) facts.setsCookie = true;
    else if (isNamed(bytes, name, names.connection)) noteConnection(bytes, value, to, facts);
    else if (isNamed(bytes, name, names.keepAlive)) noteKeepAlive(bytes, value, to, facts);
  } else if (size === 17 && isNamed(bytes, name, names.transferEncoding)) {
    const last = bytes.toString("latin1", value, to).split(",").pop() ?? "";
    facts.isEncoded = true;
    facts.isChunked = last.trim().toLowerCase() === "chunked";
  }
}

function noteLength(bytes: Buffer, value: number, to: number, facts: HeadFacts): void {
  let at = value;
  let end = to;
  while (at < end && (bytes[at] === SPACE || bytes[at] === 9)) at++;
  while (end > at && (bytes[end - 1] === SPACE || bytes[end - 1] === 9)) end--;
  if (at === end || facts.length !== -1) throw new MalformedResponse("a second or an empty Content-Length");
  let length = 0;
  for (; at < end; at++) {
    const byte = bytes[at];
    if (!isDigit(byte)) throw new MalformedResponse("a Content-Length that is no number");
    length = length * 10 + (byte - ZERO);
  }
  if (length > Number.MAX_SAFE_INTEGER) throw new MalformedResponse("a Content-Length beyond all measure");
  facts.length = length;
}

function noteConnection(bytes: Buffer, value: number, to: number, facts: HeadFacts): void {
  for (const token of bytes.toString("latin1", value, to).toLowerCase().split(",")) {
    if (token.trim() === "close") facts.saysClose = true;
    else if (token.trim() === "keep-alive") facts.saysKeepAlive = true;
  }
}

function noteKeepAlive(bytes: Buffer, value: number, to: number, facts: HeadFacts): void {
  const seconds = /\btimeout\s*=\s*(\d{1,9})/i.exec(bytes.toString("latin1", value, to))?.[1];
  if (seconds !== undefined) facts.keepAliveSeconds = Number(seconds);
}
