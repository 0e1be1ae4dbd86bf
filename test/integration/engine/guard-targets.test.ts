/** Guard rails on every way out that a script has, with real servers: what is refused never reaches them. */
import { createServer } from "node:http";
import { createSecureServer } from "node:http2";
import { createServer as createHttps } from "node:https";
import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import { TargetGuard, type TargetGuardOptions } from "../../../src/domain/guard/target-guard.ts";
import { Rails } from "../../../src/script/guard/rails.ts";
import { makeAuthority } from "../../../src/trust/certificates.ts";
import { listen, openHttp } from "./http-bench.ts";
import { orLost, planOf, prepare, shared, soon, startTarget } from "./worker-bench.ts";

const pair = await (await makeAuthority()).leaf({ hosts: ["shop.test", "127.0.0.1"] });

/** A server that counts the connections it gets. */
async function counting(server: ReturnType<typeof createServer>) {
  let connections = 0;
  server.on("connection", () => void connections++);
  return { port: await listen(server), connections: () => connections };
}

const plain = () => counting(createServer((_request, response) => response.end("ok")));
const guardOf = (over: Partial<TargetGuardOptions> = {}) =>
  new TargetGuard({ zone: "eu", guards: [], planTargets: undefined, controlPlane: [], ...over });
const without = (port: number) =>
  guardOf({ guards: [{ zone: "eu", deny: [`127.0.0.1:${port}`, `[::1]:${port}`] }] });

describe("a refused target", () => {
  const ways = {
    "the lean HTTP/1.1 lane": { make: plain, scheme: "http", over: {} },
    "undici, with connections that are not reused": {
      make: plain,
      scheme: "http",
      over: { reuseConnections: false },
    },
    "TLS with HTTP/1.1": {
      make: () => counting(createHttps(pair, (_request, response) => response.end("ok"))),
      scheme: "https",
      over: { verifyTls: false },
    },
    "TLS with HTTP/2": {
      make: () => counting(createSecureServer(pair, (_request, response) => response.end("ok")) as never),
      scheme: "https",
      over: { verifyTls: false },
    },
  } as const;

  it.each(Object.entries(ways))(
    "is not connected to by %s, by address or by name",
    async (_way, { make, over, scheme }) => {
      const { connections, port } = await make();
      const rails = new Rails();
      const { http, of, told } = openHttp({}, { ...over, rails }, without(port));
      for (const host of ["127.0.0.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "localhost"]) {
        const response = await http.get(`${scheme}://${host}:${port}/`);
        expect(response, host).toMatchObject({ status: 0, error_code: 1112 });
        expect(response.error).toMatch(/is refused: deny (127\.0\.0\.1|\[::1\]):\d+ of zone eu$/);
      }
      expect(connections()).toBe(0);
      expect(told[0]).toContain("is refused: deny 127.0.0.1:");
      expect(of("http_req_failed").map(({ tags }) => tags["error_code"])).toEqual(Array(5).fill("1112"));
      expect(rails.all.reduce((sum, { requests }) => sum + requests, 0)).toBe(5);
      // The same way, to a port that nobody denies.
      const other = await make();
      expect((await http.get(`${scheme}://127.0.0.1:${other.port}/`)).status).toBe(200);
      expect(other.connections()).toBe(1);
    },
  );

  it("is not reached by a redirect", async () => {
    const secret = await plain();
    const to = `http://127.0.0.1:${secret.port}/secret`;
    const door = await listen(
      createServer((_request, response) => response.writeHead(302, { location: to }).end()),
    );
    const { http, of } = openHttp({}, {}, without(secret.port));
    const response = await http.get(`http://127.0.0.1:${door}/`);
    expect(response).toMatchObject({ status: 0, error_code: 1112, url: to });
    expect(of("http_reqs").map(({ tags }) => tags["status"])).toEqual(["302", "0"]);
    expect(secret.connections()).toBe(0);
  });

  it("is one failed member of a batch", async () => {
    const [open, shut] = [await plain(), await plain()];
    const { http } = openHttp({}, {}, without(shut.port));
    const urls = [open, shut, open].map(({ port }) => `http://127.0.0.1:${port}/`);
    expect((await http.batch(urls)).map(({ error_code }) => error_code)).toEqual([0, 1112, 0]);
    expect(shut.connections()).toBe(0);
  });

  it("is not reached by the options hosts and dns of the script", async () => {
    const { connections, port } = await plain();
    const hosts = { "shop.test": `127.0.0.1:${port}` };
    const denied = openHttp({ hosts }, {}, without(port));
    expect((await denied.http.get("http://shop.test/")).error_code).toBe(1112);
    const owners = guardOf({ guards: [{ zone: "eu", targets: ["shop.test"] }] });
    expect((await openHttp({ hosts }, {}, owners).http.get("http://shop.test/")).error_code).toBe(1112);
    const dns = { ttlMs: 1000, select: "first", policy: "any" } as const;
    expect(
      (await openHttp({ dns }, {}, without(port)).http.get(`http://localhost:${port}/`)).error_code,
    ).toBe(1112);
    expect(connections()).toBe(0);
    const own = guardOf({ planTargets: ["shop.test"] });
    expect((await openHttp({ hosts }, {}, own).http.get("http://shop.test/")).status).toBe(200);
  });

  it("leaves everybody else their turns, however often a script asks", async () => {
    const { http } = openHttp({}, {}, guardOf());
    let turns = 0;
    const clock = setInterval(() => turns++, 1);
    const untilMs = performance.now() + 50;
    while (performance.now() < untilMs) await http.get("http://169.254.169.254/");
    clearInterval(clock);
    expect(turns).toBeGreaterThan(3);
  });
});

describe("what a script's worker does without http of loadmesh", () => {
  const helpers = `
    import { createConnection } from "node:net";
    import { createRequire } from "node:module";
    const outcome = async (what) => { try { return String(await what()); } catch (e) { return String(e.cause ?? e); } };
    const socket = (...args) => () => new Promise((done, fail) => {
      const s = createConnection(...args, () => { s.destroy(); done("connected"); }).on("error", fail);
    });
    const port = Number(__ENV.PORT);`;
  const script = `${helpers}
    export default async function () {
      console.log("fetch: " + (await outcome(async () => (await fetch("http://127.0.0.1:" + port + "/")).status)));
      console.log("named: " + (await outcome(async () => (await fetch("http://localhost:" + port + "/")).status)));
      console.log("options: " + (await outcome(socket({ host: "localhost", port }))));
      console.log("words: " + (await outcome(socket(port, "127.0.0.1"))));
      console.log("nobody: " + (await outcome(socket(port))));
      console.log("spawn: " + (await outcome(() => process.getBuiltinModule("child_process").spawn("true").constructor.name)));
    }`;

  /** What a script tries that wants to get past its rails. */
  const tricks = `${helpers}
    export default async function () {
      const fake = (_name, _options, told) => told(null, [{ address: "127.0.0.1", family: 4 }]);
      console.log("renamed: " + (await outcome(socket({ host: "shop.test", port, lookup: fake }))));
      const asked = { port, get host() { return (this.reads = (this.reads ?? 0) + 1) === 1 ? "shop.test" : "127.0.0.1"; } };
      console.log("changing: " + (await outcome(socket(asked))));
      console.log("file: " + (await outcome(socket({ path: __ENV.FILE }))));
      const { ChildProcess } = process.getBuiltinModule("child_process");
      const { register } = process.getBuiltinModule("module");
      console.log("by hand: " + (await outcome(() => new ChildProcess().spawn({ file: "true", args: ["true"], stdio: [] }))));
      console.log("hooks: " + (await outcome(() => register("data:text/javascript,"))));
      console.log("execve: " + (await outcome(() => process.execve("/nowhere", [""], {}))));
    }`;

  async function lines(
    over: object,
    port: number,
    text = script,
  ): Promise<{ text: string; guarded: unknown }> {
    const plan = planOf({ a: shared(1, 1) });
    const harness = await prepare(text, plan, { env: { FILE: "/run/docker.sock", PORT: String(port) } });
    const result = await harness.worker.init({ ...harness.assignment, ...over });
    if (!result.ok) throw new Error(result.error.message);
    harness.worker.start(soon(), undefined);
    const { guarded } = await orLost(harness, harness.worker.ended);
    return { text: harness.logs.join("\n"), guarded };
  }

  it("is free where nobody denies it", async () => {
    const { port } = await plain();
    const { guarded, text } = await lines({}, port);
    expect(text).toBe(
      "fetch: 200\nnamed: 200\noptions: connected\nwords: connected\nnobody: connected\nspawn: ChildProcess",
    );
    expect(guarded).toBeUndefined();
  });

  it("is refused once where every address of a name is forbidden, and not at all where one is left", async () => {
    const { connections, port } = await plain();
    const text = `${helpers}
      export default async function () {
        const all = (...list) => (_name, _options, told) => told(null, list.map((address) => ({ address, family: 4 })));
        console.log("one left: " + (await outcome(socket({ host: "shop.test", port, lookup: all("10.0.0.1", "127.0.0.1") }))));
        console.log("none left: " + (await outcome(socket({ host: "shop.test", port, lookup: all("10.0.0.1", "10.0.0.2") }))));
      }`;
    const denied = { guards: [{ zone: "eu", deny: ["10.0.0.0/8"] }] };
    const { guarded, text: told } = await lines(denied, port, text);
    expect(told).toMatch(/^one left: connected$/m);
    expect(told).toMatch(/^none left: .*is refused: deny 10\.0\.0\.0\/8 of zone eu$/m);
    expect(connections()).toBe(1);
    expect(guarded).toEqual([{ rail: "deny 10.0.0.0/8 of zone eu", did: "refused", requests: 1 }]);
  });

  it("reaches no server of the mesh", async () => {
    const { connections, port } = await plain();
    const { guarded, text } = await lines({ controlPlane: [`127.0.0.1:${port}`] }, port);
    for (const way of ["fetch", "named", "options", "words", "nobody"])
      expect(text).toMatch(new RegExp(`^${way}: .*is refused: control-plane, built in$`, "m"));
    expect(connections()).toBe(0);
    expect(guarded).toEqual([
      { rail: "control-plane, built in", did: "refused", requests: expect.any(Number) as number },
    ]);
  });

  it("cannot give a listed name an address of its own, nor reach socket files, nor start a process by hand", async () => {
    const { connections, port } = await plain();
    const { text } = await lines({ guards: [{ zone: "eu", targets: ["shop.test"] }] }, port, tricks);
    expect(text).toMatch(/^renamed: .*is not among the targets of zone eu$/m);
    expect(text).toMatch(/^changing: (?!connected)/m);
    expect(text).toMatch(/^file: .*no list of targets has socket files$/m);
    for (const way of ["by hand", "hooks", "execve"])
      expect(text).toMatch(new RegExp(`^${way}: .*start no processes and no threads$`, "m"));
    expect(connections()).toBe(0);
  });

  it("is nothing where requests are counted, and no process is started in a guarded zone", async () => {
    const { connections, port } = await plain();
    const { text } = await lines({ guards: [{ zone: "eu", maxRate: 1000 }] }, port);
    for (const way of ["fetch", "named", "options", "words", "nobody"])
      expect(text).toMatch(
        new RegExp(`^${way}: .*zone eu counts requests, so only http of loadmesh may send any$`, "m"),
      );
    expect(text).toMatch(/^spawn: .*start no processes and no threads$/m);
    expect(connections()).toBe(0);
  });
});

describe("a worker", () => {
  it("states what its guard rails refused, and tells it once", async () => {
    const target = await startTarget();
    const text = `import { http } from "loadmesh";
      export default async function () {
        await http.get(__ENV.URL);
        await http.get("http://169.254.169.254/" + __ITER);
        await http.get("http://10.11.12.13/");
      }`;
    const plan = planOf({ a: shared(2, 10) }, { http: { targets: ["127.0.0.1"] } });
    const harness = await prepare(text, plan, { env: { URL: target.url } });
    expect((await harness.worker.init(harness.assignment)).ok).toBe(true);
    harness.worker.start(soon(), undefined);
    expect((await orLost(harness, harness.worker.ended)).guarded).toEqual([
      { rail: "metadata, built in", did: "refused", requests: 10 },
      { rail: "targets of the plan", did: "refused", requests: 10 },
    ]);
    expect(target.total()).toBe(10);
    expect(harness.warnings).toEqual([
      expect.stringMatching(
        /script\.ts:4:\d+: GET http:\/\/169\.254\.169\.254\/.* is refused: metadata, built in \(1112\)/,
      ),
      expect.stringMatching(
        /script\.ts:5:\d+: GET http:\/\/10\.11\.12\.13\/: .* not among the targets of the plan \(1112\)/,
      ),
    ]);
  });
});

describe("the test of refusals itself", () => {
  it("sees a connection when there is one", async () => {
    const { connections, port } = await plain();
    await new Promise<void>((resolve) =>
      connect(port, "127.0.0.1").once("connect", resolve).once("close", resolve),
    );
    await expect.poll(connections).toBe(1);
  });
});
