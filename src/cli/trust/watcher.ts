/**
 * Beside a running nats-server: reads its log, finds who was refused what, and tells root or the zone. A flood is counted
 * here, and again by whoever keeps the books. It never ends its server, and what it cannot tell it tries to tell later.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { AccessRefusal } from "../../../streams/schema/access.ts";
import { linkLine, namedLink, type RefusedLine, refusedLine } from "../../domain/access/refused-line.ts";
import { refusedTrials } from "../../domain/access/trials.ts";
import { unheardOf } from "../../domain/access/unheard.ts";
import { RefusalCounter } from "../../domain/mesh/refusal-counter.ts";
import { outgoing } from "../../roles/outgoing.ts";
import type { ServerWatch, WatchedConnection, WatchedLink } from "../../wiring.ts";
import { accessText } from "../zones/mesh-event-text.ts";

export interface WatcherOptions {
  readonly open: () => Promise<ServerWatch>;
  /** Where it is told, at a server of this name. */
  readonly subjectOf: (server: string) => string;
  /** Names by public key, read anew. */
  readonly holders: () => ReadonlyMap<string, string>;
  /** The zone whose server it is; undefined at the hub. */
  readonly zone: string | undefined;
  /** The server's process, where it is known: its lines begin with it. */
  readonly pid: number | undefined;
  readonly note: (line: string) => void;
}

/** The same again within this is told as one. */
const TELL_EVERY_US = 10_000_000;
const TURN_MS = 1000;
const LOOK_EVERY_TURNS = 5;
/** A new link is looked at when it has had time to say what it wants; on a busy machine that takes longer. */
const LOOK_AFTER_MS = [100, 1000] as const;
const OPEN_AGAIN_MS = 5000;
/** Questions to the server at once; whoever comes beyond that is not asked for by name. */
const ASKING_MAX = 20;
const UNSENT_MAX = 200;
const NAMES_FOR_MS = 1000;
/** Lines that wait while the server is asked about a link. */
const LINES_MAX = 10_000;
const REMEMBERED_MAX = 1000;

export class Watcher {
  readonly #options: WatcherOptions;
  readonly #counter = new RefusalCounter(TELL_EVERY_US);
  /** Of doctors: that there was one is told, and not each thing that it tried. */
  readonly #trials = new RefusalCounter();
  readonly #trialSubjects: ReadonlySet<string>;
  readonly #known = new Map<number, WatchedConnection>();
  /** Links and what they wanted, told already. */
  readonly #told = new Set<string>();
  readonly #turns: NodeJS.Timeout;
  #names: ReadonlyMap<string, string> = new Map();
  #namesAtMs = Number.NEGATIVE_INFINITY;
  #namesProblem = "";
  #unsent: readonly AccessRefusal[] = [];
  #watch: ServerWatch | undefined;
  readonly #lines: string[] = [];
  #forged = 0;
  #isWorking = false;
  #asking = 0;
  #turn = 0;
  #isLooking = false;
  #wantsLook = false;
  #isStopped = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#trialSubjects = refusedTrials(options.zone);
    this.#turns = setInterval(() => void this.#takeTurn(), TURN_MS);
    void this.#stayOpen();
  }

  /** A line of the server's log, or of something that only looks like one. */
  hear(line: string): void {
    if (this.#lines.push(line) > LINES_MAX) this.#lines.shift();
    void this.#work();
  }

  /** In their order: what a link calls itself may go on over the next lines. */
  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    for (let line = this.#lines.shift(); line !== undefined; line = this.#lines.shift()) {
      if (this.#forged > 0) this.#forged -= 1;
      else await this.#read(line);
    }
    this.#isWorking = false;
  }

  async #read(line: string): Promise<void> {
    const { pid } = this.#options;
    if (pid !== undefined && !line.startsWith(`[${pid}] `)) return;
    const refused = refusedLine(line);
    if (refused !== undefined) void this.#refuse(refused);
    const link = linkLine(line);
    if (link?.is === "open") for (const ms of LOOK_AFTER_MS) setTimeout(() => void this.#look(), ms).unref();
    if (link?.is === "closed") void this.#inspect(link.connection);
    const named = namedLink(line);
    if (named !== undefined) this.#forged = await this.#forgedBy(named);
  }

  /** How many lines of the log are none, but the name of a link. */
  async #forgedBy(id: number): Promise<number> {
    const { calls = "", name = "" } = (await this.#ask(id)) ?? {};
    const lines = calls.split("\n").length - 1;
    const detail = "its name forges lines of the server's log";
    if (lines > 0) this.#offer({ principal: name, operation: "leaf", subject: "", detail });
    return lines;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#turns);
    await this.#watch?.close();
  }

  /** Opens its connections, and again whenever they are gone for good. */
  async #stayOpen(): Promise<void> {
    let said = "";
    while (!this.#isStopped) {
      try {
        this.#watch = await this.#options.open();
        if (this.#isStopped) return await this.#watch.close();
        await this.#watch.ended;
      } catch (error) {
        const { message } = error as Error;
        if (message !== said) this.#options.note(`what is refused is not told for now: ${message}`);
        said = message;
      }
      this.#watch = undefined;
      await new Promise((resolve) => setTimeout(resolve, OPEN_AGAIN_MS).unref());
    }
  }

  async #refuse(line: RefusedLine): Promise<void> {
    const { address, calls, detail, operation, subject } = line;
    const principal = await this.#whose(line);
    const isTrial = this.#trialSubjects.has(subject);
    if (isTrial) return this.#offerTrial(principal, `from ${address}`);
    const named = calls === undefined ? "" : `, calls itself ${calls}`;
    this.#offer({ principal, operation, subject, detail: `${detail} from ${address}${named}`.trim() });
  }

  /** A login that was refused proves nothing: its key says whose it would be. */
  async #whose({ connection, operation, userKey }: RefusedLine): Promise<string> {
    // Lines about links do not say the key.
    const found = operation === "connect" ? undefined : await this.#ask(connection);
    const isIn = operation === "publish" || operation === "subscribe";
    if (isIn && found?.name !== undefined) return found.name;
    const key = userKey ?? found?.key;
    return key === undefined ? "" : (this.#holders().get(key) ?? `key ${key}`);
  }

  /** What the server says of a connection. One that was just closed may take it a moment. */
  async #ask(id: number): Promise<WatchedConnection | undefined> {
    const known = this.#known.get(id);
    if (known !== undefined || this.#asking >= ASKING_MAX) return known;
    this.#asking += 1;
    try {
      for (const waitMs of [0, 100, 400]) {
        await pause(waitMs);
        const found = await this.#watch?.connection(id);
        if (found?.name !== undefined) return this.#remember(id, found);
      }
      return undefined;
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

  /** What a link that is gone had wanted to hear. */
  async #inspect(id: number): Promise<void> {
    const found = await this.#ask(id);
    const zone = found?.tags.find((tag) => tag.startsWith(ZONE_TAG))?.slice(ZONE_TAG.length);
    if (found !== undefined && zone !== undefined) this.#tellUnheard(id, zone, found.subscriptions);
  }

  /** One after the other: whoever comes while one goes on is seen by the next. */
  async #look(): Promise<void> {
    this.#wantsLook = true;
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#wantsLook && this.#watch !== undefined) {
      this.#wantsLook = false;
      const links = await this.#watch.links();
      const holders = this.#holders();
      for (const link of links) this.#judge(link, holders.get(link.account)?.replace(/^zone-/, ""));
    }
    this.#isLooking = false;
  }

  /** Many files, so they are not read for every login of a flood; where they cannot be read, keys stand for names. */
  #holders(): ReadonlyMap<string, string> {
    const now = Date.now();
    if (now - this.#namesAtMs < NAMES_FOR_MS) return this.#names;
    this.#namesAtMs = now;
    try {
      this.#names = this.#options.holders();
    } catch (error) {
      const { message } = error as Error;
      if (message !== this.#namesProblem)
        this.#options.note(`whose credentials are whose is not known: ${message}`);
      this.#namesProblem = message;
    }
    return this.#names;
  }

  /** The parent is dialled by this server, and never dials it. */
  #judge({ address, connection, isAbove, subscriptions }: WatchedLink, zone: string | undefined): void {
    if (zone === undefined) return;
    this.#tellUnheard(connection, zone, subscriptions);
    if (!isAbove || !this.#isNew(`${connection}`)) return;
    const detail = `says that it is the one above; nothing that it sends counts; from ${address}`;
    this.#offer({ principal: `zone-${zone}`, operation: "leaf", subject: "", detail });
  }

  #tellUnheard(connection: number, zone: string, wanted: readonly string[]): void {
    for (const subject of unheardOf(zone, this.#options.zone, wanted)) {
      if (!this.#isNew(`${connection} ${subject}`)) continue;
      const detail = "nothing of it is heard";
      this.#offer({ principal: `zone-${zone}`, operation: "subscribe", subject, detail });
    }
  }

  #isNew(what: string): boolean {
    if (this.#told.has(what)) return false;
    if (this.#told.size >= REMEMBERED_MAX) this.#told.clear();
    this.#told.add(what);
    return true;
  }

  #offer(seen: Omit<AccessRefusal, "server" | "at" | "count">): void {
    const now = Date.now() * 1000;
    const refusal = { server: this.#watch?.server ?? "", ...seen, at: now, count: 1 };
    const due = this.#counter.offer(refusal, now);
    if (due !== undefined) void this.#tell(due);
  }

  #offerTrial(principal: string, detail: string): void {
    const now = Date.now() * 1000;
    const seen = { principal, operation: "trial", subject: "", detail };
    this.#trials.due(now); // what was counted is not told
    const refusal = { server: this.#watch?.server ?? "", ...seen, at: now, count: 1 };
    if (this.#trials.offer(refusal, now) !== undefined) void this.#tell(refusal);
  }

  async #takeTurn(): Promise<void> {
    this.#turn += 1;
    if (this.#turn % LOOK_EVERY_TURNS === 0) void this.#look();
    const waiting = this.#unsent;
    this.#unsent = [];
    for (const refusal of [...waiting, ...this.#counter.due(Date.now() * 1000)]) await this.#tell(refusal);
  }

  async #tell(refusal: AccessRefusal): Promise<void> {
    const watch = this.#watch;
    try {
      if (watch === undefined) throw new Error("not connected");
      const said = { ...refusal, server: watch.server };
      const header = { id: randomUUID(), time: Date.now() * 1000, actor: `watch-${watch.server}` };
      const body = { type: "Refused", ...said };
      await watch.tell(this.#options.subjectOf(watch.server), outgoing(header, body));
      this.#options.note(accessText(said));
    } catch {
      this.#unsent = [...this.#unsent, refusal].slice(-UNSENT_MAX);
    }
  }
}

const ZONE_TAG = "mesh-zone:";
