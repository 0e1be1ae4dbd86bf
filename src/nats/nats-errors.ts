/**
 * The one place where words and numbers of NATS become ours. Server codes are API; texts are matched nowhere else.
 */
import { ServerError } from "../ports/server.ts";

/** Server error codes that mean something to us (nats-server `errors.json`). */
export const apiCode = {
  wrongLastSequence: 10071,
  /** The same on a replicated stream. */
  wrongLastSequenceReplicated: 10164,
  wrongLastId: 10070,
  /** A second message on a subject that keeps only its first. */
  subjectFull: 10077,
  duplicateInProcess: 10158,
  /** A cluster has too few servers for the copies that are asked for. */
  noPeers: 10005,
  streamNotFound: 10059,
  consumerNotFound: 10014,
  /** Streams reserve their limits at once: the disk, or what the server may use of it, is too small. */
  storageExceeded: 10047,
  /** A store that is being removed is still there; a moment later it is not. */
  storeBusy: 10049,
  /** Longer than the stream takes. */
  messageTooLong: 10054,
  /** A consumer of that name with other settings. */
  consumerExists: 10148,
} as const;

const conflicts: ReadonlySet<number> = new Set([
  apiCode.wrongLastSequence,
  apiCode.wrongLastSequenceReplicated,
  apiCode.wrongLastId,
]);

/** The last message is another one than was expected. */
export function isConflict(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && conflicts.has(code);
}

/** An answer of the server that says no. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly code: number;
  constructor(code: number, description: string) {
    super(description);
    this.code = code;
  }
}

export const PAYLOAD_HINT = "set max_payload: 8MB in nats-server.conf";

/** A message is longer than the server takes; the same message will not fit later either. */
export class PayloadTooLarge extends Error {
  override readonly name = "PayloadTooLarge";
  constructor(bytes: number, most: number) {
    super(`a message of ${bytes} bytes is longer than the server takes (${most}): ${PAYLOAD_HINT}`);
  }
}

const STORAGE_HINT =
  "streams reserve their limits on the server's disk; make room there, or set jetstream { max_file_store } in nats.conf";

/** The client's own check, before it sends. */
export const isPayloadError = (error: unknown): boolean =>
  error instanceof Error && /max_payload/.test(error.message);

const isTooLarge = (error: unknown): boolean =>
  error instanceof PayloadTooLarge || codeOf(error) === apiCode.messageTooLong;

/** Nobody listens on the subject that was asked. */
export const isNoResponders = (error: unknown): boolean =>
  (error as { isNoResponders?: () => boolean } | undefined)?.isNoResponders?.() === true;

/** The server does not let this login say or hear that. */
export const isViolation = (error: unknown): boolean => {
  const { cause, name } = (error ?? {}) as { name?: string; cause?: unknown };
  return name === "PermissionViolationError" || (cause !== undefined && isViolation(cause));
};

/** The server, or the client in its name, will say the same to every further try. */
export function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  if (code === apiCode.subjectFull || code === apiCode.messageTooLong) return true;
  const { name, cause } = (error ?? {}) as { name?: string; cause?: unknown };
  if (name !== undefined && REFUSALS.has(name)) return true;
  return cause !== undefined && isRefusal(cause);
}

const REFUSALS: ReadonlySet<string> = new Set([
  "PayloadTooLarge",
  "PermissionViolationError",
  "AuthorizationError",
]);

/** Translates whatever a NATS call threw. */
export function toServerError(operation: string, address: string, error: unknown): ServerError {
  if (error instanceof ServerError) return error;
  return new ServerError({ operation, address, reason: reasonOf(error), detail: describe(error) });
}

export function codeOf(error: unknown): number | undefined {
  if (error instanceof ApiError) return error.code;
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === "number" ? code : undefined;
}

function reasonOf(error: unknown): ServerError["reason"] {
  const code = codeOf(error);
  if (isConflict(error)) return "conflict";
  if (isTooLarge(error)) return "too-large";
  if (isRefusal(error)) return "refused";
  if (code === apiCode.streamNotFound || code === apiCode.consumerNotFound) return "not-provisioned";
  if (isMissingStore(error)) return "not-provisioned";
  return "unavailable";
}

/** The client has no code for it. */
const isMissingStore = (error: unknown): boolean =>
  error instanceof Error && error.message === "object store not found";

function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (codeOf(error) === apiCode.storageExceeded) return `${message}: ${STORAGE_HINT}`;
  // "no responders" surfaces as "jetstream is not enabled", which `connect` has ruled out for the server it saw.
  return /^jetstream is not enabled$|no responders/i.test(message)
    ? "nobody answers: no such stream here, JetStream was switched off, or the server or the link to it is down"
    : message;
}
