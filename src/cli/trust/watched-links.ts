/**
 * Links of zones, and what they want: a server says nothing about one that asks to hear more than it may, or that says it
 * is the one above. So links are looked at, and each thing is told once.
 */
import { unheardOf } from "../../domain/access/unheard.ts";
import type { WatchedLink } from "../../wiring.ts";
import type { KeyNames } from "./key-names.ts";
import type { RefusalOutbox } from "./refusal-outbox.ts";
import type { WatchedConnections } from "./watched-connections.ts";
import type { WatchedServer } from "./watched-server.ts";

export interface LinksOptions {
  readonly server: WatchedServer;
  readonly connections: WatchedConnections;
  readonly names: KeyNames;
  readonly outbox: RefusalOutbox;
  /** The zone whose server it is; undefined at the hub. */
  readonly zone: string | undefined;
}

/** A new link is looked at when it has had time to say what it wants; on a busy machine that takes longer. */
const LOOK_AFTER_MS = [100, 1000] as const;
const TOLD_MAX = 1000;
const ZONE_TAG = "mesh-zone:";

export class WatchedLinks {
  readonly #options: LinksOptions;
  /** Links and what they wanted, told already. */
  readonly #told = new Set<string>();
  #isLooking = false;
  #wantsLook = false;

  constructor(options: LinksOptions) {
    this.#options = options;
  }

  opened(): void {
    for (const ms of LOOK_AFTER_MS) setTimeout(() => void this.look(), ms).unref();
  }

  /** What a link that is gone had wanted to hear. */
  async closed(id: number): Promise<void> {
    const found = await this.#options.connections.ask(id);
    const zone = found?.tags.find((tag) => tag.startsWith(ZONE_TAG))?.slice(ZONE_TAG.length);
    if (found !== undefined && zone !== undefined) this.#tellUnheard(id, zone, found.subscriptions);
  }

  /** One after the other: whoever comes while one goes on is seen by the next. */
  async look(): Promise<void> {
    const { names, server } = this.#options;
    this.#wantsLook = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#wantsLook && server.current !== undefined) {
      this.#wantsLook = false;
      const links = await server.current.links();
      const holders = names.now();
      for (const link of links) this.#judge(link, holders.get(link.account)?.replace(/^zone-/, ""));
    }
    this.#isLooking = false;
  }

  /** The parent is dialled by this server, and never dials it. */
  #judge({ address, connection, isAbove, subscriptions }: WatchedLink, zone: string | undefined): void {
    if (zone === undefined) return;
    this.#tellUnheard(connection, zone, subscriptions);
    if (!isAbove || !this.#isNew(`${connection}`)) return;
    const detail = `says that it is the one above; nothing that it sends counts; from ${address}`;
    this.#options.outbox.offer({ principal: `zone-${zone}`, operation: "leaf", subject: "", detail });
  }

  #tellUnheard(connection: number, zone: string, wanted: readonly string[]): void {
    for (const subject of unheardOf(zone, this.#options.zone, wanted)) {
      if (!this.#isNew(`${connection} ${subject}`)) continue;
      const detail = "nothing of it is heard";
      this.#options.outbox.offer({ principal: `zone-${zone}`, operation: "subscribe", subject, detail });
    }
  }

  #isNew(what: string): boolean {
    if (this.#told.has(what)) return false;
    if (this.#told.size >= TOLD_MAX) this.#told.clear();
    this.#told.add(what);
    return true;
  }
}
