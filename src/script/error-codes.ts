/**
 * k6's numeric error codes (1000 to 1701) for requests that got no usable response, and 1000 + status for 4xx and
 * 5xx. A failed request is a measurement: these codes are its `error_code`, they never throw.
 */

/** What went wrong with a request, as k6 would say it. */
export interface RequestFailure {
  readonly code: number;
  readonly message: string;
  /** The guard rail that refused it, if one did. */
  readonly rail?: string | undefined;
}

/** Our own timeout of a request. */
export class RequestTimeout extends Error {}

/** The options of the run forbid this connection: an address (1110) or a host name (1111); or a guard rail does (1112). */
export class ForbiddenTarget extends Error {
  readonly code: "MESH_BLOCKED_ADDRESS" | "MESH_BLOCKED_HOST" | "MESH_GUARDED";
  /** Which guard rail, if one does. */
  readonly rail: string | undefined;
  constructor(code: ForbiddenTarget["code"], message: string, rail?: string) {
    super(message);
    this.code = code;
    this.rail = rail;
  }
}

/** How HTTP/2 itself failed: the whole session told to go away, one stream reset, or the connection broken. */
export class Http2Failure extends Error {
  readonly of: "goaway" | "stream" | "connection";
  /** RFC 9113, section 7. */
  readonly http2Code: number;
  constructor(of: Http2Failure["of"], http2Code: number, message: string) {
    super(message);
    this.of = of;
    this.http2Code = http2Code;
  }
}

/** A target that a guard rail refuses; k6 has no such code. */
const GUARDED = 1112;

const guarded = (error: Error): RequestFailure => ({
  code: GUARDED,
  message: error.message,
  rail: error instanceof ForbiddenTarget ? error.rail : undefined,
});

const UNKNOWN_AUTHORITY = { code: 1310, message: "x509: certificate signed by unknown authority" };

const byErrno: Readonly<Record<string, RequestFailure>> = {
  ENOTFOUND: { code: 1101, message: "lookup: no such host" },
  EAI_AGAIN: { code: 1100, message: "lookup: temporary failure in name resolution" },
  EAI_NODATA: { code: 1101, message: "lookup: no such host" },
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
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID: { code: 1311, message: "x509: certificate is not valid for this host name" },
  CERT_HAS_EXPIRED: { code: 1300, message: "x509: certificate has expired" },
  CERT_NOT_YET_VALID: { code: 1300, message: "x509: certificate is not yet valid" },
  CERT_REVOKED: { code: 1300, message: "x509: certificate was revoked" },
  // What answers a TLS hello with something else, such as plain HTTP.
  ERR_SSL_WRONG_VERSION_NUMBER: { code: 1301, message: "tls: the answer is no TLS" },
  ERR_SSL_PACKET_LENGTH_TOO_LONG: { code: 1301, message: "tls: the answer is no TLS" },
  ERR_SSL_HTTP_REQUEST: { code: 1301, message: "tls: the answer is no TLS" },
};

/** Beyond this, RFC 9113 knows no code. */
const HTTP2_CODE_MAX = 13;
const http2Base: Readonly<Record<Http2Failure["of"], number>> = {
  goaway: 1610,
  stream: 1630,
  connection: 1650,
};
const http2Words: Readonly<Record<Http2Failure["of"], string>> = {
  goaway: "http2: the other side sent GOAWAY",
  stream: "http2: the stream was reset",
  connection: "http2: the connection failed",
};

function codeOf(error: Error): string {
  const own = (error as { code?: unknown }).code;
  if (typeof own === "string") return own;
  // Happy eyeballs: every address failed; the first failure speaks for all.
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  return first ? codeOf(first) : "";
}

function http2Failure({ of, http2Code, message }: Http2Failure): RequestFailure {
  const isKnown = http2Code >= 0 && http2Code <= HTTP2_CODE_MAX;
  return {
    code: http2Base[of] + (isKnown ? 1 + http2Code : 0),
    message: `${http2Words[of]} (${message})`,
  };
}

/** Codes that come in families: an unknown errno while connecting (1213) or later (1202), and the rest by prefix. */
function familyOf(code: string, error: Error): RequestFailure {
  const { syscall } = error as { syscall?: string };
  if (code === "MESH_BLOCKED_ADDRESS") return { code: 1110, message: error.message };
  if (code === "MESH_BLOCKED_HOST") return { code: 1111, message: error.message };
  if (code === "MESH_GUARDED") return guarded(error);
  if (code.startsWith("EAI_") || syscall === "getaddrinfo") return { code: 1100, message: `lookup: ${code}` };
  if (
    code.startsWith("ERR_SSL") ||
    code.startsWith("ERR_TLS") ||
    /^(CERT|CRL|INVALID_CA|HOSTNAME)_/.test(code)
  )
    return { code: 1300, message: `tls: ${error.message}` };
  if (code.startsWith("ERR_HTTP2")) return { code: 1600, message: `http2: ${error.message}` };
  if (/^E[A-Z]+$/.test(code) && syscall !== undefined)
    return syscall === "connect"
      ? { code: 1213, message: `dial: ${code}` }
      : { code: 1202, message: `${syscall}: ${code}` };
  return { code: 1000, message: error.message || code || "the request failed" };
}

/** @param timeoutMs what the request was allowed, for the message */
export function failureOf(error: Error, timeoutMs: number): RequestFailure {
  if (error instanceof RequestTimeout)
    return { code: 1050, message: `request timeout after ${timeoutMs} ms` };
  if (error instanceof Http2Failure) return http2Failure(error);
  const code = codeOf(error);
  return byErrno[code] ?? familyOf(code, error);
}

/** A body that says it is compressed and is not. */
export const notDecompressed = (error: Error): RequestFailure => ({
  code: 1701,
  message: `the body could not be decompressed: ${error.message}`,
});

/** The code of an answered request: 0 below 400. */
export const codeOfStatus = (status: number): number => (status >= 400 && status < 600 ? 1000 + status : 0);
