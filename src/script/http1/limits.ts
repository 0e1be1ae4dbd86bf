/** Bounds of the HTTP/1.1 client. */

/** Longest head of a response; and of a chunked body's extensions and trailers together. */
export const HEAD_BYTES_MAX = 256 * 1024;
/** Bytes that one read may bring; all connections of a worker read into the same memory. */
export const READ_BYTES = 64 * 1024;
/** Idle connections are kept this long unless the server says less (Go's and so k6's default). */
export const KEEP_ALIVE_MS = 90_000;
/** How much earlier than the server said an idle connection is given up. */
export const KEEP_ALIVE_EARLY_MS = 1_000;
