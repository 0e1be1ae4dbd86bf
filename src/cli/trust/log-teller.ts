/**
 * Tells what a server's log says to people: links once the server is ready, nothing more of them once it is asked to end.
 * Lines that somebody else may have put into the log count for nothing; whoever asked for every line gets them, marked.
 */
import { refusedLine } from "../../domain/access/refused-line.ts";
import { printableLine } from "../../domain/printable.ts";
import { type AboveIs, type LinkListener, LinkWords } from "./link-words.ts";
import { serverWords } from "./server-words.ts";

export interface LogTellerOptions {
  readonly note: (line: string) => void;
  /** Every line of the log, too. */
  readonly tellsAll: boolean;
  readonly renewal?: LinkListener["renewal"];
  readonly hasExpired?: LinkListener["hasExpired"];
  /** What a look at the parent finds wrong with it, or with how this server comes there. */
  readonly lookAbove?: (address: string, is: AboveIs) => Promise<string | undefined>;
}

const READY = /^\[\d+\] \S+ \S+ \[INF\] Server is ready\s*$/;

export class LogTeller {
  readonly #links: LinkWords;
  readonly #note: (line: string) => void;
  readonly #tellsAll: boolean;
  readonly #lookAbove: LogTellerOptions["lookAbove"];
  /** What links did before the server was ready. */
  readonly #early: string[] = [];
  #stage: "starts" | "runs" | "ends" = "starts";
  /** Lines that were shown before anybody could judge them. */
  #shown = 0;
  /** Somebody else tells what was refused: once, with whom, and counted. */
  isWatched = false;

  constructor({ hasExpired, lookAbove, note, renewal, tellsAll }: LogTellerOptions) {
    this.#note = (line) => note(printableLine(line));
    this.#tellsAll = tellsAll;
    this.#lookAbove = lookAbove;
    const onAbove = (address: string, is: AboveIs) => void this.#look(address, is);
    this.#links = new LinkWords({ renewal, hasExpired, onAbove });
  }

  /** Whoever asked for every line does not wait until the server has started, which may take long; `hear` takes it later. */
  show(line: string): void {
    if (!this.#tellsAll) return;
    this.#note(line);
    this.#shown += 1;
  }

  hear(line: string, isBelieved: boolean): void {
    if (this.#shown > 0) this.#shown -= 1;
    else if (this.#tellsAll) this.#note(isBelieved ? line : `not the server's own words: ${line}`);
    if (isBelieved) this.#tell(line);
  }

  #tell(line: string): void {
    const isAbove = this.#links.isAbove(line);
    const ofLink = this.#links.hear(line);
    if (READY.test(line)) this.#ready();
    else if (this.isWatched && !this.#tellsAll && !isAbove && refusedLine(line) !== undefined) return;
    else if (ofLink === undefined) this.#tellOther(line);
    else if (ofLink !== "") this.#tellLink(ofLink);
  }

  /** Why a server does not start is told once, at the end. */
  #tellOther(line: string): void {
    const words = this.#stage === "starts" || this.#tellsAll ? undefined : serverWords(line);
    if (words !== undefined) this.#note(words);
  }

  #tellLink(words: string): void {
    if (this.#stage === "starts") this.#early.push(words);
    if (this.#stage === "runs") this.#note(words);
  }

  async #look(address: string, is: AboveIs): Promise<void> {
    const words = await this.#lookAbove?.(address, is);
    if (words !== undefined) this.#tellLink(words);
  }

  #ready(): void {
    if (this.#stage !== "starts") return;
    this.#stage = "runs";
    for (const words of this.#early.splice(0)) this.#note(words);
  }

  ends(): void {
    this.#stage = "ends";
  }
}
