/** Connecting: what is refused, and what the person who reads it is told to do next. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createUser } from "@nats-io/nkeys";
import * as Effect from "effect/Effect";
import { describe, expect, it } from "vitest";
import { type ConnectOptions, ConnectFailure, openConnection } from "../../../src/nats/connect.ts";
import { natsServer } from "../../../src/nats/nats-server.ts";
import { outgoing } from "../../../src/roles/outgoing.ts";
import { subjects } from "../../../streams/subjects.ts";
import { NATS_SERVER_MINIMUM } from "../../../streams/version.ts";
import { startNats } from "../../support/nats.ts";
import { run } from "./on-server.ts";

/** Says who it is as a nats-server of this version does, and answers pings; it can do nothing else. */
async function fakeServer(
  version: string,
): Promise<{ url: string; server: Server; closed: Promise<unknown> }> {
  const info = {
    server_id: "FAKE",
    server_name: "fake",
    version,
    proto: 1,
    headers: true,
    max_payload: 1_048_576,
  };
  const server = createServer((socket) => {
    socket.write(`INFO ${JSON.stringify(info)}\r\n`);
    socket.on("data", (data) => {
      if (data.includes("PING")) socket.write("PONG\r\n");
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => server.emit("left"));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `nats://127.0.0.1:${port}`, server, closed: once(server, "left") };
}

async function failureOf(options: Omit<ConnectOptions, "name">): Promise<ConnectFailure> {
  const connection = await openConnection({ name: "test", ...options }).catch((error: unknown) => error);
  expect(connection).toBeInstanceOf(ConnectFailure);
  return connection as ConnectFailure;
}

describe("connection to NATS", () => {
  it("leaves a server that accepts and says nothing, so that nothing keeps a command from ending", async () => {
    const server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.on("close", () => server.emit("left"));
      socket.resume();
    });
    const left = once(server, "left");
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `nats://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect((await failureOf({ url })).message).toBe(`cannot reach a NATS server at ${url}: timeout`);
    await left;
    server.close();
  });

  it("refuses a server that is too old, names both versions, and leaves it", async () => {
    const { url, server, closed } = await fakeServer("2.10.27");
    const { message, hint } = await failureOf({ url });
    expect(message).toBe(
      `the NATS server at ${url} is version 2.10.27; Mesh needs ${NATS_SERVER_MINIMUM} or newer`,
    );
    expect(hint).toContain("upgrade the server");
    await closed;
    server.close();
  });

  it("says that nobody is there", async () => {
    const { url, server } = await fakeServer("2.15.1");
    server.close();
    await once(server, "close");
    const { message, hint } = await failureOf({ url });
    expect(message).toContain(`cannot reach a NATS server at ${url}`);
    expect(hint).toContain("check the address");
  });

  it("never shows what stands before the host", async () => {
    const { url, server } = await fakeServer("2.10.27");
    const secret = url.replace("//", "//ann:s3cret@");
    const old = await failureOf({ url: secret });
    server.close();
    await once(server, "close");
    const away = await failureOf({ url: secret });
    for (const { message } of [old, away]) {
      expect(message).toContain(url);
      expect(message).not.toContain("s3cret");
    }
  });

  it("refuses a server without JetStream, and says how to switch it on", async () => {
    await using nats = await startNats({ jetstream: false });
    const { message, hint } = await failureOf({ url: nats.url });
    expect(message).toBe(
      `the NATS server at ${nats.url} has no JetStream, and reaches no server that has it`,
    );
    expect(hint).toContain("nats-server -js");
  });

  it("takes a server with small messages, says so once, and refuses what does not fit at once", async () => {
    await using nats = await startNats({ config: "max_payload: 1MB" });
    const notes: string[] = [];
    const appended = run(
      Effect.gen(function* () {
        const options = { url: nats.url, name: "test", note: (line: string) => void notes.push(line) };
        const server = yield* natsServer(options);
        yield* server.admin.provision("hub", "");
        const message = outgoing({ id: "m", time: 0, actor: "test" }, { type: "x".repeat(1_200_000) });
        return [
          yield* Effect.flip(server.log.append(subjects.rootCommand("r", "PlanRun"), message)),
          yield* Effect.flip(server.live.tell(subjects.rootPulse(), message)),
        ];
      }).pipe(Effect.mapError(() => new Error("it was stored"))),
    );
    for (const error of await appended) {
      expect(error).toMatchObject({ reason: "too-large" });
      expect(error.message).toMatch(/12000\d\d bytes .* \(1048576\): set max_payload: 8MB/);
    }
    expect(notes).toEqual([expect.stringMatching(/at most 1048576 bytes.*set max_payload: 8MB/)]);
  });

  it("says at once that a publish is not permitted", async () => {
    await using nats = await startNats({
      config: `no_auth_user: u
authorization { users: [ { user: u, password: p, permissions: { publish: { deny: "mesh.>" } } } ] }`,
    });
    const refused = run(
      Effect.gen(function* () {
        const server = yield* natsServer({ url: nats.url, name: "test" });
        yield* server.admin.provision("hub", "");
        const message = outgoing({ id: "m", time: 0, actor: "test" }, { type: "x" });
        return yield* Effect.flip(server.log.append(subjects.rootCommand("r", "PlanRun"), message));
      }).pipe(Effect.mapError(() => new Error("it was stored"))),
    );
    expect(await refused).toMatchObject({ reason: "refused", detail: expect.stringContaining("ermission") });
  });

  it("logs in with the seed in a file, and says when the server does not know it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "mesh-creds-"));
    const [known, stranger] = [createUser(), createUser()];
    const fileOf = (user: typeof known, name: string) => {
      const file = join(folder, name);
      writeFileSync(file, `${new TextDecoder().decode(user.getSeed())}\n`, { mode: 0o600 });
      return file;
    };
    await using nats = await startNats({
      config: `authorization { users: [ { nkey: ${known.getPublicKey()} } ] }`,
    });
    const { connection } = await openConnection({
      url: nats.url,
      name: "test",
      credsFile: fileOf(known, "known"),
    });
    await connection.close();
    for (const credsFile of [fileOf(stranger, "stranger"), undefined]) {
      const { message, hint } = await failureOf({ url: nats.url, credsFile });
      expect(message).toBe(`the NATS server at ${nats.url} refused the login`);
      expect(hint).toContain("--creds");
    }
    const { message } = await failureOf({ url: nats.url, credsFile: join(folder, "none") });
    expect(message).toContain(`cannot read the credentials file ${join(folder, "none")}`);
    rmSync(folder, { recursive: true });
  });

  it("refuses whoever has no business at a zone's own server, and names the zone", async () => {
    await using nats = await startNats({ domain: "zone-fra" });
    const hub = await failureOf({ url: nats.url, end: { at: "hub" } });
    expect([hub.message, hub.isUsage]).toEqual([`the NATS server at ${nats.url} is that of zone fra`, true]);
    for (const at of ["own", "parent"] as const) {
      const { message, hint } = await failureOf({ url: nats.url, end: { at, zone: "iad" } });
      expect(message).toBe(`the NATS server at ${nats.url} is that of zone fra, and this is zone iad`);
      expect(hint).toContain("mesh zone fra");
      for (const end of [
        { at, zone: "fra" },
        { at, zone: "lab", parent: "fra" },
      ] as const) {
        const { connection } = await openConnection({ url: nats.url, name: "test", end });
        await connection.close();
      }
    }
  });
});
