/** What became of requests that were not answered well, most frequent first, in words. A pure function of the document. */
import type { SummaryDocument } from "./document.ts";

/** k6's error codes of requests that got no response. */
const WORDS: Readonly<Record<string, string>> = {
  1000: "failed in another way",
  1050: "timed out",
  1100: "name resolution failed for now",
  1101: "no such host",
  1201: "broken pipe while writing",
  1210: "no route to the target, or no sockets left",
  1211: "timed out while connecting",
  1212: "connection refused",
  1220: "connection reset or closed by the target",
  1110: "the address is one of blacklistIPs",
  1111: "the host is one of blockHostnames",
  1202: "the connection failed",
  1213: "could not connect",
  1300: "TLS failed, or the certificate is out of date",
  1301: "TLS: the target does not speak it",
  1310: "TLS: the certificate is of an unknown authority",
  1311: "TLS: the certificate is for another host",
  1701: "the body could not be decompressed",
};

export interface RequestError {
  readonly what: string;
  readonly code: string;
  readonly count: number;
}

export const requestErrorsOf = ({ request_errors: errors = {} }: SummaryDocument): readonly RequestError[] =>
  Object.entries(errors)
    .map(([code, count]) => ({ code, count, what: WORDS[code] ?? rangeText(Number(code)) }))
    .toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));

/** Codes that carry another: a status, or what HTTP/2 says itself. */
function rangeText(code: number): string {
  if (code >= 1400 && code < 1600) return `answered with status ${code - 1000}`;
  if (code >= 1610 && code < 1630) return "HTTP/2: the target sent GOAWAY";
  if (code >= 1630 && code < 1650) return "HTTP/2: the target reset the stream";
  if (code >= 1600 && code < 1670) return "HTTP/2 failed";
  return "failed in another way";
}
