/** k6's table of error codes, from what Node, undici and HTTP/2 say went wrong. */
import { describe, expect, it } from "vitest";
import {
  codeOfStatus,
  failureOf,
  ForbiddenTarget,
  Http2Failure,
  notDecompressed,
  RequestTimeout,
} from "../../../src/script/error-codes.ts";

const of = (code: string, syscall?: string) =>
  Object.assign(new Error("said so"), { code }, syscall === undefined ? {} : { syscall });

describe("an error code", () => {
  it.each([
    [new Error("anything"), 1000],
    [of("HPE_INVALID_CONSTANT"), 1000],
    [new RequestTimeout(), 1050],
    [of("EAI_AGAIN", "getaddrinfo"), 1100],
    [of("EAI_FAIL", "getaddrinfo"), 1100],
    [of("ENOTFOUND", "getaddrinfo"), 1101],
    [new ForbiddenTarget("MESH_BLOCKED_ADDRESS", "no"), 1110],
    [new ForbiddenTarget("MESH_BLOCKED_HOST", "no"), 1111],
    [new ForbiddenTarget("MESH_GUARDED", "no", "metadata, built in"), 1112],
    [of("EPIPE", "write"), 1201],
    [of("ENOBUFS", "write"), 1202],
    [of("EHOSTUNREACH", "connect"), 1210],
    [of("EADDRNOTAVAIL", "connect"), 1210],
    [of("ETIMEDOUT", "connect"), 1211],
    [of("ECONNREFUSED", "connect"), 1212],
    [new AggregateError([of("ECONNREFUSED", "connect")]), 1212],
    [of("EACCES", "connect"), 1213],
    [of("ECONNRESET", "read"), 1220],
    [of("UND_ERR_SOCKET"), 1220],
    [of("CERT_HAS_EXPIRED"), 1300],
    [of("CERT_NOT_YET_VALID"), 1300],
    [of("CERT_CHAIN_TOO_LONG"), 1300],
    [of("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION"), 1300],
    [of("ERR_SSL_WRONG_VERSION_NUMBER"), 1301],
    [of("SELF_SIGNED_CERT_IN_CHAIN"), 1310],
    [of("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), 1310],
    [of("ERR_TLS_CERT_ALTNAME_INVALID"), 1311],
    [of("ERR_HTTP2_INVALID_SESSION"), 1600],
    [new Http2Failure("goaway", 99, "?"), 1610],
    [new Http2Failure("goaway", 0, "NO_ERROR"), 1611],
    [new Http2Failure("goaway", 11, "ENHANCE_YOUR_CALM"), 1622],
    [new Http2Failure("stream", -1, "?"), 1630],
    [new Http2Failure("stream", 7, "REFUSED_STREAM"), 1638],
    [new Http2Failure("connection", 14, "?"), 1650],
    [new Http2Failure("connection", 1, "PROTOCOL_ERROR"), 1652],
    [new Http2Failure("connection", 13, "HTTP_1_1_REQUIRED"), 1664],
  ])("of %s is k6's %i", (error, code) => {
    const failure = failureOf(error, 100);
    expect(failure.code).toBe(code);
    expect(failure.message).not.toBe("");
  });

  it("of a body that is not compressed as it says is 1701", () => {
    expect(notDecompressed(new Error("incorrect header check"))).toEqual({
      code: 1701,
      message: "the body could not be decompressed: incorrect header check",
    });
  });

  it("of an answered request is 1000 + status from 400 on", () => {
    expect([200, 302, 404, 503, 599].map(codeOfStatus)).toEqual([0, 0, 1404, 1503, 1599]);
  });
});
