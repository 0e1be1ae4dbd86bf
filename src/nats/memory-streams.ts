/**
 * Streams that are kept in memory are gone, definition and all, when their server was killed: whoever made one makes it
 * again when the connection comes back. Otherwise whoever publishes into it would wait for an acknowledgement for ever,
 * for where somebody else listens on the subject, such as a zone behind a leaf link, nobody says that it is not kept.
 */
import type { NatsConnection } from "@nats-io/nats-core";

const PAUSE_MS = 250;
/** JetStream may need a moment after its server has begun to take connections. */
const TRIES = 40;

export class MemoryStreams {
  readonly #connection: NatsConnection;
  readonly #make = new Map<string, () => Promise<void>>();
  #listens = false;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  /** From now on this stream is made again after each reconnect. */
  keep(name: string, make: () => Promise<void>): void {
    this.#make.set(name, make);
    if (!this.#listens) void this.#listen();
    this.#listens = true;
  }

  async #listen(): Promise<void> {
    for await (const { type } of this.#connection.status()) {
      if (type === "reconnect") await Promise.all([...this.#make.values()].map((make) => this.#again(make)));
    }
  }

  async #again(make: () => Promise<void>): Promise<void> {
    for (let left = TRIES; left > 0 && !this.#connection.isClosed(); left -= 1) {
      const isMade = await make().then(
        () => true,
        () => false,
      );
      if (isMade) return;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
