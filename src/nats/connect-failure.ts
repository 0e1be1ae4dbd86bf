/** Why there is no connection, in one sentence, and what to do about it. */
import { shownUrl } from "../domain/server-url.ts";
import type { ConnectOptions } from "./connect-options.ts";
import type { Ended } from "./credentials.ts";
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

/** What the client threw; `end`: how the credentials ended, where they have. */
export function failureOf(
  { credsFile, tls, url: address }: ConnectOptions,
  error: unknown,
  end?: Ended,
): Error {
  if (error instanceof ConnectFailure) return error;
  const url = shownUrl(address);
  const name = (error as Error).name;
  const insecure = tlsFailure(error, url, tls);
  if (insecure !== undefined) return new ConnectFailure(...insecure, error);
  if (/authentication timeout/i.test((error as Error).message)) return tooSlow(url, error);
  if (name === "AuthorizationError" || name === "UserAuthenticationExpiredError") {
    if (end !== undefined) return ended(url, credsFile, end, error);
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
export function refusedText({ credsFile, url }: ConnectOptions, end?: Ended): string {
  const refuses = `the NATS server at ${shownUrl(url)} refuses the login now`;
  if (credsFile === undefined) return refuses;
  const why =
    end === undefined
      ? `were the credentials ${credsFile} revoked, or have they expired?`
      : `the credentials ${credsFile} expired at ${timeOf(end)}; ${end.renewal};`;
  return `${refuses}: ${why} new ones in that file count at once`;
}

export const lostLogin = (options: ConnectOptions, error: Error, end?: Ended): ConnectFailure =>
  new ConnectFailure(
    refusedText(options, end),
    "what was asked for goes on without this command; ask again with credentials that are good",
    error,
  );

const ended = (url: string, file: string | undefined, end: Ended, error: unknown): ConnectFailure =>
  new ConnectFailure(
    `the NATS server at ${url} refused the login: the credentials ${file} expired at ${timeOf(end)}`,
    end.renewal,
    error,
  );

const timeOf = ({ atMs }: Ended): string => new Date(atMs).toISOString();
