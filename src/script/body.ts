/**
 * Bodies: what a request's body becomes on the wire, and how a response's bytes are decoded, once, when touched.
 */
import * as zlib from "node:zlib";
import type { RequestBody } from "./http-types.ts";
import { FilePart, fileOf, multipartOf, type Part } from "./multipart.ts";

export interface EncodedBody {
  readonly bytes: string | Uint8Array | null;
  /** Content type that the body implies, unless the script gave one. */
  readonly contentType: string | undefined;
}

const FORM = "application/x-www-form-urlencoded";

/** Bodies whose bytes can only be had later: `encodeLater` fetches them. */
type LateBody = Blob | FormData;

/** By their tags: to name these classes would load undici into every worker. */
const tagOf = (body: object): string => (body as { [Symbol.toStringTag]?: string })[Symbol.toStringTag] ?? "";
export const isLate = (body: unknown): body is LateBody =>
  typeof body === "object" && body !== null && ["Blob", "File", "FormData"].includes(tagOf(body));

/** A plain object becomes a form, with a file in it a multipart one, as in k6; anything else is sent as it is. */
export function encodeBody(body: Exclude<RequestBody, LateBody>): EncodedBody {
  if (body === null || body === undefined) return { bytes: null, contentType: undefined };
  if (typeof body === "string" || body instanceof Uint8Array) return { bytes: body, contentType: undefined };
  if (body instanceof ArrayBuffer) return { bytes: new Uint8Array(body), contentType: undefined };
  if (ArrayBuffer.isView(body))
    return { bytes: new Uint8Array(body.buffer, body.byteOffset, body.byteLength), contentType: undefined };
  if (body instanceof FilePart) return { bytes: body.data, contentType: body.content_type };
  if (body instanceof URLSearchParams) return { bytes: body.toString(), contentType: FORM };
  const fields = Object.entries(body).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((each) => ({ name, value: each })),
  );
  if (fields.some(({ value }) => value instanceof FilePart)) return multipartOf(fields.map(partOf));
  const form = new URLSearchParams();
  for (const { name, value } of fields) form.append(name, String(value));
  return { bytes: form.toString(), contentType: FORM };
}

const partOf = ({ name, value }: { readonly name: string; readonly value: unknown }): Part => ({
  name,
  value: value instanceof FilePart ? value : String(value),
});

/** A `Blob` as its bytes and type, `FormData` as multipart. */
export async function encodeLater(body: LateBody): Promise<EncodedBody> {
  if ("arrayBuffer" in body) {
    const contentType = body.type === "" ? undefined : body.type;
    return { bytes: new Uint8Array(await body.arrayBuffer()), contentType };
  }
  const parts = [...body.entries()].map(async ([name, value]): Promise<Part> => {
    if (typeof value === "string") return { name, value };
    return {
      name,
      value: fileOf(new Uint8Array(await value.arrayBuffer()), value.name, value.type || undefined),
    };
  });
  return multipartOf(await Promise.all(parts));
}

const encoders: Readonly<Record<string, (bytes: string | Uint8Array) => Uint8Array>> = {
  gzip: (bytes) => zlib.gzipSync(bytes),
  deflate: (bytes) => zlib.deflateSync(bytes),
  br: (bytes) => zlib.brotliCompressSync(bytes),
  zstd: (bytes) => zlib.zstdCompressSync(bytes),
};

const namesIn = (list: string): string[] => list.split(",").map((name) => name.trim().toLowerCase());

/** The bytes after these compressions, in their order. @throws TypeError naming one that is not known */
export function compressBody(bytes: string | Uint8Array, compression: string): Uint8Array {
  return namesIn(compression).reduce<Uint8Array>((data, name) => {
    const encode = encoders[name];
    if (encode) return encode(data);
    throw new TypeError(`compression "${name}" is not known; known: ${Object.keys(encoders).join(", ")}`);
  }, Buffer.from(bytes));
}

const decoders: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  gzip: zlib.gunzipSync,
  "x-gzip": zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
  zstd: zlib.zstdDecompressSync,
};

/**
 * The bytes of a response after its `content-encoding`s. Unknown encodings are left alone, as in k6.
 * @throws Error when the body is not what the header says
 */
export function decodeBody(chunks: readonly Uint8Array[], contentEncoding: string | undefined): Uint8Array {
  const [only] = chunks;
  const joined = chunks.length === 1 && only ? only : Buffer.concat(chunks);
  return namesIn(contentEncoding ?? "").reduceRight<Uint8Array>((bytes, name) => {
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
