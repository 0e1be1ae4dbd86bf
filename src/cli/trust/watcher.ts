/**
 * Beside a running nats-server: reads its log, finds who was refused what, and tells root or the zone. A flood is counted
 * here, and again by whoever keeps the books. It never ends its server, and what it cannot tell it tries to tell later.
 */
import { linkLine, namedLink, type RefusedLine, refusedLine } from "../../domain/access/refused-line.ts";
import { refusedTrials } from "../../domain/access/trials.ts";
import type { ServerWatch } from "../../wiring.ts";
import { KeyNames, type Names } from "./key-names.ts";
import { RefusalOutbox } from "./refusal-outbox.ts";
import { WatchedConnections } from "./watched-connections.ts";
import { WatchedLinks } from "./watched-links.ts";
import { WatchedServer } from "./watched-server.ts";

export interface WatcherOptions {
  readonly open: () => Promise<ServerWatch>;
  /** Where it is told, at a server of this name. */
  readonly subjectOf: (server: string) => string;
  /** Read anew. */
  readonly holders: () => Names;
  /** The zone whose server it is; undefined at the hub. */
  readonly zone: string | undefined;
  /** The server's process, where it is known: its lines begin with it. */
  readonly pid: number | undefined;
  readonly note: (line: string) => void;
  /** Hears each line once it is known whether it counts, in their order. */
  readonly passOn?: PassOn | undefined;
}

/** `isBelieved`: the server wrote the line, as far as anybody can tell. */
export type PassOn = (line: string, isBelieved: boolean) => void;

/** Lines of a server begin with its process. */
export const isOf = (pid: number, line: string): boolean => line.startsWith(`[${pid}] `);

const TURN_MS = 1000;
const LOOK_EVERY_TURNS = 5;
/** Lines that wait while the server is asked about a link. */
const LINES_MAX = 10_000;

export class Watcher {
  readonly #options: WatcherOptions;
  readonly #trialSubjects: ReadonlySet<string>;
  readonly #server: WatchedServer;
  readonly #connections: WatchedConnections;
  readonly #outbox: RefusalOutbox;
  readonly #links: WatchedLinks;
  readonly #turns: NodeJS.Timeout;
  readonly #lines: string[] = [];
  /** Connections that this server made to the one above. */
  readonly #dialled = new Set<number>();
  /** Lines to come that are none. */
  #forged = 0;
  /** Lines that nobody read. */
  #leftOut = 0;
  #isReading = false;
  #reading = Promise.resolve();
  readonly #refusals = new Set<Promise<void>>();
  #turn = 0;

  constructor(options: WatcherOptions) {
    const { holders, note, open, subjectOf, zone } = options;
    this.#options = options;
    this.#trialSubjects = refusedTrials(zone);
    const server = new WatchedServer(open, note);
    const names = new KeyNames(holders, note);
    const connections = new WatchedConnections(server, names);
    const outbox = new RefusalOutbox({ server, subjectOf, note });
    this.#server = server;
    this.#connections = connections;
    this.#outbox = outbox;
    this.#links = new WatchedLinks({ server, connections, names, outbox, zone });
    this.#turns = setInterval(() => this.#takeTurn(), TURN_MS);
  }

  /** A line of the server's log, or of something that only looks like one. */
  hear(line: string): void {
    if (this.#lines.push(line) > LINES_MAX) {
      this.#lines.shift();
      this.#leftOut += 1;
    }
    if (!this.#isReading) this.#reading = this.#readAll();
  }

  /** What was heard by then is still said; nobody waits for answers of the server. */
  async stop(): Promise<void> {
    clearInterval(this.#turns);
    await this.#server.stop();
    await this.#reading;
    await Promise.all(this.#refusals);
    this.#outbox.close();
  }

  /** In their order: what a link calls itself may go on over the next lines. */
  async #readAll(): Promise<void> {
    this.#isReading = true;
    for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
      const isForged = this.#forged > 0;
      if (isForged) this.#forged -= 1;
      const { passOn, pid } = this.#options;
      const isBelieved = !isForged && (pid === undefined || isOf(pid, line));
      passOn?.(line, isBelieved);
      if (isBelieved) await this.#read(line);
    }
    this.#isReading = false;
    if (this.#leftOut === 0) return;
    this.#options.note(`the server's log came too fast: ${this.#leftOut} of its lines were not looked at`);
    this.#leftOut = 0;
  }

  async #read(line: string): Promise<void> {
    const link = linkLine(line);
    if (link?.is === "dialled") this.#dialled.add(link.connection);
    const refused = refusedLine(line);
    // What this server has against the one above is no refusal of anybody.
    if (refused !== undefined && !this.#dialled.has(refused.connection)) this.#take(refused);
    if (link?.is === "closed") this.#dialled.delete(link.connection);
    if (link?.is === "open") this.#links.opened();
    if (link?.is === "closed") void this.#links.closed(link.connection);
    const named = namedLink(line);
    if (named !== undefined) this.#forged = await this.#forgedBy(named);
  }

  #take(refused: RefusedLine): void {
    const taken = this.#refuse(refused).finally(() => this.#refusals.delete(taken));
    this.#refusals.add(taken);
  }

  async #refuse(line: RefusedLine): Promise<void> {
    const { address, calls, detail, operation, subject } = line;
    const principal = await this.#connections.whose(line);
    if (this.#trialSubjects.has(subject)) return this.#outbox.offerTrial(principal, `from ${address}`);
    const named = calls === undefined ? "" : `, calls itself ${calls}`;
    const said = `${detail} from ${address}${named}`.trim();
    this.#outbox.offer({ principal, operation, subject, detail: said });
  }

  /** How many lines of the log are none, but the name of a link. */
  async #forgedBy(id: number): Promise<number> {
    const { calls = "", name = "" } = (await this.#connections.ask(id, Number.POSITIVE_INFINITY)) ?? {};
    const lines = calls.split("\n").length - 1;
    const detail = "its name forges lines of the server's log";
    if (lines > 0) this.#outbox.offer({ principal: name, operation: "leaf", subject: "", detail });
    return lines;
  }

  #takeTurn(): void {
    this.#turn += 1;
    if (this.#turn % LOOK_EVERY_TURNS === 0) void this.#links.look();
    this.#outbox.tellDue();
  }
}
