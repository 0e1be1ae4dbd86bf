/**
 * Bodies: what a request's body becomes on the wire, and how a response's bytes are decoded, once, when touched.
 */
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import type { RequestBody } from "./http-types.ts";

export interface EncodedBody {
  readonly bytes: string | Uint8Array | null;
  /** Content type that the body implies, unless the script gave one. */
  readonly contentType: string | undefined;
}

/** A plain object becomes a form, as in k6; anything else is sent as it is. */
export function encodeBody(body: RequestBody): EncodedBody {
  if (body === null || body === undefined) return { bytes: null, contentType: undefined };
  if (typeof body === "string" || body instanceof Uint8Array) return { bytes: body, contentType: undefined };
  if (body instanceof ArrayBuffer) return { bytes: new Uint8Array(body), contentType: undefined };
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(body)) form.append(name, String(value));
  return { bytes: form.toString(), contentType: "application/x-www-form-urlencoded" };
}

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** The bytes of a response after its `content-encoding`s. Unknown encodings are left alone, as in k6. */
export function decodeBody(chunks: readonly Uint8Array[], contentEncoding: string | undefined): Uint8Array {
  const [only] = chunks;
  const joined = chunks.length === 1 && only ? only : Buffer.concat(chunks);
  const encodings = (contentEncoding ?? "").split(",").map((name) => name.trim().toLowerCase());
  return encodings.reduceRight<Uint8Array>((bytes, name) => {
    const decode = decoders[name];
    return decode && bytes.length > 0 ? decode(bytes) : bytes;
  }, joined);
}

/** The part of a parsed document that a dotted path names: `items.0.id`. Undefined when it is not there. */
export function selectJson(document: unknown, selector: string): unknown {
  if (/[#@*?|\\]/.test(selector)) {
    throw new Error(
      `res.json("${selector}"): only dotted paths such as "items.0.id" are supported; use res.json() and JavaScript`,
    );
  }
  let value = document;
  for (const key of selector.split(".")) {
    if (value === null || typeof value !== "object") return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}
