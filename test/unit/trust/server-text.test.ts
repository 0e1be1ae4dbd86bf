/** The configuration of servers, as text. */
import { describe, expect, it } from "vitest";
import { dialled, nth, readAddress, readHost } from "../../../src/trust/addresses.ts";
import { placesOf } from "../../../src/trust/server-files.ts";
import { serverText } from "../../../src/trust/server-text.ts";

const plan = {
  name: "hub",
  domain: "hub",
  listen: "127.0.0.1:4222",
  operator: "OPERATOR",
  systemAccount: "SYS",
};

describe("nats.conf", () => {
  it("says nothing of TLS, leaf nodes and routes where there are none", () => {
    expect(serverText(plan)).not.toMatch(/tls|leafnodes|cluster/);
  });

  it("asks for certificates on every kind of connection where they are mutual", () => {
    const cluster = { name: "mesh", listen: "127.0.0.1:6222", routes: [], user: "route", password: "p" };
    const text = serverText({ ...plan, leaf: "127.0.0.1:7422", cluster, tls: { mutual: true } });
    expect(text.match(/verify: true/g)).toHaveLength(3);
  });

  it("dials its parent with its own certificate only where the parent asks for one", () => {
    const remote = (mutual: boolean) =>
      serverText({ ...plan, remote: { urls: ["tls://hub:7422"], account: "A", tls: { mutual } } });
    expect(remote(true)).toContain("tls/leaf.pem");
    expect(remote(false)).not.toContain("tls/leaf.pem");
    expect(remote(false)).toContain("tls/parent-ca.pem");
  });
});

describe("addresses", () => {
  it("are HOST:PORT, also of IPv6", () => {
    expect(readAddress("[::1]:4222", "--listen")).toEqual({ host: "[::1]", port: 4222 });
    for (const bad of [
      "4222",
      "hub",
      "hub:0",
      "hub:70000",
      "nats://hub:1",
      "a b:1",
      "a\u0008b:1",
      'a"b:1',
      "[::g]:1",
      "",
    ])
      expect(() => readAddress(bad, "--listen"), bad).toThrow(/--listen .* is no address/);
  });

  it("of a cluster are neighbours, and never past the last port", () => {
    expect(placesOf("127.0.0.1:4222", "127.0.0.1:7422", 2)).toEqual([
      { folder: "hub-1", listen: "127.0.0.1:4222", leaf: "127.0.0.1:7422", route: "127.0.0.1:6222" },
      { folder: "hub-2", listen: "127.0.0.1:4223", leaf: "127.0.0.1:7423", route: "127.0.0.1:6223" },
    ]);
    const [, second] = placesOf("0.0.0.0:4222", undefined, 2, "10.0.0.1:7000");
    expect(second).toEqual({ folder: "hub-2", listen: "0.0.0.0:4223", route: "10.0.0.1:7001" });
    expect(placesOf("127.0.0.1:4222", undefined, 1)).toEqual([{ folder: ".", listen: "127.0.0.1:4222" }]);
    expect(() => nth({ host: "h", port: 65_535 }, 1, "--listen")).toThrow(/is no address/);
  });

  it("that mean every address are dialled on this machine", () => {
    expect(dialled({ host: "0.0.0.0", port: 1 }, {})).toBe("tls://127.0.0.1:1");
    expect(dialled({ host: "[::]", port: 1 }, undefined)).toBe("nats://127.0.0.1:1");
  });

  it("are dialled by the name that files of another authority are for", () => {
    const address = { host: "0.0.0.0", port: 1 };
    expect(dialled(address, { host: readHost("hub.example", "--host") })).toBe("tls://hub.example:1");
    expect(dialled(address, { host: readHost("2001:db8::1", "--host") })).toBe("tls://[2001:db8::1]:1");
    expect(() => readHost("hub.example:4222", "--host")).toThrow(/--host .* is no name of a host/);
  });
});
