/** Lines of a real nats-server 2.15.1, and what they tell. */
import { describe, expect, it } from "vitest";
import { linkLine, namedLink, refusedLine } from "../../../src/domain/access/refused-line.ts";

const KEY = "UAKUWJV5I6FE757R4CDOUCTGZ4B6LOL4LZYY7UK2QC5NVJR7TLODXYNC";
const at = (level: string, rest: string) =>
  `[7924] 2026/11/29 19:28:27.922172 [${level}] 127.0.0.1:34682 - ${rest}`;

describe("a line of the server's log", () => {
  it("tells which client was refused which publish", () => {
    const line = at(
      "ERR",
      `cid:7 - "v3.4.0:nats.js:x" - "ABQHPFPK/ZONE/nkey:${KEY}" - Publish Violation - Subject "mesh.z.a.event.X"`,
    );
    expect(refusedLine(line)).toEqual({
      connection: 7,
      address: "127.0.0.1",
      calls: "x",
      userKey: KEY,
      operation: "publish",
      subject: "mesh.z.a.event.X",
      detail: "",
    });
  });

  it("tells which client was refused which subscription", () => {
    const line = at(
      "ERR",
      `cid:7 - "x" - "A/ZONE/nkey:${KEY}" - Subscription Violation - Subject "mesh.z.>", SID 1`,
    );
    expect(refusedLine(line)).toMatchObject({ operation: "subscribe", subject: "mesh.z.>", userKey: KEY });
  });

  it("tells which link was refused what", () => {
    const line = at("ERR", 'lid:21 - Publish Violation on "mesh.r.cmd.r.X" - Check other side configuration');
    expect(refusedLine(line)).toMatchObject({
      connection: 21,
      operation: "publish",
      subject: "mesh.r.cmd.r.X",
    });
    const other = at(
      "ERR",
      'lid:19 - Subscription Violation on "_INBOX.root.x" - Check other side configuration',
    );
    expect(refusedLine(other)).toMatchObject({ operation: "subscribe", userKey: undefined });
  });

  it("tells who was not let in, as client and as link", () => {
    expect(refusedLine(at("ERR", `cid:17 - authentication error - Nkey "${KEY}"`))).toMatchObject({
      operation: "connect",
      userKey: KEY,
      detail: "authentication error",
    });
    expect(refusedLine(at("ERR", "lid:14 - authentication error"))).toMatchObject({
      operation: "leaf",
      userKey: undefined,
    });
    const cut = at("INF", "lid:6 - Leafnode connection closed: Credentials Revoked - Remote: zone-a");
    expect(refusedLine(cut)).toMatchObject({ operation: "leaf", detail: "Credentials Revoked" });
    const tls = at("ERR", "cid:8 - TLS handshake error: tls: client didn't provide a certificate");
    expect(refusedLine(tls)).toMatchObject({ operation: "connect" });
    const link = at("ERR", "lid:8 - TLS leafnode handshake error: tls: client didn't provide a certificate");
    expect(refusedLine(link)).toMatchObject({
      operation: "leaf",
      detail: expect.stringContaining("a certificate"),
    });
  });

  it("tells nothing where nobody was refused", () => {
    for (const rest of [
      "lid:5 - Leafnode connection created ",
      'lid:5 - JetStream using domains: local "hub", remote "zone-a"',
      "lid:5 - Leafnode connection closed: Client Closed - Remote: raw",
      "lid:5 - TLS leafnode handshake error: EOF",
    ]) {
      expect(refusedLine(at("INF", rest))).toBeUndefined();
    }
    expect(refusedLine("[1] 2026/11/29 19:28:27.922172 [INF] Server is ready")).toBeUndefined();
    expect(refusedLine('Publish Violation - Subject "x"')).toBeUndefined();
  });

  it("takes a subject that an attacker made up as text, in bounds", () => {
    const long = refusedLine(at("ERR", `lid:1 - Publish Violation on "${"x".repeat(5000)}" - Check`));
    expect(long?.subject).toHaveLength(200);
    const quoted = refusedLine(at("ERR", 'lid:1 - Publish Violation on "a\\"b\\x00 - c" - Check'));
    expect(quoted?.subject).toBe('a"b\\x00 - c');
  });

  it("takes no client's name for what happened, or for its key", () => {
    const name = `\\" - Publish Violation - Subject \\"x\\" /nkey:U${"A".repeat(55)}`;
    const line = at(
      "ERR",
      `cid:7 - "v3:js:${name}" - "A/Z/nkey:${KEY}" - Publish Violation - Subject "mesh.z.b"`,
    );
    expect(refusedLine(line)).toMatchObject({ userKey: KEY, subject: "mesh.z.b" });
    expect(
      refusedLine(at("INF", `cid:7 - "v3:js:${name}" - "A/Z/nkey:${KEY}" - Client connection closed`)),
    ).toBeUndefined();
  });

  it("tells which link's name may go on over the next lines", () => {
    expect(namedLink(at("INF", 'lid:7 - Leafnode connection closed: Protocol Violation - Remote: x"'))).toBe(
      7,
    );
    const broken = "lid:8 - Leafnode connection closed: Client Closed - Remote: a\rb\u2028c\r";
    expect(namedLink(at("INF", broken))).toBe(8);
    expect(
      namedLink(at("INF", "lid:7 - Leafnode connection closed: Authentication Failure")),
    ).toBeUndefined();
  });

  it("tells of links that come and go, and which are the server's own", () => {
    expect(linkLine(at("INF", "lid:5 - Leafnode connection created "))).toEqual({
      connection: 5,
      is: "open",
    });
    const own = "lid:6 - Leafnode connection created for account: ABQH/ZONE ";
    expect(linkLine(at("INF", own))).toEqual({ connection: 6, is: "dialled" });
    const closed = "lid:5 - Leafnode connection closed: Protocol Violation - Remote: raw";
    expect(linkLine(at("INF", closed))).toEqual({ connection: 5, is: "closed" });
    expect(linkLine(at("INF", "cid:5 - anything"))).toBeUndefined();
  });
});
