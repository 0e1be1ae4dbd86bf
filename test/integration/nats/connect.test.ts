/** Connecting: what is refused, and what the person who reads it is told to do next. */
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createUser } from "@nats-io/nkeys";
import { describe, expect, it } from "vitest";
import { type ConnectOptions, ConnectFailure, openConnection } from "../../../src/nats/connect.ts";
import { NATS_SERVER_MINIMUM } from "../../../streams/version.ts";
import { startNats } from "../../support/nats.ts";

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
    const connection = await openConnection({
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
});
