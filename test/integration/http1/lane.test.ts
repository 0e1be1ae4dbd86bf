/** Our HTTP/1.1 lane against servers that behave in all the ways that servers do. */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { Exchange } from "../../../src/script/exchange.ts";
import type { Lane, LaneRequest } from "../../../src/script/lane.ts";
import { AddressRules } from "../../../src/script/connect/address-rules.ts";
import { TlsRules } from "../../../src/script/connect/tls-rules.ts";
import { laneOpeners } from "../../../src/script/open-lane.ts";
import { targetOf } from "../../../src/script/targets.ts";

const clock = { nowUs: () => Math.floor(performance.now() * 1000) };
const dial = { clock, addresses: new AddressRules({}), tls: new TlsRules({}, true) };
const open = laneOpeners({ clock, reuse: true, dial, plainHeaders: [] })();

/** A server that gives each of its connections to `serve`; how many there were. */
async function listen(serve: (socket: Socket) => void): Promise<{ url: string; connections: () => number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.on("error", () => socket.destroy());
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    connections: () => connections,
  };
}

function ask(lane: Lane, url: string, over: Partial<LaneRequest> = {}): Promise<Exchange> {
  return new Promise((resolve) => {
    const exchange = new Exchange(clock, true, resolve);
    lane.dispatch({ method: "GET", target: targetOf(url), headers: [], body: null, ...over }, exchange);
  });
}

const bodyOf = ({ chunks }: Exchange): string => Buffer.concat(chunks ?? []).toString();
const yes = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes";

function laneFor(url: string): Lane {
  const lane = open(targetOf(url));
  onTestFinished(() => lane.destroy(new Error("the test is over")));
  return lane;
}

describe("a lane", () => {
  it("carries many exchanges on one connection, and counts their bytes", async () => {
    const { connections, url } = await listen((socket) => socket.on("data", () => socket.write(yes)));
    const lane = laneFor(url);
    let bytes: number[] = [];
    for (let round = 0; round < 3; round++) {
      const exchange = await ask(lane, url);
      expect([exchange.error, exchange.status, bodyOf(exchange)]).toEqual([undefined, 200, "yes"]);
      lane.takeBytes((sent, received) => (bytes = [sent, received]));
      expect(bytes[1]).toBe(yes.length);
      expect(bytes[0]).toBeGreaterThan(30);
    }
    expect([lane.usable, connections()]).toEqual([true, 1]);
  });

  it("takes the time of connecting for the first exchange only", async () => {
    const { url } = await listen((socket) => socket.on("data", () => socket.write(yes)));
    const lane = laneFor(url);
    const [first, second] = [await ask(lane, url), await ask(lane, url)];
    expect(first.connectingUs).toBeGreaterThan(0);
    expect(first.blockedUs).toBeGreaterThanOrEqual(first.connectingUs);
    expect([second.connectingUs, second.blockedUs]).toEqual([0, 0]);
    expect(second.waitingUs).toBeGreaterThan(0);
  });

  it.each([
    ["closes after its answer", (socket: Socket) => socket.once("data", () => socket.end(yes))],
    [
      "says that it will close",
      (socket: Socket) =>
        socket.once("data", () => socket.write(yes.replace("\r\n", "\r\nConnection: close\r\n"))),
    ],
    [
      "sends more than it was asked for",
      (socket: Socket) => socket.once("data", () => socket.write(yes + yes)),
    ],
    [
      "keeps idle connections for a second, which is nothing",
      (socket: Socket) =>
        socket.once("data", () => socket.write(yes.replace("\r\n", "\r\nKeep-Alive: timeout=1\r\n"))),
    ],
  ])("is not used again when the server %s", async (_, serve) => {
    const { url } = await listen(serve);
    const lane = laneFor(url);
    const exchange = await ask(lane, url);
    expect([exchange.error, bodyOf(exchange)]).toEqual([undefined, "yes"]);
    while (lane.usable) await new Promise(setImmediate);
  });

  it("is lost when the server sends what nobody asked for", async () => {
    const { url } = await listen((socket) =>
      socket.once("data", () => socket.write(yes, () => setTimeout(() => socket.write("garbage"), 20))),
    );
    const lane = laneFor(url);
    expect((await ask(lane, url)).status).toBe(200);
    while (lane.usable) await new Promise(setImmediate);
  });

  it.each([
    [
      "closes without an answer",
      (socket: Socket) => socket.once("data", () => socket.end()),
      "UND_ERR_SOCKET",
    ],
    [
      "closes within its answer",
      (socket: Socket) => socket.once("data", () => socket.end(yes.slice(0, -1))),
      "UND_ERR_SOCKET",
    ],
    ["resets", (socket: Socket) => socket.once("data", () => socket.resetAndDestroy()), "ECONNRESET"],
    [
      "speaks something else",
      (socket: Socket) => socket.once("data", () => socket.write("220 ready\r\n")),
      "HPE_INVALID_RESPONSE",
    ],
  ])("tells the exchange when the server %s", async (_, serve, code) => {
    const { url } = await listen(serve);
    const lane = laneFor(url);
    expect((await ask(lane, url)).error).toMatchObject({ code });
    expect(lane.usable).toBe(false);
  });

  it("tells the exchange when nobody listens, also by a name with two addresses", async () => {
    const { url } = await listen(() => undefined);
    const free = new URL(url);
    free.port = "1";
    expect((await ask(laneFor(free.href), free.href)).error).toMatchObject({ code: "ECONNREFUSED" });
    free.hostname = "localhost";
    expect((await ask(laneFor(free.href), free.href)).error).toMatchObject({ code: "ECONNREFUSED" });
  });

  it("reaches a server by its name", async () => {
    const { url } = await listen((socket) => socket.on("data", () => socket.write(yes)));
    const named = url.replace("127.0.0.1", "localhost");
    expect((await ask(laneFor(named), named)).status).toBe(200);
  });

  it("sends a body of any size and kind, and says how long it is", async () => {
    const large = "ü".repeat(2_000_000);
    const { url } = await listen((socket) => {
      let received = "";
      socket.setEncoding("utf8").on("data", (text: string) => {
        received += text;
        const [head = "", body = ""] = received.split(/\r\n\r\n(.*)/s);
        const length = Number(/^content-length: (\d+)/im.exec(head)?.[1]);
        if (Buffer.byteLength(body) < length) return;
        received = "";
        const answer = `${length} ${body.length}`;
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\n\r\n${answer}`);
      });
    });
    const lane = laneFor(url);
    const post = async (body: LaneRequest["body"]) => bodyOf(await ask(lane, url, { method: "POST", body }));
    expect(await post("plain")).toBe("5 5");
    expect(await post(new Uint8Array([97, 98]))).toBe("2 2");
    expect(await post(null)).toBe("0 0");
    expect(await post(large)).toBe("4000000 2000000");
    expect(await post("again")).toBe("5 5");
  });

  it("takes an answer that comes before its request has gone, and is not used again", async () => {
    const { url } = await listen((socket) =>
      socket.once("data", () => {
        socket.pause();
        socket.write("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
      }),
    );
    const lane = laneFor(url);
    const exchange = await ask(lane, url, { method: "POST", body: Buffer.alloc(50_000_000) });
    expect([exchange.error, exchange.status, lane.usable]).toEqual([undefined, 413, false]);
  });

  it("ends what is under way when it is destroyed, whatever it is", async () => {
    const { url } = await listen((socket) => socket.once("data", () => socket.write("HTTP/1.1 200")));
    const lane = laneFor(url);
    const cut = ask(lane, url);
    lane.destroy(new Error("cut while connecting"));
    expect((await cut).error?.message).toBe("cut while connecting");
  });

  it.each([
    ["a line end in a header", { headers: ["X", "a\r\nEvil: b"] }],
    ["a header without a valid name", { headers: ["X y", "a"] }],
    ["a character beyond Latin-1 in a header", { headers: ["X", "→"] }],
    ["a method that is none", { method: "GET /" }],
  ])("refuses %s before anything is sent", async (_, over) => {
    let received = "";
    const { url } = await listen((socket) => socket.on("data", (bytes) => (received += bytes.toString())));
    const lane = laneFor(url);
    expect((await ask(lane, url, over)).error).toMatchObject({ code: "UND_ERR_INVALID_ARG" });
    expect(received).toBe("");
  });

  it("leaves the framing of a request to itself", async () => {
    let received = "";
    const { url } = await listen((socket) =>
      socket.on("data", (bytes) => {
        received += bytes.toString();
        socket.write(yes);
      }),
    );
    const headers = [
      "Content-Length",
      "7",
      "transfer-encoding",
      "chunked",
      "Host",
      "elsewhere.test",
      "A",
      "b",
    ];
    await ask(laneFor(url), url, { headers });
    expect(received).toBe("GET / HTTP/1.1\r\nHost: elsewhere.test\r\nConnection: keep-alive\r\nA: b\r\n\r\n");
  });
});
