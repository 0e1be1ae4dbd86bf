/**
 * What the keeper needs to know of a server in order to own it. One definition per kind of server; the keeper starts
 * them, watches them and stops them without knowing which is which.
 */
import type { ProcessIdentity } from "../process-identity.ts";

export interface ServerDefinition {
  readonly name: string;
  /** Resolves when the server answers. Throws KeeperError. Bounded by itself. Leaves nothing behind if it throws. */
  start(context: ServerContext): Promise<RunningServer>;
}

export interface ServerContext {
  /** The state directory, which exists. */
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted when nobody waits for the server any more. */
  readonly signal: AbortSignal;
  /** One line for the person who waits. */
  readonly onNote: (line: string) => void;
  /** Must be told of every process at once, so that a later keeper can find it. */
  readonly onStarted: (identity: ProcessIdentity) => void;
}

/** By what for: the user's name, and the 0600 file with the password. */
export type ServerAccess = Readonly<Record<string, { readonly user: string; readonly passwordFile: string }>>;

export interface RunningServer {
  readonly name: string;
  readonly pid: number;
  readonly url: string;
  readonly version: string;
  /** Who may use it, and where the password lies; not for servers with another kind of secret. */
  readonly access?: ServerAccess;
  /** Ends the server within a second; resolves when it is gone. */
  stop(): Promise<void>;
  /** Resolves when the server is gone, for whatever reason, with what there is to say about it. Never rejects. */
  readonly exited: Promise<string>;
}
