/**
 * A raw socket that speaks the leaf node protocol of nats-server 2.15: what a zone's owner could write who does not want
 * to run an honest server. It checks nothing that it sends, and keeps everything that it hears.
 */
import { connect, type Socket } from "node:net";
import { credsAuthenticator } from "@nats-io/nats-core";

export interface LeafMessage {
  readonly subject: string;
  readonly reply: string;
  readonly data: string;
}

export interface LeafOptions {
  /** Where a server listens for leaf nodes. */
  readonly host?: string;
  readonly port: number;
  /** A `.creds` file's content; undefined: it comes without any. */
  readonly creds?: Uint8Array | undefined;
  /** The name that the other server is told. */
  readonly name?: string;
  /** More for CONNECT, such as another domain or `is_hub`. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

export interface LeafClient extends AsyncDisposable {
  /** Everything that came over the link. */
  readonly messages: readonly LeafMessage[];
  /** Subjects in which the other side said it is interested. */
  readonly interests: ReadonlySet<string>;
  /** What the other side called an error. */
  readonly errors: readonly string[];
  /** False once the other side has closed the link. */
  readonly isOpen: () => boolean;
  readonly publish: (subject: string, data?: string, reply?: string, headers?: Headers) => void;
  readonly subscribe: (subject: string, queue?: string) => void;
  /** As it is, with the line end. */
  readonly line: (text: string) => void;
  /** Resolves when the other side has worked off what was sent before; false when it closed the link instead. */
  readonly settled: () => Promise<boolean>;
  /** The first message to that reply subject; undefined when none came in time. */
  readonly request: (subject: string, data?: string, inbox?: string) => Promise<LeafMessage | undefined>;
  readonly close: () => Promise<void>;
}

type Headers = Readonly<Record<string, string>>;

const WITHIN_MS = 5_000;
/** An answer that may come at all comes within this. */
const ANSWER_WITHIN_MS = 700;

/** Resolves when the other side has answered the handshake, whether it lets this one in or not. */
export async function openLeaf(options: LeafOptions): Promise<LeafClient> {
  const { creds, host = "127.0.0.1", name = "raw", port } = options;
  const socket = connect({ host, port });
  socket.on("error", () => {}); // the other side may reset it: `isOpen` says so
  const link = new Link(socket);
  const { nonce } = await link.greeting(WITHIN_MS);
  const login = creds === undefined ? {} : credsAuthenticator(creds)(nonce);
  link.line(
    `CONNECT ${JSON.stringify({ ...CONNECT, name, id: `raw-${name}`, ...login, ...options.claims })}`,
  );
  await link.settled();
  return link;
}

const CONNECT = { version: "2.15.1", headers: true, jetstream: true, proto: 1 } as const;

class Link implements LeafClient {
  readonly #socket: Socket;
  readonly messages: LeafMessage[] = [];
  readonly interests = new Set<string>();
  readonly errors: string[] = [];
  readonly #closed: Promise<void>;
  readonly #greeted = Promise.withResolvers<{ readonly nonce?: string }>();
  readonly #pongs: (() => void)[] = [];
  readonly #heard = new Set<() => void>();
  #buffer = Buffer.alloc(0);
  #open = true;

  constructor(socket: Socket) {
    this.#socket = socket;
    // Not `once`: that one fails where the other side resets the socket.
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#closed = promise;
    socket.on("close", () => {
      this.#open = false;
      resolve();
    });
    socket.on("data", (bytes) => this.#take(bytes));
  }

  isOpen = (): boolean => this.#open;

  greeting(withinMs: number): Promise<{ readonly nonce?: string }> {
    const late = this.#closed.then(() => Promise.reject(new Error("closed before it said anything")));
    late.catch(() => {});
    return Promise.race([this.#greeted.promise, late, after(withinMs, "the server did not greet")]);
  }

  line = (text: string): void => {
    if (this.#open) this.#socket.write(`${text}\r\n`);
  };

  publish = (subject: string, data = "", reply = "", headers?: Headers): void => {
    const to = reply === "" ? subject : `${subject} ${reply}`;
    const head = headers === undefined ? "" : headerText(headers);
    const [inside, all] = [Buffer.byteLength(head), Buffer.byteLength(head + data)];
    this.line(
      headers === undefined
        ? `LMSG ${to} ${all}\r\n${data}`
        : `HMSG ${to} ${inside} ${all}\r\n${head}${data}`,
    );
  };

  subscribe = (subject: string, queue?: string): void =>
    this.line(queue === undefined ? `LS+ ${subject}` : `LS+ ${subject} ${queue} 1`);

  settled = async (): Promise<boolean> => {
    if (!this.#open) return false;
    const pong = new Promise<true>((resolve) => this.#pongs.push(() => resolve(true)));
    this.line("PING");
    const gone = this.#closed.then(() => false);
    return Promise.race([pong, gone, after(WITHIN_MS, "the server did not answer a PING")]);
  };

  request = async (subject: string, data = "", inbox = "_INBOX.raw"): Promise<LeafMessage | undefined> => {
    const reply = `${inbox}.${this.messages.length}.${Math.random().toString(36).slice(2)}`;
    this.subscribe(reply);
    this.publish(subject, data, reply);
    if (!(await this.settled())) return undefined;
    return this.#first((message) => message.subject === reply);
  };

  close = async (): Promise<void> => {
    this.#socket.destroy();
    await this.#closed;
  };

  [Symbol.asyncDispose] = (): Promise<void> => this.close();

  async #first(wanted: (message: LeafMessage) => boolean): Promise<LeafMessage | undefined> {
    const found = Promise.withResolvers<LeafMessage | undefined>();
    const look = () => {
      const message = this.messages.find(wanted);
      if (message !== undefined) found.resolve(message);
    };
    this.#heard.add(look);
    look();
    const timer = setTimeout(() => found.resolve(undefined), ANSWER_WITHIN_MS);
    return found.promise.finally(() => {
      clearTimeout(timer);
      this.#heard.delete(look);
    });
  }

  #take(bytes: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, bytes]);
    for (;;) {
      const end = this.#buffer.indexOf("\r\n");
      if (end === -1) return;
      const line = this.#buffer.toString("utf8", 0, end);
      const body = /^(LMSG|HMSG) /.test(line) ? Number(line.split(" ").at(-1)) : undefined;
      const until = end + 2 + (body === undefined ? 0 : body + 2);
      if (this.#buffer.length < until) return;
      const content = this.#buffer.subarray(end + 2, Math.max(end + 2, until - 2));
      this.#buffer = this.#buffer.subarray(until);
      this.#hear(line, content);
    }
  }

  #hear(line: string, content: Buffer): void {
    const [verb = "", ...rest] = line.split(" ");
    if (verb === "INFO") this.#greeted.resolve(JSON.parse(line.slice(5)) as { nonce?: string });
    if (verb === "PING") this.line("PONG");
    if (verb === "PONG") this.#pongs.shift()?.();
    if (verb === "LS+") this.interests.add(rest[0] ?? "");
    if (verb === "LS-") this.interests.delete(rest[0] ?? "");
    if (verb === "-ERR") this.errors.push(line.slice(5));
    if (verb === "LMSG") this.#keep(rest.slice(0, -1), content.toString("utf8"));
    if (verb === "HMSG")
      this.#keep(rest.slice(0, -2), content.subarray(Number(rest.at(-2))).toString("utf8"));
  }

  /** `subject`, `subject reply`, `subject + reply queue…` or `subject | queue…`. */
  #keep([subject = "", second = "", third = ""]: readonly string[], data: string): void {
    this.messages.push({ subject, reply: second === "+" ? third : second === "|" ? "" : second, data });
    for (const look of this.#heard) look();
  }
}

const headerText = (headers: Headers): string =>
  `NATS/1.0\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join("")}\r\n`;

function after(ms: number, why: string): Promise<never> {
  return new Promise((_, reject) =>
    setTimeout(() => reject(new Error(`after ${ms} ms: ${why}`)), ms).unref(),
  );
}
