/**
 * One simulated nats-server: the memory server on a process of its own. It keeps what was published, byte by byte, for
 * the auditor, and tells whoever watches before and after each message is stored. It can be restarted: what was only in
 * memory is gone then, and so is every connection.
 */
import * as Effect from "effect/Effect";
import type * as Exit from "effect/Exit";
import type * as Fiber from "effect/Fiber";
import type { Outgoing } from "../../../src/domain/log/codec.ts";
import { store } from "../../../src/ports/memory-log.ts";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import type { Expectation, Server, ServerError } from "../../../src/ports/server.ts";
import type { Published } from "../auditor/evidence.ts";
import type { Process } from "../kernel/process.ts";
import type { Connection } from "./connection.ts";

/** Who hears of messages as they are stored. `before` may kill whoever it likes, and says whether the message arrives. */
export interface Watcher {
  before(by: Process, subject: string, message: Outgoing): boolean;
  after(by: Process, subject: string, message: Outgoing): void;
}

export class Host {
  readonly name: string;
  readonly process: Process;
  readonly hub = new MemoryHub();
  readonly server: Server;
  readonly connections = new Set<Connection>();
  readonly #published: Published[];
  readonly #watcher: Watcher;
  isUp = true;

  constructor(name: string, process: Process, published: Published[], watcher: Watcher) {
    this.name = name;
    this.process = process;
    this.server = memoryServer(this.hub);
    this.#published = published;
    this.#watcher = watcher;
  }

  /** Server time now, µs. */
  get nowUs(): number {
    return Effect.runSyncWith(this.process.context)(this.hub.nowUs);
  }

  /** Carries something out at the server and hands the result over. */
  ask<A>(asked: Effect.Effect<A, ServerError>, answer: (exit: Exit.Exit<A, ServerError>) => void): void {
    this.fork(asked).addObserver(answer);
  }

  fork<A>(program: Effect.Effect<A, ServerError>): Fiber.Fiber<A, ServerError> {
    return Effect.runForkWith(this.process.context)(program);
  }

  /** One try to store a message. */
  store(
    by: Process,
    subject: string,
    message: Outgoing,
    expect: Expectation | undefined,
    answer: (exit: Exit.Exit<number, ServerError>) => void,
  ): void {
    if (!this.#watcher.before(by, subject, message)) return;
    const head = this.hub.streamOf(subject)?.head ?? 0;
    this.ask(store(this.hub, subject, message, expect), (exit) => {
      if (exit._tag === "Success" && exit.value > head) this.#keep(by, subject, message, exit.value);
      answer(exit);
    });
  }

  #keep(by: Process, subject: string, { data, envelope }: Outgoing, sequence: number): void {
    this.#published.push({
      server: this.name,
      by: by.name,
      subject,
      sequence,
      atUs: this.process.kernel.nowUs,
      envelope,
      data: data.slice(),
    });
    this.#watcher.after(by, subject, { data, envelope });
    if (!subject.endsWith("pulse") && !subject.endsWith("beat")) {
      this.process.kernel.note(by.name, `${subject} ${sequence} ${envelope.id}`);
    }
  }

  /** Down for a while: connections break, last words and whatever else was only in memory are gone. */
  restart(downUs: number): void {
    if (!this.isUp) return;
    this.isUp = false;
    for (const connection of this.connections) connection.reset();
    this.hub.restart();
    this.process.after(downUs, () => {
      this.isUp = true;
      this.process.note("server is up again");
    });
  }
}
