/** The connections to the server that is watched: that one may end and come back at any time. */
import type { ServerWatch } from "../../wiring.ts";

const OPEN_AGAIN_MS = 5000;

export class WatchedServer {
  readonly #open: () => Promise<ServerWatch>;
  readonly #note: (line: string) => void;
  #current: ServerWatch | undefined;
  #isStopped = false;

  constructor(open: () => Promise<ServerWatch>, note: (line: string) => void) {
    this.#open = open;
    this.#note = note;
    void this.#stayOpen();
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Undefined while there is no connection to it. */
  get current(): ServerWatch | undefined {
    return this.#current;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#current?.close();
  }

  /** Opens its connections, and again whenever they are gone for good. */
  async #stayOpen(): Promise<void> {
    let said = "";
    while (!this.#isStopped) {
      try {
        this.#current = await this.#open();
        if (this.#isStopped) return await this.#current.close();
        await this.#current.ended;
      } catch (error) {
        const { message } = error as Error;
        if (message !== said) this.#note(`what is refused is not told to the mesh for now: ${message}`);
        said = message;
      }
      this.#current = undefined;
      await new Promise((resolve) => setTimeout(resolve, OPEN_AGAIN_MS).unref());
    }
  }
}
