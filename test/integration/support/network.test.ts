/** The hosts and the links of the tests, against the real kernel: who reaches whom, cuts, and what each fault does. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { createConnection, createServer, type AddressInfo, type Socket } from "node:net";
import { connect } from "@nats-io/transport-node";
import { describe, expect, it } from "vitest";
import { collectOutput } from "../../support/child-output.ts";
import { type LinkFaults, startLink } from "../../support/link.ts";
import { startNats } from "../../support/nats.ts";
import { type Site, startNetwork, removeStaleNamespaces } from "../../support/network.ts";
import { startCountingTarget } from "../../support/counting-target.ts";

/** What a NATS server says first to a connection from a site: `INFO`, the error's code, or `nothing` after 1.5 s. */
async function hearFirst(site: Site, to: string): Promise<string> {
  const [host = "", port = ""] = to.split(":");
  const code = `const socket = require("node:net").connect({ host: ${JSON.stringify(host)}, port: ${port} });
    const say = (text) => { console.log(text); process.exit(); };
    socket.once("data", (bytes) => say(String(bytes).split(" ")[0])).once("error", (error) => say(error.code));
    setTimeout(say, 1500, "nothing");`;
  const [program, args] = site.command(process.execPath, ["-e", code]);
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await collectOutput(child.stdout, "connect").line(/\S+/);
  return line;
}

/** Answers each piece with the same. */
async function startEcho() {
  const server = createServer((socket) => socket.on("error", () => {}).pipe(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    at: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

async function open(at: string) {
  const [host = "", port = ""] = at.split(":");
  const socket = createConnection({ host, port: Number(port) });
  await once(socket, "connect");
  return { socket, [Symbol.dispose]: () => void socket.destroy() };
}

/** Resolves however a connection ends. */
const closeOf = (socket: Socket) =>
  new Promise<void>((resolve) => socket.on("error", () => {}).once("close", () => resolve()));

const hear = async (socket: NodeJS.EventEmitter, boundMs: number): Promise<string> => {
  const [bytes] = await once(socket, "data", { signal: AbortSignal.timeout(boundMs) });
  return String(bytes);
};

describe("test network", () => {
  it("has hosts that reach only their hub, and is gone afterwards", async () => {
    const network = await startNetwork(["a", "b"]);
    const isReal = network.kind === "namespaces";
    try {
      const { a, b } = network.zones;
      if (a === undefined || b === undefined) throw new Error("no zones");
      await using hub = await startNats({ site: network.hub, name: "hub" });
      await using inside = await startNats({ site: a, name: "a" });
      const port = Number(new URL(hub.url).port);
      expect(await hearFirst(a, await a.hubAt(port))).toBe("INFO");
      expect(await hearFirst(a, (await a.linkTo(port)).at)).toBe("INFO");
      expect(await hearFirst(a, new URL(inside.url).host)).toBe("INFO");
      const door = await connect({ servers: inside.tapUrl });
      expect(door.info?.server_name).toBe("a");
      await door.close();
      await using target = await startCountingTarget(a);
      expect(await hearFirst(a, new URL(target.url).host)).toBe("nothing");
      expect((await target.stats()).connections).toBe(1);
      if (!isReal) return;
      // The hub knows no way into a zone, even with a route that somebody added; nor does one zone into another.
      expect(await hearFirst(network.hub, new URL(inside.url).host)).toBe("ENETUNREACH");
      const [ip, args] = network.hub.command("ip", ["route", "add", `${a.address}/32`, "dev", "to-1"]);
      execFileSync(ip, args);
      expect(await hearFirst(network.hub, new URL(inside.url).host)).not.toBe("INFO");
      expect(await hearFirst(b, new URL(inside.url).host)).toBe("ENETUNREACH");
    } finally {
      await network[Symbol.asyncDispose]();
    }
    if (!isReal) return;
    expect(execFileSync("ip", ["netns", "list"], { encoding: "utf8" })).not.toContain(
      `mesh-t${process.pid}-`,
    );
  });

  it("can be cut between hub and one zone, and heals", async () => {
    await using network = await startNetwork(["a", "b"]);
    const { a, b } = network.zones;
    if (a === undefined || b === undefined) throw new Error("no zones");
    await using hub = await startNats({ site: network.hub });
    const port = Number(new URL(hub.url).port);
    const [atA, atB] = [await a.hubAt(port), await b.hubAt(port)];
    await a.cut();
    expect(await hearFirst(a, atA)).not.toBe("INFO");
    expect(await hearFirst(b, atB)).toBe("INFO");
    await a.heal();
    expect(await hearFirst(a, atA)).toBe("INFO");
  });

  it("removes what a killed test left", async () => {
    await using network = await startNetwork([]);
    if (network.kind === "loopback") return;
    const child = spawn("true");
    const pid = child.pid ?? 0;
    await once(child, "exit");
    const name = `mesh-t${pid}-0-hub`;
    execFileSync("ip", ["netns", "add", name]);
    removeStaleNamespaces();
    const left = execFileSync("ip", ["netns", "list"], { encoding: "utf8" });
    expect(left).not.toContain(name);
    expect(left).toContain(`mesh-t${process.pid}-`);
  });
});

describe("link", () => {
  it("passes late, and no faster than it is wide", async () => {
    await using echo = await startEcho();
    await using link = await startLink(echo.at);
    using one = await open(link.at);
    await link.set({ delayMs: 100 });
    const began = performance.now();
    one.socket.write("late");
    expect(await hear(one.socket, 5_000)).toBe("late");
    expect(performance.now() - began).toBeGreaterThan(195);
    await link.set({ bytesPerSecond: 50_000 });
    const wide = performance.now();
    one.socket.write(Buffer.alloc(10_000));
    for (let got = 0; got < 10_000;) got += (await once(one.socket, "data"))[0].length;
    expect(performance.now() - wide).toBeGreaterThan(190);
  });

  it.each<LinkFaults>([{ way: "out" }, { way: "back" }, {}])(
    "holds what passes %o, and passes it when it heals",
    async (only) => {
      await using echo = await startEcho();
      await using link = await startLink(echo.at);
      using one = await open(link.at);
      await link.set({ hold: true, ...only });
      one.socket.write("held");
      await expect(hear(one.socket, 300)).rejects.toThrow(/abort/);
      await link.set({});
      expect(await hear(one.socket, 5_000)).toBe("held");
    },
  );

  it("refuses new connections, and resets those that are there", async () => {
    await using echo = await startEcho();
    await using link = await startLink(echo.at);
    using one = await open(link.at);
    await link.set({ refuse: true });
    one.socket.write("still");
    expect(await hear(one.socket, 5_000)).toBe("still");
    const [host = "", port = ""] = link.at.split(":");
    await closeOf(createConnection({ host, port: Number(port) }));
    const closed = closeOf(one.socket);
    await link.reset();
    await closed;
  });
});
