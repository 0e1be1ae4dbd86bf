/** What scripts can do with `http`, against real servers: k6's functions and parameters, one by one. */
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createNet } from "node:net";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { digestAnswer } from "../../../src/script/digest-auth.ts";
import type { Response } from "../../../src/script/http-types.ts";
import { listen, openHttp } from "./http-bench.ts";

const start = async (answer: RequestListener) => `http://127.0.0.1:${await listen(createServer(answer))}`;

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function sayBack(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await bodyOf(request);
  const { headers, method, url } = request;
  response.end(JSON.stringify({ method, url, headers, body: body.toString("base64") }));
}

/** Says what it got: method, URL, headers, and the body as base64. */
const echo = () => start((request, response) => void sayBack(request, response));

/** The body that an echo got. */
const sentBody = (response: Response) => Buffer.from(response.json("body") as string, "base64");

describe("http.batch", () => {
  it("answers in the shape of the question, a list or an object", async () => {
    const url = await echo();
    const { http } = openHttp();
    const list = await http.batch([
      `${url}/a`,
      ["POST", `${url}/b`, "text", { headers: { "X-A": "1" } }],
      { method: "PUT", url: `${url}/c`, body: "x" },
      http.url`${url}/d/${7}`,
    ]);
    expect(list.map((each) => `${each.json("method")} ${each.json("url")}`)).toEqual(
      "GET /a,POST /b,PUT /c,GET /d/7".split(","),
    );
    expect(list[1]?.json("headers.x-a")).toBe("1");
    const byName = await http.batch({ one: `${url}/1`, two: { url: `${url}/2` } });
    expect(byName.one.json("url")).toBe("/1");
    expect(byName.two.json("url")).toBe("/2");
  });

  it.each([
    [{ batchPerHost: 3 }, 3],
    [{ batch: 2, batchPerHost: 0 }, 2],
    [{}, 6],
  ])("keeps the limits of the options %j", async (options, expected) => {
    let open = 0;
    let most = 0;
    const url = await start((_request, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        response.end();
      }, 10);
    });
    const { http, of } = openHttp(options);
    await http.batch(Array.from({ length: 15 }, () => url));
    expect(most).toBe(expected);
    expect(of("http_reqs")).toHaveLength(15);
  });

  it.each([[[42]], [[["GET"], []]], [[{ method: "GET" }]], ["x"]])("refuses %j", async (requests) => {
    await expect(openHttp().http.batch(requests as never)).rejects.toThrow(TypeError);
  });
});

describe("a body", () => {
  it("that is an object is a form, whose lists repeat", async () => {
    const response = await openHttp().http.post(await echo(), { a: "x y", b: [1, 2] });
    expect(sentBody(response).toString()).toBe("a=x+y&b=1&b=2");
    expect(response.json("headers.content-type")).toBe("application/x-www-form-urlencoded");
  });

  it("with a file in it is multipart, and another program reads the same", async () => {
    const { http } = openHttp();
    const image = new Uint8Array([0, 13, 10, 255]);
    const body = { title: 'a "quoted" name', image: http.file(image, "ä.png", "image/png") };
    const response = await http.post(await echo(), body);
    const type = response.json("headers.content-type") as string;
    const form = await new globalThis.Response(sentBody(response), {
      headers: { "content-type": type },
    }).formData();
    expect(form.get("title")).toBe(body.title);
    const file = form.get("image") as File;
    expect([file.name, file.type]).toEqual(["ä.png", "image/png"]);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(image);
  });

  it("may be FormData, a Blob or URLSearchParams", async () => {
    const { http } = openHttp();
    const url = await echo();
    const data = new FormData();
    data.append("a", "1");
    data.append("f", new Blob(["hello"], { type: "text/plain" }), "f.txt");
    const form = await http.post(url, data);
    expect(sentBody(form).toString()).toContain(
      'name="f"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\nhello',
    );
    const blob = await http.post(url, new Blob(["{}"], { type: "application/json" }));
    expect([sentBody(blob).toString(), blob.json("headers.content-type")]).toEqual([
      "{}",
      "application/json",
    ]);
    const params = await http.post(url, new URLSearchParams("a=1"), {
      headers: { "content-type": "text/own" },
    });
    expect([sentBody(params).toString(), params.json("headers.content-type")]).toEqual(["a=1", "text/own"]);
  });

  it("is compressed if that is asked for", async () => {
    const { http } = openHttp();
    const response = await http.post(await echo(), "hello", { compression: "gzip, br" });
    expect(response.json("headers.content-encoding")).toBe("gzip, br");
    expect(gunzipSync(brotliDecompressSync(sentBody(response))).toString()).toBe("hello");
    await expect(http.post("http://x", "a", { compression: "rar" })).rejects.toThrow(/"rar" is not known/);
  });

  it("that cannot be decompressed is error 1701, found out when it is looked at", async () => {
    const url = await start((_request, response) =>
      response.setHeader("content-encoding", "gzip").end("no gzip"),
    );
    const response = await openHttp().http.get(url);
    expect(response).toMatchObject({ status: 200, error_code: 1701, body: null });
    expect(response.error).toMatch(/could not be decompressed/);
  });
});

describe("expected statuses", () => {
  const answerWith = () => start(({ url = "" }, response) => response.writeHead(Number(url.slice(1))).end());

  it("are 200 to 399, unless the script says otherwise", async () => {
    const url = await answerWith();
    const { http, of } = openHttp();
    await http.get(`${url}/200`);
    await http.get(`${url}/404`);
    http.setResponseCallback(http.expectedStatuses(404, { min: 500, max: 510 }));
    await http.get(`${url}/200`);
    await http.get(`${url}/404`);
    await http.get(`${url}/505`, { responseCallback: http.expectedStatuses(200) });
    expect(of("http_req_failed").map(({ value }) => value)).toEqual([0, 1, 1, 0, 1]);
    expect(of("http_req_failed").map(({ tags }) => tags["expected_response"])).toEqual(
      "true,false,false,true,false".split(","),
    );
  });

  it("are not measured after null", async () => {
    const url = await answerWith();
    const { http, of } = openHttp();
    await http.get(`${url}/500`, { responseCallback: null });
    expect(of("http_req_failed")).toEqual([]);
    expect(of("http_reqs")[0]?.tags).not.toHaveProperty("expected_response");
  });

  it.each([["200"], [{ min: 5 }], [{ min: 9, max: 1 }]])("refuse %j", (given) => {
    expect(() => openHttp().http.expectedStatuses(given as never)).toThrow(/neither a status nor/);
    expect(() => openHttp().http.setResponseCallback(given as never)).toThrow(/takes http\.expectedStatuses/);
  });
});

describe("a named URL", () => {
  it("names its samples by the template, unless a tag does", async () => {
    const url = await echo();
    const { http, of } = openHttp();
    await http.get(http.url`${url}/products/${7}`);
    await http.get(http.url`${url}/products/${8}`, { tags: { name: "mine" } });
    expect(of("http_reqs").map(({ tags }) => tags["name"])).toEqual(["${}/products/${}", "mine"]);
  });
});

describe("cookies", () => {
  const seen = () =>
    start((request, response) => {
      response
        .setHeader("set-cookie", ["id=7; Path=/; HttpOnly; Max-Age=60"])
        .end(request.headers.cookie ?? "none");
    });

  it("are those of the VU's jar, which the script can look into and change", async () => {
    const url = await seen();
    const { http } = openHttp();
    const first = await http.get(url);
    expect(first.cookies["id"]?.[0]).toMatchObject({ value: "7", path: "/", http_only: true, max_age: 60 });
    const jar = http.cookieJar();
    expect(jar.cookiesForURL(url)).toEqual({ id: ["7"] });
    expect(jar.set(url, "mine", "1", { path: "/" })).toBe(true);
    expect(jar.set(url, "other", "1", { domain: "elsewhere.test" })).toBe(false);
    expect((await http.get(url)).body).toBe("id=7; mine=1");
    jar.delete(url, "mine");
    expect((await http.get(url)).body).toBe("id=7");
    jar.clear(url);
    expect((await http.get(url)).body).toBe("none");
  });

  it("of a request stand beside the jar's, or replace them", async () => {
    const url = await seen();
    const { http } = openHttp();
    await http.get(url);
    expect((await http.get(url, { cookies: { id: "8" } })).body).toBe("id=7; id=8");
    expect((await http.get(url, { cookies: { id: { value: "8", replace: true } } })).body).toBe("id=8");
  });

  it("may come from a jar of the script's own", async () => {
    const url = await seen();
    const { http } = openHttp();
    const jar = new http.CookieJar();
    jar.set(url, "own", "1");
    expect((await http.get(url, { jar })).body).toBe("own=1");
    expect(jar.cookiesForURL(url)).toEqual({ id: ["7"], own: ["1"] });
    expect(http.cookieJar().cookiesForURL(url)).toEqual({});
    await expect(http.get(url, { jar: {} as never })).rejects.toThrow(/params\.jar must be/);
  });
});

describe("redirects", () => {
  const hops = () =>
    start((request, response) => {
      const [, status, left] = /^\/(\d+)\/(\d+)$/.exec(request.url ?? "") ?? [];
      if (Number(left) > 0)
        response.writeHead(Number(status), { location: `/${status}/${Number(left) - 1}` });
      response.end(`${request.method} ${request.headers["content-type"] ?? "no type"}`);
    });

  it.each([
    [301, "GET no type"],
    [302, "GET no type"],
    [303, "GET no type"],
    [307, "POST text/mine"],
    [308, "POST text/mine"],
  ])("by %i end with %s", async (status, expected) => {
    const url = await hops();
    const { http, of } = openHttp();
    const params = { headers: { "Content-Type": "text/mine" } };
    const response = await http.post(`${url}/${status}/2`, "body", params);
    expect(response.body).toBe(expected);
    expect(response.url).toBe(`${url}/${status}/0`);
    expect(of("http_reqs")).toHaveLength(3);
  });

  it("are followed as often as the option or the request says", async () => {
    const url = await hops();
    const { http } = openHttp({ maxRedirects: 2 });
    expect((await http.get(`${url}/302/5`)).url).toBe(`${url}/302/3`);
    expect((await http.get(`${url}/302/5`, { redirects: 0 })).status).toBe(302);
  });
});

describe("a login", () => {
  it("stands in the URL, and is basic without a word", async () => {
    const url = (await echo()).replace("//", "//ada:pa%20ss@");
    const expected = `Basic ${Buffer.from("ada:pa ss").toString("base64")}`;
    const { http } = openHttp();
    expect((await http.get(url)).json("headers.authorization")).toBe(expected);
    expect((await http.get(url, { auth: "basic" })).json("headers.authorization")).toBe(expected);
  });

  it("by digest answers the challenge, which counts as expected", async () => {
    const challenge = 'Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256, opaque="o"';
    const url = await start((request: IncomingMessage, response: ServerResponse) => {
      const given = request.headers.authorization;
      const [, cnonce = ""] = /cnonce="(\w+)"/.exec(given ?? "") ?? [];
      const login = { method: "GET", uri: "/x?y", username: "ada", password: "secret" };
      if (given === undefined) response.writeHead(401, { "www-authenticate": challenge }).end();
      else response.writeHead(given === digestAnswer(challenge, login, cnonce) ? 200 : 403).end();
    });
    const { http, of } = openHttp();
    const response = await http.get(`${url.replace("//", "//ada:secret@")}/x?y`, { auth: "digest" });
    expect(response.status).toBe(200);
    expect(of("http_req_failed").map(({ value }) => value)).toEqual([0, 0]);
  });

  it("by NTLM is refused by name", async () => {
    await expect(openHttp().http.get("http://x", { auth: "ntlm" as never })).rejects.toThrow(
      /"ntlm" is not supported/,
    );
  });
});

describe("a parameter", () => {
  it("that nobody knows is told", async () => {
    const { http, told } = openHttp();
    await http.get(await echo(), { timeuot: "3s" } as never);
    expect(told[0]).toMatch(/^"timeuot" is no parameter of a request and does nothing; known: auth, /);
  });

  it("throw, or the option, makes a request without response throw", async () => {
    const refused = "http://127.0.0.1:1/";
    expect((await openHttp().http.get(refused)).error_code).toBe(1212);
    await expect(openHttp().http.get(refused, { throw: true })).rejects.toThrow(/connection refused.*1212/);
    const { http, of } = openHttp({ throw: true });
    await expect(http.get(refused)).rejects.toThrow(/1212/);
    expect(of("http_reqs")).toHaveLength(1);
  });
});

describe("an address", () => {
  it("may be given by name, with a port, or for all names below one", async () => {
    const port = new URL(await echo()).port;
    const { http } = openHttp({ hosts: { "shop.test:81": `127.0.0.1:${port}`, "*.shop.test": "127.0.0.1" } });
    expect((await http.get("http://shop.test:81/")).json("headers.host")).toBe("shop.test:81");
    expect((await http.get(`http://a.b.shop.test:${port}/`)).remote_ip).toBe("127.0.0.1");
    expect((await http.get(`http://shop.test:${port}/`)).error_code).toBe(1101);
  });

  it("or a name that options forbid is not connected to", async () => {
    const port = new URL(await echo()).port;
    const { http } = openHttp({
      blockHostnames: ["*.ads.test"],
      blacklistIps: ["127.0.0.0/8", "::1/128"],
      hosts: { "shop.test": "127.0.0.1" },
    });
    expect(await http.get("http://x.ads.test/")).toMatchObject({ status: 0, error_code: 1111 });
    for (const host of ["127.0.0.1", "shop.test", "localhost"])
      expect(await http.get(`http://${host}:${port}/`)).toMatchObject({ status: 0, error_code: 1110 });
  });

  it("is asked for once in a while with the option dns", async () => {
    const port = new URL(await echo()).port;
    const { http } = openHttp({ dns: { ttlMs: 60_000, select: "roundRobin", policy: "onlyIPv4" } });
    const first = await http.get(`http://localhost:${port}/`);
    expect(first).toMatchObject({ status: 200, remote_ip: "127.0.0.1" });
    expect(first.timings.looking_up).toBeGreaterThan(0);
  });
});

describe("a target that misbehaves", () => {
  const raw = async (bytes: string, end = true) => {
    const server = createNet((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => (end ? socket.end(bytes) : socket.write(bytes)));
    });
    return `http://127.0.0.1:${await listen(server)}/`;
  };

  it.each([
    ["closes early", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", 1220],
    ["closes without a word", "", 1220],
    ["answers with something else", "220 mail.test ESMTP\r\n\r\n", 1000],
  ])("and %s is a failure with a code", async (_what, bytes, code) => {
    expect(await openHttp().http.get(await raw(bytes))).toMatchObject({ status: 0, error_code: code });
  });

  it("and never answers is given up in time", async () => {
    const response = await openHttp().http.get(await raw("", false), { timeout: 100 });
    expect(response).toMatchObject({ status: 0, error_code: 1050 });
  });

  it("and answers byte by byte is waited for", async () => {
    const server = createNet((socket) => {
      socket.once("data", () => {
        const bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".split("");
        const next = () => {
          const byte = bytes.shift();
          if (byte !== undefined) socket.write(byte, () => setImmediate(next));
        };
        next();
      });
    });
    const response = await openHttp().http.get(`http://127.0.0.1:${await listen(server)}/`);
    expect(response).toMatchObject({ status: 200, body: "ok" });
  });

  it("and is not known by name is 1101", async () => {
    expect(await openHttp().http.get("http://no-such-host.invalid/")).toMatchObject({ error_code: 1101 });
  });
});

describe("pages", () => {
  it.each(["html", "submitForm", "clickLink"])(
    "are not parsed: res.%s() says what to do instead",
    async (name) => {
      const response = (await openHttp().http.get(await echo())) as unknown as Record<string, () => void>;
      expect(() => response[name]?.()).toThrow(/is not supported: /);
    },
  );
});
