/**
 * k6's numeric error codes for requests that got no response, and 1000 + status for 4xx and 5xx. A failed request
 * is a measurement: these codes are its `error_code`, they never throw.
 */

/** What went wrong with a request, as k6 would say it. */
export interface RequestFailure {
  readonly code: number;
  readonly message: string;
}

/** Our own timeout of a request. */
export class RequestTimeout extends Error {}

const byErrno: Readonly<Record<string, RequestFailure>> = {
  ENOTFOUND: { code: 1101, message: "lookup: no such host" },
  EAI_AGAIN: { code: 1100, message: "lookup: temporary failure in name resolution" },
  ECONNREFUSED: { code: 1212, message: "dial: connection refused" },
  ETIMEDOUT: { code: 1211, message: "dial: i/o timeout" },
  UND_ERR_CONNECT_TIMEOUT: { code: 1211, message: "dial: i/o timeout" },
  EHOSTUNREACH: { code: 1210, message: "dial: no route to host" },
  ENETUNREACH: { code: 1210, message: "dial: network is unreachable" },
  EADDRNOTAVAIL: { code: 1210, message: "dial: cannot assign requested address (out of local ports?)" },
  EMFILE: { code: 1210, message: "dial: too many open files on the generator" },
  ECONNRESET: { code: 1220, message: "read: connection reset by peer" },
  EPIPE: { code: 1201, message: "write: broken pipe" },
  UND_ERR_SOCKET: { code: 1220, message: "connection closed by the other side" },
  HPE_INVALID_CONSTANT: { code: 1000, message: "the response is not HTTP/1.1" },
  UND_ERR_INVALID_ARG: { code: 1000, message: "the request is not valid" },
  DEPTH_ZERO_SELF_SIGNED_CERT: { code: 1311, message: "x509: certificate signed by unknown authority" },
  SELF_SIGNED_CERT_IN_CHAIN: { code: 1311, message: "x509: certificate signed by unknown authority" },
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: { code: 1311, message: "x509: certificate signed by unknown authority" },
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: { code: 1311, message: "x509: certificate signed by unknown authority" },
  CERT_HAS_EXPIRED: { code: 1310, message: "x509: certificate has expired" },
  ERR_TLS_CERT_ALTNAME_INVALID: { code: 1312, message: "x509: certificate is not valid for this host name" },
};

function codeOf(error: Error): string {
  const own = (error as { code?: unknown }).code;
  if (typeof own === "string") return own;
  // Happy eyeballs: every address failed; the first failure speaks for all.
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return first ? codeOf(first) : "";
}

/** @param timeoutMs what the request was allowed, for the message */
export function failureOf(error: Error, timeoutMs: number): RequestFailure {
  if (error instanceof RequestTimeout)
    return { code: 1050, message: `request timeout after ${timeoutMs} ms` };
  const code = codeOf(error);
  const known = byErrno[code];
  if (known) return known;
  if (code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS")) {
    return { code: 1300, message: `tls: ${error.message}` };
  }
  return { code: 1000, message: error.message || code };
}

/** The code of an answered request: 0 below 400. */
export const codeOfStatus = (status: number): number => (status >= 400 && status < 600 ? 1000 + status : 0);
