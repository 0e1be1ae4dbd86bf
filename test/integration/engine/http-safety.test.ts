/** What a wrong call or a hostile answer may not do: hold a VU for ever, or carry what is secret to where it does not belong. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import type { Params } from "../../../src/script/http-types.ts";
import { listen, openHttp } from "./http-bench.ts";

const answers = (answer: (request: IncomingMessage, response: ServerResponse) => void) =>
  listen(createServer(answer));

describe("a call that throws", () => {
  it.each<[string, unknown, Params]>([
    ["a method that is no text", 7, {}],
    ["a header that has no text", "GET", { headers: { a: Object.create(null) as never } }],
    ["a cookie that has no text", "GET", { cookies: { a: Symbol("a") as never } }],
  ])("leaves nothing under way: %s", async (_what, method, params) => {
    const port = await answers((_request, response) => void response.end());
    const { http, vu } = openHttp();
    const call = http.request(method as string, `http://127.0.0.1:${port}/`, null, params);
    await expect(call).rejects.toThrow(TypeError);
    expect(vu.inFlight.count).toBe(0);
  });

  it("lets the rest of its batch be sent before the batch ends", async () => {
    let count = 0;
    const port = await answers((_request, response) => {
      count++;
      response.end();
    });
    const { http, vu } = openHttp({ batch: 1 });
    const url = `http://127.0.0.1:${port}/`;
    const wrong = { url, params: { timeout: "soon" } };
    await expect(http.batch([wrong, url, url])).rejects.toThrow("not a duration");
    expect([count, vu.inFlight.count]).toEqual([2, 0]);
  });
});

describe("a redirect", () => {
  it("that leads to a URL with half an escape still ends its request", async () => {
    const port = await answers((request, response) => {
      if (request.url !== "/") return void response.end("there");
      response.writeHead(302, { location: `http://%zz:b@127.0.0.1:${port}/there` }).end();
    });
    const { http, vu } = openHttp();
    const response = await Promise.race([
      http.get(`http://127.0.0.1:${port}/`),
      new Promise<undefined>((resolve) => setTimeout(resolve, 1_000, undefined)),
    ]);
    expect(response?.status).toBe(200);
    expect(vu.inFlight.count).toBe(0);
  });

  it("takes the cookies of a request to no other host", async () => {
    const seen: (string | undefined)[] = [];
    const other = await answers((request, response) => {
      seen.push(request.headers.cookie);
      response.end();
    });
    const port = await answers((request, response) => {
      seen.push(request.headers.cookie);
      response.writeHead(302, { location: `http://localhost:${other}/` }).end();
    });
    const { http } = openHttp();
    await http.get(`http://127.0.0.1:${port}/`, { cookies: { session: "mine" } });
    expect(seen).toEqual(["session=mine", undefined]);
  });
});

it("leaves out cookies that are null", async () => {
  const port = await answers(({ headers }, response) => void response.end(headers.cookie));
  const { http } = openHttp();
  const cookies = { a: null as never, b: "2" };
  expect((await http.get(`http://127.0.0.1:${port}/`, { cookies })).body).toBe("b=2");
});

it("the password of a URL is in no tag", async () => {
  const port = await answers((_request, response) => void response.end());
  const { http, samples } = openHttp();
  const response = await http.get(`http://ann:sesame@127.0.0.1:${port}/`);
  expect(response.status).toBe(200);
  expect(JSON.stringify(samples)).not.toContain("sesame");
  expect(samples).toContainEqual(
    expect.objectContaining({
      metric: "http_reqs",
      tags: expect.objectContaining({ name: `http://****:****@127.0.0.1:${port}/` }) as unknown,
    }),
  );
});

it("a timeout longer than a timer can wait is none at all", async () => {
  const port = await answers((_request, response) => setTimeout(() => response.end("late"), 50));
  const { http } = openHttp();
  const response = await http.get(`http://127.0.0.1:${port}/`, { timeout: "1000h" });
  expect(response.error).toBe("");
});

it("a header that frames the message is the connection's own, kept or not", async () => {
  const port = await answers((_request, response) => void response.end());
  for (const reuseConnections of [true, false]) {
    const { http } = openHttp({}, { reuseConnections });
    const headers = { "Content-Length": "7", "Keep-Alive": "timeout=5" };
    const response = await http.post(`http://127.0.0.1:${port}/`, "four", { headers });
    expect([reuseConnections, response.status]).toEqual([reuseConnections, 200]);
  }
});
