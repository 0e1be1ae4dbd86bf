/** Credentials of a server that have ended, or soon will: it goes on without them, and says what that means. */
import { renewal } from "../../domain/credentials.ts";
import { credentialsIn, expiryOf } from "../credentials.ts";
import { localDateTime } from "../local-time.ts";

interface Meaning {
  /** What is not there without them. */
  readonly without: string;
  /** Who makes new ones, where the credentials do not say it themselves. */
  readonly renew?: string;
}

export function tellExpiry(file: string, { renew, without }: Meaning, note: (line: string) => void): void {
  const own = credentialsIn(file);
  if (own?.expiresAtS === undefined) return;
  const at = localDateTime(own.expiresAtS * 1e6);
  const next = renew ?? renewal(own);
  const expiry = expiryOf(own);
  if (expiry === "expired") note(`the credentials ${file} expired at ${at}: ${without}; ${next}`);
  if (expiry === "soon") note(`the credentials ${file} expire at ${at}: ${next}`);
}
