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
  1300: "TLS failed",
  1310: "TLS: the certificate is out of date",
  1311: "TLS: the certificate is of an unknown authority",
  1312: "TLS: the certificate is for another host",
};

export interface RequestError {
  readonly what: string;
  readonly code: string;
  readonly count: number;
}

export const requestErrorsOf = ({ request_errors: errors = {} }: SummaryDocument): readonly RequestError[] =>
  Object.entries(errors)
    .map(([code, count]) => ({ code, count, what: WORDS[code] ?? statusText(Number(code) - 1000) }))
    .toSorted((a, b) => b.count - a.count || (a.code < b.code ? -1 : 1));

const statusText = (status: number): string =>
  status >= 400 && status < 600 ? `answered with status ${status}` : "failed in another way";
