/**
 * Notices a consumer from which nothing comes any more, not even a heartbeat, while the connection is up. Ordered
 * consumers live on one server; in a cluster that one may be gone for good, and the client would ask for it for ever.
 */
import type { ConsumerMessages } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";

/** Consumers state heartbeats of half a second, and the client tries by itself when it misses two. */
const SILENT_MS = 5000;
const LOOK_EVERY_MS = 1000;
/** What the client says about itself; anything else comes from the server. */
const OWN_WORDS: ReadonlySet<string> = new Set(["next", "heartbeats_missed", "reset"]);

/** Ends the iterator once its consumer is silent, and says so before. */
export type Watch = (messages: ConsumerMessages, onSilent: () => void) => void;

/** For the consumers of one connection: while that is down, nothing can be heard. */
export function silenceWatch(connection: NatsConnection): Watch {
  let isUp = true;
  void (async () => {
    for await (const { type } of connection.status()) {
      if (type === "disconnect") isUp = false;
      if (type === "reconnect") isUp = true;
    }
  })();
  return (messages, onSilent) => {
    let heardMs = performance.now();
    let received = 0;
    const timer = setInterval(() => {
      const isBusy = messages.getProcessed() < messages.getReceived();
      if (!isUp || isBusy || messages.getReceived() > received) heardMs = performance.now();
      received = messages.getReceived();
      if (performance.now() - heardMs < SILENT_MS) return;
      clearInterval(timer);
      onSilent();
      messages.stop();
    }, LOOK_EVERY_MS);
    // A consumer whose connection was closed first never says that it is closed: nobody waits for that.
    timer.unref();
    void (async () => {
      for await (const { type } of messages.status()) {
        if (!OWN_WORDS.has(type)) heardMs = performance.now();
      }
    })();
    void messages.closed().then(() => clearInterval(timer));
  };
}
