/** What a connection is told: where, as whom, how secretly. Types only. */
import type { End } from "./server-domain.ts";

export interface ConnectOptions {
  /** One address or several, separated by commas; a login may stand in front of the host, as `nats` takes it. */
  readonly url: string;
  /** A `.creds` file (JWT and seed), or a file that holds an NKey seed. */
  readonly credsFile?: string | undefined;
  /** PEM files: the authority of the server's certificate, and a certificate of our own. */
  readonly tls?: TlsFiles | undefined;
  /** Shown in the server's connection list. */
  readonly name: string;
  /** Where it should lead; a zone's own server is refused to whoever has no business there. */
  readonly end?: End | undefined;
  /** A node goes on trying when its login is refused later on; anybody else is told by `onEnd`. */
  readonly stays?: boolean | undefined;
  readonly onEnd?: ((failure: Error) => void) | undefined;
  /** How long a server may say nothing: ten seconds, unless somebody only looks. */
  readonly withinMs?: number | undefined;
  /** Says something to whoever watches this process. */
  readonly note?: ((line: string) => void) | undefined;
}

export interface TlsFiles {
  /** Certificates of the authorities that are trusted, instead of this machine's. */
  readonly ca?: string | undefined;
  /** Our own certificate and its key, for a server that asks for one. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}
