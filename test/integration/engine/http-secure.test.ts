/** HTTP over TLS with real servers: what is agreed in the handshake, what is refused, client certificates, HTTP/2. */
import { createServer as createHttps } from "node:https";
import { constants, createSecureServer, type Http2SecureServer } from "node:http2";
import { createServer as createNet } from "node:net";
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from "node:tls";
import { describe, expect, it } from "vitest";
import { makeAuthority } from "../../../src/trust/certificates.ts";
import { listen, openHttp } from "./http-bench.ts";

const authority = await makeAuthority();
const stranger = await makeAuthority("Stranger");
const pair = await authority.leaf({ hosts: ["shop.test", "127.0.0.1"] });
setDefaultCACertificates([...getCACertificates("default"), authority.cert]);

/** HTTP/2 and, for who wants it, HTTP/1.1; with the connections that were made. */
async function startSecure(
  answer: Parameters<Http2SecureServer["on"]>[1] = (request, response) =>
    response.end(`${request.httpVersion} ${request.url}`),
  over: object = {},
) {
  const server = createSecureServer({ ...pair, allowHTTP1: true, ...over }, answer as never);
  let connections = 0;
  server.on("secureConnection", () => void connections++);
  const port = await listen(server);
  return { url: `https://127.0.0.1:${port}`, port, server, connections: () => connections };
}

async function startHttps(over: object = {}) {
  const server = createHttps({ ...pair, ...over }, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    response.end(`1.1 ${String(subject?.CN ?? "nobody")}`);
  });
  return `https://127.0.0.1:${await listen(server)}`;
}

describe("an https target", () => {
  it("is spoken to in HTTP/2 where it offers it, and samples say so", async () => {
    const { url } = await startSecure();
    const { http, of } = openHttp();
    const response = await http.get(`${url}/a?b`);
    expect(response.error).toBe("");
    expect(response).toMatchObject({
      status: 200,
      status_text: "200 OK",
      body: "2.0 /a?b",
      proto: "HTTP/2.0",
      tls_version: "tls1.3",
      remote_ip: "127.0.0.1",
    });
    expect(response.tls_cipher_suite).toMatch(/^TLS_AES/);
    expect(of("http_reqs")[0]?.tags).toMatchObject({ proto: "HTTP/2.0", tls_version: "tls1.3" });
    expect(response.timings.tls_handshaking).toBeGreaterThan(0);
    expect(response.timings.waiting).toBeGreaterThan(0);
    expect(of("data_sent")[0]?.value).toBeGreaterThan(30);
    expect(of("data_received")[0]?.value).toBeGreaterThan(30);
  });

  it("is spoken to in HTTP/1.1 where it does not", async () => {
    const { http, of } = openHttp();
    const url = await startHttps();
    const first = await http.get(url);
    expect(first).toMatchObject({ body: "1.1 nobody", proto: "HTTP/1.1", tls_version: "tls1.3" });
    expect(first.timings.tls_handshaking).toBeGreaterThan(0);
    expect((await http.get(url)).timings.tls_handshaking).toBe(0);
    expect(of("http_reqs").map(({ tags }) => tags["proto"])).toEqual(["HTTP/1.1", "HTTP/1.1"]);
  });

  it("gets all requests of a batch over one HTTP/2 connection, as streams of it", async () => {
    let open = 0;
    let most = 0;
    const { url, connections } = await startSecure((_request, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        response.end("ok");
      }, 20);
    });
    const { http } = openHttp({ batchPerHost: 0, batch: 10 });
    const all = await http.batch(Array.from({ length: 10 }, (_, index) => `${url}/${index}`));
    expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(connections()).toBe(1);
    expect(most).toBe(10);
  });

  it("carries bodies, headers and cookies in HTTP/2", async () => {
    const { url } = await startSecure((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        response.setHeader("set-cookie", ["a=1; Path=/", "b=2; Path=/"]);
        response.setHeader("x-seen", `${request.headers["x-mine"]} ${request.headers.cookie ?? "none"}`);
        response.end(Buffer.concat(chunks));
      });
    });
    const { http } = openHttp();
    const body = "x".repeat(300_000);
    const first = await http.post(url, body, { headers: { "X-Mine": "yes", Connection: "close" } });
    expect(first.body).toBe(body);
    expect(first.headers["X-Seen"]).toBe("yes none");
    expect(Object.keys(first.cookies)).toEqual(["a", "b"]);
    const second = await http.post(url, "", { headers: { "X-Mine": "yes" } });
    expect(second.headers["X-Seen"]).toBe("yes a=1; b=2");
    expect((await http.head(url)).body).toBe("");
  });

  it("that resets a stream, or sends everybody away, is a failure with HTTP/2's own code", async () => {
    const { url } = await startSecure((request, response) => {
      if (request.url === "/reset") response.stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else response.stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0);
      if (request.url === "/away") setTimeout(() => response.stream.session?.destroy(), 10);
    });
    const { http } = openHttp();
    expect(await http.get(`${url}/reset`)).toMatchObject({ status: 0, error_code: 1631 + 7 });
    expect(await http.get(`${url}/away`)).toMatchObject({ status: 0, error_code: 1611 + 11 });
    expect(await http.get(`${url}/reset`)).toMatchObject({ error_code: 1638, remote_ip: "127.0.0.1" });
  });

  it("that breaks the rules of HTTP/2 is a failure of the connection", async () => {
    const { createServer } = await import("node:tls");
    const rude = createServer(
      { ...pair, ALPNProtocols: ["h2"] },
      (socket) => void socket.write("HTTP/1.1 200 OK\r\n\r\n"),
    );
    const { http } = openHttp();
    const response = await http.get(`https://127.0.0.1:${await listen(rude)}/`);
    expect(response.status).toBe(0);
    expect(response.error_code).toBeGreaterThanOrEqual(1650);
    expect(response.error_code).toBeLessThan(1670);
  });

  it("that never answers is given up in time, and only that stream of it", async () => {
    const { url } = await startSecure((request, response) => {
      if (request.url !== "/never") response.end("ok");
    });
    const { http } = openHttp();
    const [never, soon] = await Promise.all([
      http.get(`${url}/never`, { timeout: 200 }),
      http.get(`${url}/soon`),
    ]);
    expect(never).toMatchObject({ status: 0, error_code: 1050 });
    expect(soon.status).toBe(200);
    expect((await http.get(`${url}/again`)).status).toBe(200);
  });

  it("that is not there fails every request that waited for the first handshake, each by its own attempt", async () => {
    const { http } = openHttp();
    const all = await http.batch([1, 2, 3].map((n) => `https://127.0.0.1:1/${n}`));
    expect(all.map((each) => each.error_code)).toEqual([1212, 1212, 1212]);
  });

  it("is dialled by the next one when the first gives up", async () => {
    const { url, connections } = await startSecure();
    const { http } = openHttp();
    const [hasty, patient] = await Promise.all([http.get(url, { timeout: 1 }), http.get(url)]);
    expect([0, 200]).toContain(hasty.status);
    expect(patient.status).toBe(200);
    expect(connections()).toBeGreaterThanOrEqual(1);
  });

  it("that closes its idle HTTP/1.1 connections is connected to again", async () => {
    const server = createHttps({ ...pair, keepAliveTimeout: 1 }, (_request, response) => response.end("ok"));
    const closed = () =>
      new Promise((resolve) => server.once("secureConnection", (socket) => socket.once("close", resolve)));
    const url = `https://127.0.0.1:${await listen(server)}`;
    const { http } = openHttp();
    for (let n = 0; n < 2; n++) {
      const gone = closed();
      expect(
        (await http.get(url, { headers: { Connection: n === 0 ? "keep-alive" : "close" } })).status,
      ).toBe(200);
      server.closeIdleConnections();
      await gone;
    }
  });

  it("is connected to anew for each request when connections are not reused", async () => {
    const { url, connections } = await startSecure();
    const { http } = openHttp({}, { reuseConnections: false });
    for (let n = 0; n < 3; n++) expect((await http.get(url)).status).toBe(200);
    expect(connections()).toBe(3);
  });
});

describe("a certificate", () => {
  const codeOf = async (leaf: object, path = (port: number) => `https://127.0.0.1:${port}/`) => {
    const port = await listen(createHttps({ ...leaf }, (_request, response) => response.end("ok")));
    const { http } = openHttp({ hosts: { "other.test": "127.0.0.1" } });
    return await http.get(path(port));
  };

  it("of an unknown authority is refused: 1310", async () => {
    expect(await codeOf(await stranger.leaf())).toMatchObject({ status: 0, error_code: 1310 });
  });

  it("for another host is refused: 1311", async () => {
    const response = await codeOf(pair, (port) => `https://other.test:${port}/`);
    expect(response).toMatchObject({ status: 0, error_code: 1311 });
  });

  it("out of date is refused: 1300, and says so", async () => {
    const response = await codeOf(await authority.leaf({ days: -1 }));
    expect(response).toMatchObject({ status: 0, error_code: 1300, error: "x509: certificate has expired" });
  });

  it("is not looked at with insecureSkipTLSVerify", async () => {
    const port = await listen(createHttps(await stranger.leaf(), (_, response) => response.end("ok")));
    const { http } = openHttp({}, { verifyTls: false });
    expect((await http.get(`https://127.0.0.1:${port}/`)).status).toBe(200);
  });

  it("of the client goes to the hosts that it is for, and to no other", async () => {
    const url = await startHttps({ requestCert: true, ca: [authority.cert], rejectUnauthorized: false });
    const client = await authority.leaf({ hosts: ["the-client"] });
    const of = (domains: string[]) => openHttp({ tlsAuth: [{ domains, ...client }] }).http.get(url);
    const all = await of([]);
    expect(all.error).toBe("");
    expect(all.body).toBe("1.1 the-client");
    expect((await of(["127.0.0.1"])).body).toBe("1.1 the-client");
    expect((await of(["*.shop.test"])).body).toBe("1.1 nobody");
  });
});

describe("TLS", () => {
  it("is of the version that the options ask for", async () => {
    const { url } = await startSecure();
    const { http } = openHttp({ tlsVersion: { min: "tls1.2", max: "tls1.2" } });
    expect((await http.get(url)).tls_version).toBe("tls1.2");
  });

  it("uses the cipher suites that the options name", async () => {
    const { url } = await startSecure();
    const { http } = openHttp({
      tlsVersion: { max: "tls1.2" },
      tlsCipherSuites: ["ECDHE-ECDSA-AES256-GCM-SHA384"],
    });
    expect((await http.get(url)).tls_cipher_suite).toBe("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
  });

  it("that finds no version in common fails: 1300", async () => {
    const url = await startHttps({ minVersion: "TLSv1.3" });
    const { http } = openHttp({ tlsVersion: { max: "tls1.2" } });
    expect(await http.get(url)).toMatchObject({ status: 0, error_code: 1300 });
  });

  it("towards a port that speaks plain HTTP fails: 1301", async () => {
    const port = await listen(
      createNet((socket) => socket.once("data", () => socket.end("HTTP/1.1 400 Bad\r\n\r\n"))),
    );
    const { http } = openHttp();
    expect(await http.get(`https://127.0.0.1:${port}/`)).toMatchObject({ status: 0, error_code: 1301 });
  });
});
