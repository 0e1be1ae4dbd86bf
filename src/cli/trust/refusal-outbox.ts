/**
 * What was refused, on its way to root or the zone: a flood is counted and told as one, and what cannot be told waits. It is
 * said here before the mesh is told, for it may never hear of it. What waits is bounded; nothing here ever fails.
 */
import { randomUUID } from "node:crypto";
import type { AccessRefusal } from "../../../streams/schema/access.ts";
import { RefusalCounter } from "../../domain/mesh/refusal-counter.ts";
import { outgoing } from "../../roles/outgoing.ts";
import { accessText } from "../zones/mesh-event-text.ts";
import type { WatchedServer } from "./watched-server.ts";

/** The same again within this is told as one. */
const TELL_EVERY_US = 10_000_000;
const WAITING_MAX = 200;

/** Once, and just now; at the server that is watched. */
type Seen = Omit<AccessRefusal, "server" | "at" | "count">;

export interface OutboxOptions {
  readonly server: Pick<WatchedServer, "current">;
  /** Where it is told, at a server of this name. */
  readonly subjectOf: (server: string) => string;
  readonly note: (line: string) => void;
}

export class RefusalOutbox {
  readonly #options: OutboxOptions;
  readonly #counter = new RefusalCounter(TELL_EVERY_US);
  /** Of doctors: that there was one is told, and not each thing that it tried. */
  readonly #trials = new RefusalCounter();
  readonly #waiting: AccessRefusal[] = [];
  #isTelling = false;
  /** Accesses that the mesh never hears of: they found no room among those that wait. */
  #lost = 0;
  /** Why the mesh cannot be told; each reason is said once. */
  #problem = "";

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  offer(seen: Seen): void {
    const refusal = this.#justNow(seen);
    const due = this.#counter.offer(refusal, refusal.at);
    if (due !== undefined) this.#take(due);
  }

  offerTrial(principal: string, detail: string): void {
    const refusal = this.#justNow({ principal, operation: "trial", subject: "", detail });
    this.#trials.due(refusal.at); // what was counted is not told
    if (this.#trials.offer(refusal, refusal.at) !== undefined) this.#take(refusal);
  }

  /** What has been counted for long enough, and what could not be told before; called now and then. */
  tellDue(): void {
    for (const refusal of this.#counter.due(Date.now() * 1000)) this.#take(refusal);
    void this.#tellAll();
  }

  /** The mesh is told nothing any more: what was only counted is said here, and how much it never heard of. */
  close(): void {
    for (const refusal of this.#counter.due(Number.POSITIVE_INFINITY)) this.#say(refusal);
    const untold = this.#waiting.splice(0).reduce((sum, { count }) => sum + count, this.#lost);
    if (untold > 0) this.#options.note(`the mesh was not told of ${accesses(untold)}`);
  }

  #justNow(seen: Seen): AccessRefusal {
    const server = this.#options.server.current?.server ?? "";
    return { server, ...seen, at: Date.now() * 1000, count: 1 };
  }

  #say(refusal: AccessRefusal): void {
    this.#options.note(accessText(refusal));
    this.#wait(refusal);
  }

  #take(refusal: AccessRefusal): void {
    this.#say(refusal);
    void this.#tellAll();
  }

  #wait(refusal: AccessRefusal): void {
    if (this.#waiting.push(refusal) <= WAITING_MAX) return;
    const oldest = this.#waiting.shift();
    if (this.#lost === 0)
      this.#options.note(
        `more than ${WAITING_MAX} wait to be told to the mesh: of the oldest it will not hear`,
      );
    this.#lost += oldest?.count ?? 0;
  }

  /** One after the other. One that fails waits behind the others: whatever is wrong may be wrong with it alone. */
  async #tellAll(): Promise<void> {
    // Why there is no connection is said by whoever opens it.
    if (this.#isTelling || this.#options.server.current === undefined) return;
    this.#isTelling = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (await this.#tell(next)) continue;
      this.#wait(next);
      break;
    }
    this.#isTelling = false;
  }

  async #tell(refusal: AccessRefusal): Promise<boolean> {
    const { server, subjectOf } = this.#options;
    const watch = server.current;
    if (watch === undefined) return false;
    try {
      const header = { id: randomUUID(), time: Date.now() * 1000, actor: `watch-${watch.server}` };
      const body = { type: "Refused", ...refusal, server: watch.server };
      await watch.tell(subjectOf(watch.server), outgoing(header, body));
      this.#told();
      return true;
    } catch (error) {
      this.#failed((error as Error).message);
      return false;
    }
  }

  #failed(problem: string): void {
    if (problem !== this.#problem)
      this.#options.note(`what is refused is not told to the mesh for now: ${problem}`);
    this.#problem = problem;
  }

  #told(): void {
    const but = this.#lost === 0 ? "" : `, but for ${accesses(this.#lost)}`;
    if (this.#problem !== "" || but !== "")
      this.#options.note(`what is refused is told to the mesh again${but}`);
    this.#problem = "";
    this.#lost = 0;
  }
}

const accesses = (count: number): string =>
  count === 1 ? "one refused access" : `${count} refused accesses`;
