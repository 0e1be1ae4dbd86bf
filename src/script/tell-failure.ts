/**
 * Tells the author of the first request that failed in a way: a summary of a million requests says how many had no answer,
 * not which host gave none. Once for each kind of error and worker: the figures have the rest.
 */
import type { RequestFailure } from "./error-codes.ts";
import type { WorkerSettings } from "./vu-state.ts";

/** Certificates that do not verify: an unknown authority, another host name, a date. */
const UNVERIFIED = new Set([1300, 1310, 1311]);

const nowhere = { name: "", message: "", stack: "" };

/** @param trace where the script made the request, as far as that was kept */
export function tellFailure(
  settings: WorkerSettings,
  request: { readonly method: string; readonly url: string },
  { code, message, rail }: RequestFailure,
  trace: Error | null | undefined,
): void {
  const next = UNVERIFIED.has(code)
    ? "; insecureSkipTLSVerify: true in options leaves certificates unchecked"
    : "";
  // Each rail is told: one may be the script's own, another the owner's of a zone.
  const topic = `request error ${code} ${rail ?? ""}`;
  settings.mistake(
    topic,
    `${request.method} ${request.url}: ${message} (${code}). It counts as failed, as others like it will${next}`,
    trace ?? nowhere,
  );
}
