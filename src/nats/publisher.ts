/**
 * Publishes into JetStream through one shared reply inbox: three to five times what `js.publish` carries, and it
 * knows at once what a disconnect lost. Each message is tried with the same id until it is stored, refused, or
 * the time is up, so the server's duplicate check makes a retry harmless. A link whose answers take longer than a try
 * works all the same.
 */
import {
  createInbox,
  headers as natsHeaders,
  type Msg,
  type NatsConnection,
  PermissionViolationError,
} from "@nats-io/nats-core";
import { encodeEnvelope, type Outgoing } from "../domain/log/codec.ts";
import { APPEND_WITHIN_MS } from "../ports/server-terms.ts";
import type { Expectation } from "../ports/server.ts";
import { ApiError, apiCode, codeOf, isPayloadError, isRefusal, PayloadTooLarge } from "./nats-errors.ts";

export interface PublishOptions {
  readonly expect?: Expectation | undefined;
  /** Give up after this long; default 10 s. */
  readonly withinMs?: number;
  /** Nobody waits any more: no further try. */
  readonly signal?: AbortSignal;
  /** That nobody keeps it is an answer (`Nobody`), and no reason to try again. */
  readonly endsWithNobody?: boolean;
}

/** A message on its way, through all of its tries: they share one reply, so a late answer to any of them counts. */
interface Waiting {
  readonly subject: string;
  readonly message: Outgoing;
  readonly options: PublishOptions;
  readonly deadlineMs: number;
  readonly resolve: (sequence: number) => void;
  readonly reject: (error: Error) => void;
  timer: NodeJS.Timeout | undefined;
}

/** After this long without an answer a message is sent again; an answer to an earlier try still counts. */
const TRY_MS = 2000;
const PAUSE_MS = 50;
/** What a server with a full disk does, too: it logs that, and answers nothing. */
const UNANSWERED = "no acknowledgement: the server is busy or away, or its disk is full (its log says so)";

/** No stream keeps the subject, or the server is only just beginning to. */
export class Nobody extends Error {}

export class Publisher {
  readonly #connection: NatsConnection;
  readonly #inbox: string;
  readonly #waiting = new Map<string, Waiting>();
  #count = 0;
  /** While the connection is down a publish would vanish without a word. */
  #connected = true;

  /** Answers come back under the prefix of the connection: a node may listen nowhere else. */
  constructor(connection: NatsConnection, inboxPrefix: string) {
    this.#connection = connection;
    this.#inbox = createInbox(inboxPrefix);
    connection.subscribe(`${this.#inbox}.*`, { callback: (error, message) => this.#settle(error, message) });
    void this.#forgetOnDisconnect();
  }

  /** Stores one message and returns its sequence; rejects with what the server said last. */
  publish(subject: string, message: Outgoing, options: PublishOptions = {}): Promise<number> {
    const reply = `${this.#inbox}.${this.#count++}`;
    const deadlineMs = performance.now() + (options.withinMs ?? APPEND_WITHIN_MS);
    return new Promise((resolve, reject) => {
      const waiting = { subject, message, options, deadlineMs, resolve, reject, timer: undefined };
      this.#waiting.set(reply, waiting);
      this.#send(reply, waiting);
    });
  }

  #send(reply: string, waiting: Waiting): void {
    const { message, options, subject } = waiting;
    if (!this.#connected) return this.#fail(reply, new Error("not connected"));
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(() => this.#fail(reply, new Error(UNANSWERED)), TRY_MS);
    try {
      this.#connection.publish(subject, message.data, { reply, headers: headersOf(message, options) });
    } catch (error) {
      this.#fail(reply, isPayloadError(error) ? this.#tooLarge(message) : (error as Error));
    }
  }

  #tooLarge({ data }: Outgoing): PayloadTooLarge {
    return new PayloadTooLarge(data.length, this.#connection.info?.max_payload ?? 0);
  }

  #settle(error: Error | null, message: Msg): void {
    if (error !== null) return this.#fail(message.subject, error);
    if (message.headers?.code === 503) return this.#fail(message.subject, new Nobody("no responders"));
    const answer = message.json<{ seq?: number; error?: { err_code: number; description: string } }>();
    if (answer.error !== undefined) {
      return this.#fail(message.subject, new ApiError(answer.error.err_code, answer.error.description));
    }
    const waiting = this.#take(message.subject);
    waiting?.resolve(answer.seq ?? 0);
  }

  /** One try has failed: the next one, or the end. */
  #fail(reply: string, error: Error): void {
    const waiting = this.#waiting.get(reply);
    if (waiting === undefined) return;
    const { deadlineMs, options } = waiting;
    const isOver =
      performance.now() > deadlineMs || this.#connection.isClosed() || options.signal?.aborted === true;
    const isAnswer = options.endsWithNobody === true && error instanceof Nobody;
    if (isOver || isAnswer || !worthRetrying(error)) return this.#take(reply)?.reject(error);
    clearTimeout(waiting.timer);
    waiting.timer = setTimeout(() => this.#send(reply, waiting), PAUSE_MS);
  }

  #take(reply: string): Waiting | undefined {
    const waiting = this.#waiting.get(reply);
    this.#waiting.delete(reply);
    clearTimeout(waiting?.timer);
    return waiting;
  }

  /** A server that does not permit a publish says so beside the answers, naming the subject only. */
  #refuse(error: Error): void {
    if (!(error instanceof PermissionViolationError) || error.operation !== "publish") return;
    for (const [reply, { subject }] of this.#waiting) if (subject === error.subject) this.#fail(reply, error);
  }

  /** Acknowledgements do not survive a disconnect: waiting for them any longer only loses time. */
  async #forgetOnDisconnect(): Promise<void> {
    for await (const status of this.#connection.status()) {
      if (status.type === "reconnect") this.#connected = true;
      if (status.type === "error") this.#refuse(status.error);
      if (status.type !== "disconnect") continue;
      this.#connected = false;
      for (const reply of this.#waiting.keys()) this.#fail(reply, new Error("the connection was lost"));
    }
  }
}

function worthRetrying(error: unknown): boolean {
  if (isRefusal(error)) return false;
  const code = codeOf(error);
  return code === undefined || code === apiCode.duplicateInProcess || code === apiCode.storeBusy;
}

function headersOf(message: Outgoing, options: PublishOptions) {
  const lines = natsHeaders();
  for (const [name, value] of encodeEnvelope(message.envelope)) lines.set(name, value);
  const { last, afterId } = options.expect ?? {};
  if (last !== undefined) {
    lines.set("Nats-Expected-Last-Subject-Sequence", String(last.sequence));
    lines.set("Nats-Expected-Last-Subject-Sequence-Subject", last.subjects);
  }
  if (afterId !== undefined) lines.set("Nats-Expected-Last-Msg-Id", afterId);
  return lines;
}
