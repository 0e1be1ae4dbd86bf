/**
 * Looks into a running Node process through its own inspector, which SIGUSR1 opens: profiles, heap, any expression.
 * So a process can be measured as it is and asked afterwards, with nothing built into the product for it.
 */
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

/** How the process says where its inspector listens. */
export const INSPECTOR_LINE = /Debugger listening on (ws:\/\/\S+)/;

const BOUND_MS = 30_000;
const CLOSE_TRIES = 50;
const CLOSE_TRY_MS = 100;

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

export class Inspector {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  /** Called with the parameters of each event of this name. */
  readonly events = new Map<string, (params: unknown) => void>();
  #calls = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => this.#hear(JSON.parse(String(data)) as Reply));
  }

  /** @param url resolves when the process has written its line, see INSPECTOR_LINE */
  static async open(pid: number, url: Promise<string>): Promise<Inspector> {
    process.kill(pid, "SIGUSR1");
    const late = AbortSignal.timeout(BOUND_MS);
    const silent = once(late, "abort").then(() => {
      throw new Error("the inspector does not open; is its port (9229) taken by another process?");
    });
    const socket = new WebSocket(await Promise.race([url, silent]));
    silent.catch(() => undefined);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", () => reject(new Error("the inspector does not answer")));
    });
    return new Inspector(socket);
  }

  async call<T>(method: string, params: object = {}): Promise<T> {
    const id = ++this.#calls;
    const reply = await new Promise<Reply>((resolve, reject) => {
      const bound = setTimeout(() => reject(new Error(`${method}: no answer`)), BOUND_MS);
      this.#waiting.set(id, (answer) => {
        clearTimeout(bound);
        resolve(answer);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
    if (reply.error !== undefined) throw new Error(`${method}: ${reply.error.message}`);
    return reply.result as T;
  }

  /** The value of an expression, by value. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result } = await this.call<{ result: { value: T } }>("Runtime.evaluate", {
      expression,
      returnByValue: true,
    });
    return result.value;
  }

  /** Resolves when the process listens no more, and another may be asked: the port is the same for all. */
  async close(): Promise<void> {
    const { port } = new URL(this.#socket.url);
    // It waits for its connections to end, so it must not be called over one.
    await this.evaluate("void setTimeout(() => process.getBuiltinModule('inspector').close(), 50)");
    this.#socket.close();
    for (let tries = 0; tries < CLOSE_TRIES; tries++) {
      await pause(CLOSE_TRY_MS);
      const isGone = await fetch(`http://127.0.0.1:${port}/json/version`).then(
        () => false,
        () => true,
      );
      if (isGone) return;
    }
  }

  #hear(reply: Reply): void {
    if (reply.id === undefined) return this.events.get(reply.method ?? "")?.(reply.params);
    this.#waiting.get(reply.id)?.(reply);
    this.#waiting.delete(reply.id);
  }
}
