import { brotliCompressSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodeBody, encodeBody, selectJson } from "../../../src/script/body.ts";
import { canonicalName, headersOf } from "../../../src/script/headers.ts";

describe("a request body", () => {
  it("is a form when it is a plain object, and itself otherwise", () => {
    expect(encodeBody({ a: "x y", b: 1 })).toEqual({
      bytes: "a=x+y&b=1",
      contentType: "application/x-www-form-urlencoded",
    });
    expect(encodeBody("{}")).toEqual({ bytes: "{}", contentType: undefined });
    expect(encodeBody(null).bytes).toBeNull();
    expect(encodeBody(new Uint8Array([1]).buffer).bytes).toEqual(new Uint8Array([1]));
  });
});

describe("a response body", () => {
  it("is decoded through all its encodings, in reverse", () => {
    const bytes = brotliCompressSync(gzipSync("hello"));
    const decoded = decodeBody([bytes.subarray(0, 5), bytes.subarray(5)], "gzip, br");
    expect(Buffer.from(decoded).toString()).toBe("hello");
  });

  it("is found by a dotted path; anything cleverer is refused", () => {
    const document = { items: [{ id: 7 }] };
    expect(selectJson(document, "items.0.id")).toBe(7);
    expect(selectJson(document, "items.1.id")).toBeUndefined();
    expect(() => selectJson(document, "items.#.id")).toThrow(/only dotted paths/);
  });
});

describe("response headers", () => {
  it("have canonical names, joined values, and answer to lower case too", () => {
    const raw = ["content-type", "text/plain", "X-A", "1", "x-a", "2"].map((text) => Buffer.from(text));
    const headers = headersOf(raw);
    expect(Object.entries(headers)).toEqual([
      ["Content-Type", "text/plain"],
      ["X-A", "1, 2"],
    ]);
    expect(headers["content-type"]).toBe("text/plain");
    expect(canonicalName("etag")).toBe("Etag");
  });
});
