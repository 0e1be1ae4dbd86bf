import { describe, expect, it } from "vitest";
import { ResponseParser, type ResponseTaker } from "../../../../src/script/http1/response-parser.ts";
import { MalformedResponse } from "../../../../src/script/http1/malformed-response.ts";
import { between, randomFrom } from "../../../property/random.ts";

interface Read {
  readonly status: number;
  readonly reason: string;
  readonly head: string;
  readonly setsCookie: boolean;
  readonly body: string;
  readonly rest: string;
  readonly keepsAlive: boolean;
}

/** Feeds the parts, as a lane does; what the response was, or "incomplete". */
function read(parts: readonly string[], { method = "GET", closes = false } = {}): Read | "incomplete" {
  const parser = new ResponseParser();
  parser.begin(method);
  const seen = { status: 0, reason: "", head: "", setsCookie: false, body: "" };
  const taker: ResponseTaker = {
    takeHead: (status, reason, head, setsCookie) => Object.assign(seen, { status, reason, head, setsCookie }),
    takeBody: (bytes, from, to) => (seen.body += bytes.toString("latin1", from, to)),
  };
  let rest = "";
  for (const part of parts) {
    const bytes = Buffer.from(part, "latin1");
    const used = parser.feed(bytes, 0, bytes.length, taker);
    rest += bytes.toString("latin1", used);
  }
  if (closes && !parser.finish()) return "incomplete";
  return parser.isDone ? { ...seen, rest, keepsAlive: parser.keepsAlive } : "incomplete";
}

const answers: readonly [name: string, text: string, body: string, keepsAlive: boolean][] = [
  ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", true],
  ["no body", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", true],
  ["204", "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n", "", true],
  ["304 with a length", "HTTP/1.1 304 Not Modified\r\nContent-Length: 90\r\n\r\n", "", true],
  [
    "chunks",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n\r\n",
    "abc0123456789",
    true,
  ],
  [
    "trailers",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n1\r\na\r\n0\r\nX: y\r\nZ:\r\n\r\n",
    "a",
    true,
  ],
  ["100 first", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\n!", "!", true],
  ["103 first", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", "", true],
  ["close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n!", "!", false],
  ["close among others", "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 1\r\n\r\n!", "!", false],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n!", "!", false],
  ["HTTP/1.0 kept", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n!", "!", true],
];

describe("a response parser", () => {
  it.each(answers)("reads a response with %s, however it is split", (_, text, body, keepsAlive) => {
    const whole = read([text]);
    expect(whole).toMatchObject({ body, keepsAlive, rest: "" });
    expect(read(text.split(""))).toEqual(whole);
    const random = randomFrom(7);
    for (let round = 0; round < 50; round++) {
      const at = between(random, 1, text.length - 1);
      expect(read([text.slice(0, at), text.slice(at)])).toEqual(whole);
    }
  });

  it("reads a body without a length to the close", () => {
    const text = "HTTP/1.1 200 OK\r\n\r\nall of it";
    expect(read([text])).toBe("incomplete");
    expect(read([text], { closes: true })).toMatchObject({ body: "all of it" });
  });

  it("reads no body after HEAD, whatever the head says", () => {
    const text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: a=b\r\n\r\n";
    expect(read([text], { method: "HEAD" })).toMatchObject({ body: "", setsCookie: true });
  });

  it("says that a response ended early", () => {
    const closes = { closes: true };
    expect(read(["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell"], closes)).toBe("incomplete");
    expect(read(["HTTP/1.1 200 OK\r\nContent-Le"], closes)).toBe("incomplete");
    expect(read([""], closes)).toBe("incomplete");
  });

  it("hands back what follows a response: nobody asked for it", () => {
    const twice = "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
    expect(read([twice])).toMatchObject({ status: 204, rest: "HTTP/1.1 200 OK\r\n\r\n" });
  });

  it.each([
    ["another protocol", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["a line end without CR", "HTTP/1.1 200 OK\nContent-Length: 1\n\n!"],
    ["no status", "HTTP/1.1 OK OK OK\r\n\r\n"],
    ["a folded header", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n"],
    ["a space before the colon", "HTTP/1.1 200 OK\r\nA : b\r\n\r\n"],
    ["a NUL in a value", "HTTP/1.1 200 OK\r\nA: \0\r\n\r\n"],
    ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n!"],
    ["a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"],
    ["a length beyond all measure", `HTTP/1.1 200 OK\r\nContent-Length: ${"9".repeat(40)}\r\n\r\n`],
    ["a length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"],
    ["an upgrade", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"],
    ["a chunk without a size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n"],
    ["a chunk that is too long", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"],
    [
      "a trailer without an end",
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: ${"a".repeat(300_000)}`,
    ],
  ])("refuses %s", (_, text) => {
    expect(() => read([text])).toThrow(MalformedResponse);
    expect(() => read(text.split(""))).toThrow(MalformedResponse);
  });

  it("refuses a head without an end, and does not read it again for each of its bytes", () => {
    const endless = `HTTP/1.1 200 OK\r\n${"a: b\r\n".repeat(60_000)}`;
    expect(() => read(endless.split(""))).toThrow(/a head of more than 262144 bytes/);
  });
});
