/**
 * `multipart/form-data` bodies, from objects with `http.file(…)` in them and from `FormData`. The boundary follows from
 * the content, so that a run with the same seed sends the same bytes.
 */
import { createHash } from "node:crypto";
import type { FileData } from "./http-types.ts";

type Bytes = string | Uint8Array;

/** What `http.file` makes. */
export class FilePart implements FileData {
  readonly data: Bytes;
  readonly filename: string;
  readonly content_type: string;

  constructor(data: Bytes, filename: string, contentType: string) {
    this.data = data;
    this.filename = filename;
    this.content_type = contentType;
  }
}

/** `http.file`. @throws TypeError for data that is neither text nor bytes */
export function fileOf(data: unknown, filename?: string, contentType?: string): FilePart {
  const bytes = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
  if (typeof bytes !== "string" && !(bytes instanceof Uint8Array))
    throw new TypeError(`http.file(): data must be text or bytes, but is ${typeof data}`);
  const name = filename ?? "file";
  return new FilePart(bytes, name, contentType ?? "application/octet-stream");
}

export interface Part {
  readonly name: string;
  readonly value: string | FilePart;
}

export interface Multipart {
  readonly bytes: Uint8Array;
  readonly contentType: string;
}

/** As browsers write names: what would end the text is escaped. */
const quoted = (text: string): string =>
  `"${text.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22")}"`;

function headOf({ name, value }: Part): string {
  const disposition = `Content-Disposition: form-data; name=${quoted(name)}`;
  if (typeof value === "string") return `${disposition}\r\n\r\n`;
  const type = value.content_type.replace(/[\r\n]/g, " ");
  return `${disposition}; filename=${quoted(value.filename)}\r\nContent-Type: ${type}\r\n\r\n`;
}

export function multipartOf(parts: readonly Part[]): Multipart {
  const pieces = parts.map((part) => {
    const { value } = part;
    return { head: headOf(part), data: Buffer.from(typeof value === "string" ? value : value.data) };
  });
  const hash = createHash("sha256");
  for (const { head, data } of pieces) hash.update(head).update(data);
  const boundary = `----mesh${hash.digest("hex").slice(0, 40)}`;
  const bytes = Buffer.concat([
    ...pieces.flatMap(({ head, data }) => [
      Buffer.from(`--${boundary}\r\n${head}`),
      data,
      Buffer.from("\r\n"),
    ]),
    Buffer.from(`--${boundary}--\r\n`),
  ]);
  return { bytes, contentType: `multipart/form-data; boundary=${boundary}` };
}
