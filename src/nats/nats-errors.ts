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
  streamNotFound: 10059,
  consumerNotFound: 10014,
  /** A store that is being removed is still there; a moment later it is not. */
  storeBusy: 10049,
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
  if (code === apiCode.subjectFull) return "refused";
  if (code === apiCode.streamNotFound || code === apiCode.consumerNotFound) return "not-provisioned";
  const name = (error as Error | undefined)?.name ?? "";
  if (name === "PermissionViolationError" || name === "AuthorizationError") return "refused";
  return "unavailable";
}

function describe(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  // "no responders" surfaces as "jetstream is not enabled"; the person who reads this has JetStream enabled.
  return /jetstream is not enabled|no responders/i.test(message)
    ? "nobody answers: no such stream here, or the server or the link to it is down"
    : message;
}
