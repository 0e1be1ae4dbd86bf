/**
 * Streams that are kept in memory are gone, definition and all, when their server was killed: whoever made one makes it
 * again when the connection comes back. Otherwise whoever publishes into it would wait for an acknowledgement for ever,
 * for where somebody else listens on the subject, such as a zone behind a leaf link, nobody says that it is not kept.
 */
import type { NatsConnection } from "@nats-io/nats-core";

const PAUSE_MS = 250;
/** JetStream may need a moment after its server has begun to take connections, a cluster longer: it is asked ever less. */
const PAUSES_MAX = 20;

export class MemoryStreams {
  readonly #connection: NatsConnection;
  readonly #make = new Map<string, () => Promise<void>>();
  /** How often the connection came back; undefined while nobody listens. */
  #times: number | undefined;

  constructor(connection: NatsConnection) {
    this.#connection = connection;
  }

  /** From now on this stream is made again after each reconnect. */
  keep(name: string, make: () => Promise<void>): void {
    this.#make.set(name, make);
    if (this.#times === undefined) void this.#listen();
  }

  async #listen(): Promise<void> {
    this.#times = 0;
    for await (const { type } of this.#connection.status()) {
      if (type !== "reconnect") continue;
      this.#times++;
      for (const make of this.#make.values()) void this.#again(make, this.#times);
    }
  }

  /** Until it is made, or the connection is closed or has come back once more. */
  async #again(make: () => Promise<void>, times: number): Promise<void> {
    for (let pauses = 1; times === this.#times && !this.#connection.isClosed(); pauses += 1) {
      const isMade = await make().then(
        () => true,
        () => false,
      );
      if (isMade) return;
      const pauseMs = PAUSE_MS * Math.min(pauses, PAUSES_MAX);
      await new Promise((resolve) => setTimeout(resolve, pauseMs).unref());
    }
  }
}
