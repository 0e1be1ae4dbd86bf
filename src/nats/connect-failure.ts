/** Why there is no connection, in one sentence, and what to do about it. */
import { shownUrl } from "../domain/server-url.ts";
import type { ConnectOptions } from "./connect-options.ts";
import { tlsFailure } from "./tls-failure.ts";

/** Cannot reach the server, may not log in, or the server is too old or lacks JetStream. The hint is the next step. */
export class ConnectFailure extends Error {
  override readonly name = "ConnectFailure";
  readonly hint: string;
  /** The server is right, what was asked of it is not. */
  readonly isUsage: boolean;
  constructor(message: string, hint: string, cause?: unknown, isUsage = false) {
    super(message, { cause });
    this.hint = hint;
    this.isUsage = isUsage;
  }
}

/** What the client threw; `endedMs`: when the credentials ended, where they have. */
export function failureOf(
  { credsFile, tls, url: address }: ConnectOptions,
  error: unknown,
  endedMs?: number,
): Error {
  if (error instanceof ConnectFailure) return error;
  const url = shownUrl(address);
  const name = (error as Error).name;
  const insecure = tlsFailure(error, url, tls);
  if (insecure !== undefined) return new ConnectFailure(...insecure, error);
  if (/authentication timeout/i.test((error as Error).message)) return tooSlow(url, error);
  if (name === "AuthorizationError" || name === "UserAuthenticationExpiredError") {
    if (endedMs !== undefined) return ended(url, credsFile, endedMs, error);
    return new ConnectFailure(
      `the NATS server at ${url} refused the login`,
      "pass --creds FILE (or MESH_CREDS) with credentials that this server knows",
      error,
    );
  }
  return new ConnectFailure(
    `cannot reach a NATS server at ${url}: ${(error as Error).message.replaceAll(address, url)}`,
    "check the address and that the server runs (nats-server -js), or leave out --nats to use the embedded one",
    error,
  );
}

/** Nothing was refused: the server ends a connection whose login does not come within seconds. */
const tooSlow = (url: string, error: unknown): ConnectFailure =>
  new ConnectFailure(
    `the NATS server at ${url} did not wait any longer for the login of this command`,
    "this machine is very busy, or the network is slow; try again",
    error,
  );

/** Of a server that had taken the login before. */
export function refusedText({ credsFile, url }: ConnectOptions): string {
  const refuses = `the NATS server at ${shownUrl(url)} refuses the login now`;
  return credsFile === undefined
    ? refuses
    : `${refuses}: were the credentials ${credsFile} revoked, or have they expired? new ones in that file count at once`;
}

export const lostLogin = (options: ConnectOptions, error: Error): ConnectFailure =>
  new ConnectFailure(
    refusedText(options),
    "what was asked for goes on without this command; ask again with credentials that are good",
    error,
  );

const ended = (url: string, file: string | undefined, endedMs: number, error: unknown): ConnectFailure =>
  new ConnectFailure(
    `the NATS server at ${url} refused the login: the credentials in ${file} ended at ${new Date(endedMs).toISOString()}`,
    "pass newer ones with --creds (or MESH_CREDS); whoever keeps the keys of that server makes them",
    error,
  );
