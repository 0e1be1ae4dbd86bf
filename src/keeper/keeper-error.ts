/**
 * The one error of the keeper: why the embedded servers are not there, and what the person can do about it.
 * It crosses the keeper's socket as plain fields, so it carries no stack that matters and no cause of its own.
 */

/** `absent`: no such server for this machine. `home`: a directory is unusable. `provision`: no server binary. `port`: taken. `start`: did not start. `lost`: was there, is gone. */
export type KeeperErrorReason = "absent" | "home" | "provision" | "port" | "start" | "lost";

export class KeeperError extends Error {
  override readonly name = "KeeperError";
  readonly reason: KeeperErrorReason;
  /** The next step for the person at the terminal, one sentence. */
  readonly hint: string;

  constructor(reason: KeeperErrorReason, message: string, hint: string) {
    super(message);
    this.reason = reason;
    this.hint = hint;
  }
}

/** A KeeperError stays what it is; anything else becomes one of the given reason. */
export function asKeeperError(error: unknown, reason: KeeperErrorReason, hint: string): KeeperError {
  if (error instanceof KeeperError) return error;
  return new KeeperError(reason, error instanceof Error ? error.message : String(error), hint);
}
