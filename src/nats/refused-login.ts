/**
 * Notices that a server which took a connection once refuses it now: credentials were revoked, or have expired. A node
 * goes on trying, since the file is read again each time; whoever watches it is told once, until it is let in again.
 */
import type { Authenticator } from "@nats-io/nats-core";
import type { NatsConnection } from "@nats-io/transport-node";

/** A login that was asked for so often in a row was refused: a server that has gone asks for none. */
const TRIES = 3;

export class RefusedLogin {
  readonly #tell: () => Promise<void>;
  #tries = 0;
  #isIn = false;

  constructor(tell: () => Promise<void>) {
    this.#tell = tell;
  }

  /** The same authenticator, watched. */
  watching(authenticator: Authenticator): Authenticator {
    return (nonce) => {
      this.#tries += 1;
      if (this.#isIn && this.#tries === TRIES) void this.#tell();
      return authenticator(nonce);
    };
  }

  /** From the moment at which the connection is open; ends with it. */
  async follow(connection: NatsConnection): Promise<void> {
    this.#isIn = true;
    this.#tries = 0;
    for await (const { type } of connection.status()) if (type === "reconnect") this.#tries = 0;
  }
}
