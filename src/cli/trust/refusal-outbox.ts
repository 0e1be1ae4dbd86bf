/**
 * What was refused, on its way to root or the zone: a flood is counted and told as one, and what cannot be told waits. What
 * waits is bounded; nothing here ever fails.
 */
import { randomUUID } from "node:crypto";
import type { AccessRefusal } from "../../../streams/schema/access.ts";
import { RefusalCounter } from "../../domain/mesh/refusal-counter.ts";
import { outgoing } from "../../roles/outgoing.ts";
import { accessText } from "../zones/mesh-event-text.ts";
import type { WatchedServer } from "./watched-server.ts";

/** The same again within this is told as one. */
const TELL_EVERY_US = 10_000_000;
const UNSENT_MAX = 200;

/** Once, and just now; at the server that is watched. */
type Seen = Omit<AccessRefusal, "server" | "at" | "count">;

export interface OutboxOptions {
  readonly server: WatchedServer;
  /** Where it is told, at a server of this name. */
  readonly subjectOf: (server: string) => string;
  readonly note: (line: string) => void;
}

export class RefusalOutbox {
  readonly #options: OutboxOptions;
  readonly #counter = new RefusalCounter(TELL_EVERY_US);
  /** Of doctors: that there was one is told, and not each thing that it tried. */
  readonly #trials = new RefusalCounter();
  #unsent: readonly AccessRefusal[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  offer(seen: Seen): void {
    const refusal = this.#justNow(seen);
    const due = this.#counter.offer(refusal, refusal.at);
    if (due !== undefined) void this.#tell(due);
  }

  offerTrial(principal: string, detail: string): void {
    const refusal = this.#justNow({ principal, operation: "trial", subject: "", detail });
    this.#trials.due(refusal.at); // what was counted is not told
    if (this.#trials.offer(refusal, refusal.at) !== undefined) void this.#tell(refusal);
  }

  /** What could not be told before, and what has been counted for long enough; called now and then. */
  async tellDue(): Promise<void> {
    const waiting = this.#unsent;
    this.#unsent = [];
    for (const refusal of [...waiting, ...this.#counter.due(Date.now() * 1000)]) await this.#tell(refusal);
  }

  #justNow(seen: Seen): AccessRefusal {
    const server = this.#options.server.current?.server ?? "";
    return { server, ...seen, at: Date.now() * 1000, count: 1 };
  }

  async #tell(refusal: AccessRefusal): Promise<void> {
    const { note, server, subjectOf } = this.#options;
    const watch = server.current;
    try {
      if (watch === undefined) throw new Error("not connected");
      const said = { ...refusal, server: watch.server };
      const header = { id: randomUUID(), time: Date.now() * 1000, actor: `watch-${watch.server}` };
      const body = { type: "Refused", ...said };
      await watch.tell(subjectOf(watch.server), outgoing(header, body));
      note(accessText(said));
    } catch {
      this.#unsent = [...this.#unsent, refusal].slice(-UNSENT_MAX);
    }
  }
}
