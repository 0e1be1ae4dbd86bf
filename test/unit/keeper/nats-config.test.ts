/** The configuration text of the embedded nats-server, and the port it is asked to take. */
import { describe, expect, it } from "vitest";
import { natsConfigText, parsePort, urlInPortsFile } from "../../../src/keeper/servers/nats-config.ts";

describe("nats configuration", () => {
  it("listens on loopback only, with the public key only", () => {
    const text = natsConfigText({
      port: 0,
      storeFolder: '/a "b"/js',
      portsFolder: "/a/ports",
      logFile: "/a/server.log",
      userPublicKey: "UABC",
      fileStoreBytesMax: 1000,
    });
    expect(text).toMatchInlineSnapshot(`
      "server_name: "mesh-embedded"
      host: "127.0.0.1"
      port: -1
      ports_file_dir: "/a/ports"
      log_file: "/a/server.log"
      logfile_size_limit: 10MB
      logfile_max_num: 3
      max_payload: 8MB
      ping_interval: "5s"
      ping_max: 2
      jetstream {
        store_dir: "/a \\"b\\"/js"
        max_memory_store: 536870912
        max_file_store: 1000
      }
      authorization {
        users: [ { nkey: "UABC" } ]
      }
      "
    `);
  });

  it.each([
    [undefined, 0],
    ["", 0],
    ["4222", 4222],
    ["65535", 65_535],
    ["0", undefined],
    ["65536", undefined],
    ["-1", undefined],
    ["nats", undefined],
  ])("takes MESH_NATS_PORT %j as %j", (text, port) => {
    expect(parsePort(text)).toBe(port);
  });

  it("finds the URL in a ports file, and nothing in one that is being written", () => {
    expect(urlInPortsFile('{"nats":["nats://127.0.0.1:4222"]}')).toBe("nats://127.0.0.1:4222");
    expect(urlInPortsFile('{"nats":["nats://127')).toBeUndefined();
    expect(urlInPortsFile("{}")).toBeUndefined();
  });
});
