/** Whose a connection is: the server is asked once, and the answer kept, for the same one is refused again and again. */
import { setTimeout as pause } from "node:timers/promises";
import type { RefusedLine } from "../../domain/access/refused-line.ts";
import type { WatchedConnection } from "../../wiring.ts";
import type { KeyNames } from "./key-names.ts";
import type { WatchedServer } from "./watched-server.ts";

/** An outside server lists a connection a moment after its log names it, and never says when: three questions at most. */
const ASK_AFTER_MS = [0, 100, 400] as const;
/** Questions to the server at once; whoever comes beyond that is not asked for by name. */
const ASKING_MAX = 20;
const REMEMBERED_MAX = 1000;

export class WatchedConnections {
  readonly #server: WatchedServer;
  readonly #names: KeyNames;
  readonly #known = new Map<number, WatchedConnection>();
  #asking = 0;

  constructor(server: WatchedServer, names: KeyNames) {
    this.#server = server;
    this.#names = names;
  }

  /** A login that was refused proves nothing: its key says whose it would be. */
  async whose({ connection, operation, userKey }: RefusedLine): Promise<string> {
    // Lines about links do not say the key.
    const found = operation === "connect" ? undefined : await this.ask(connection);
    const isIn = operation === "publish" || operation === "subscribe";
    if (isIn && found?.name !== undefined) return found.name;
    const key = userKey ?? found?.key;
    return key === undefined ? "" : (this.#names.now().get(key) ?? `key ${key}`);
  }

  /** What the server says of a connection, also of one that is closed; `most`: where so many are asked for, it is not. */
  async ask(id: number, most = ASKING_MAX): Promise<WatchedConnection | undefined> {
    const known = this.#known.get(id);
    if (known !== undefined || this.#asking >= most) return known;
    this.#asking += 1;
    let found: WatchedConnection | undefined;
    try {
      for (const waitMs of ASK_AFTER_MS) {
        if (this.#server.isStopped) return found;
        await pause(waitMs);
        found = (await this.#server.current?.connection(id)) ?? found;
        if (found?.name !== undefined) return this.#remember(id, found);
      }
      return found;
    } finally {
      this.#asking -= 1;
    }
  }

  #remember(id: number, found: WatchedConnection): WatchedConnection {
    const [oldest] = this.#known.keys();
    if (this.#known.size >= REMEMBERED_MAX && oldest !== undefined) this.#known.delete(oldest);
    this.#known.set(id, found);
    return found;
  }
}
