/** What a check finds, and how it says so. A check looks at one thing and knows nothing of the others. */
import type { Patient } from "./patient.ts";

export interface Finding {
  readonly name: string;
  /** `fail`: no mesh can be used before this is mended. */
  readonly status: "ok" | "warn" | "fail";
  /** The fact, in one line. */
  readonly message: string;
  /** The next step; there is one where the status is not ok. */
  readonly hint?: string;
}

export interface Check {
  readonly name: string;
  /** What to do when it does not end by itself, or breaks. */
  readonly hint: string;
  /** No finding where there is nothing to say. The signal comes when it took too long. */
  readonly look: (patient: Patient, signal: AbortSignal) => Promise<readonly Finding[]> | readonly Finding[];
}

export const ok = (name: string, message: string): Finding => ({ name, status: "ok", message });
export const warn = (name: string, message: string, hint: string): Finding => ({
  name,
  status: "warn",
  message,
  hint,
});
export const fail = (name: string, message: string, hint: string): Finding => ({
  name,
  status: "fail",
  message,
  hint,
});

/** One sentence of an error, and its own next step where it has one. */
export function failureOf(name: string, error: unknown, otherwise: string): Finding {
  const { hint, message } = error as Error & { hint?: string };
  return fail(name, message.split("\n")[0] ?? "", hint === undefined || hint === "" ? otherwise : hint);
}
