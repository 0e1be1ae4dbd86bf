/** Tells what a server's log says to people: links once the server is ready, nothing more of them once it is asked to end. */
import { refusedLine } from "../../domain/access/refused-line.ts";
import { printableLine } from "../../domain/printable.ts";
import { LinkWords, serverWords } from "./server-words.ts";

export class LogTeller {
  readonly #links = new LinkWords();
  readonly #note: (line: string) => void;
  readonly #tellsAll: boolean;
  /** What links did before the server was ready. */
  readonly #early: string[] = [];
  #stage: "starts" | "runs" | "ends" = "starts";
  /** Somebody else tells what was refused: once, with whom, and counted. */
  isWatched = false;

  constructor(note: (line: string) => void, tellsAll: boolean) {
    this.#note = (line) => note(printableLine(line));
    this.#tellsAll = tellsAll;
  }

  hear(line: string): void {
    const ofLink = this.#links.hear(line);
    if (this.#tellsAll) this.#note(line);
    else if (this.isWatched && refusedLine(line) !== undefined) return;
    if (ofLink === undefined) this.#tellOther(line);
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

  ready(): void {
    this.#stage = "runs";
    for (const words of this.#early.splice(0)) this.#note(words);
  }

  ends(): void {
    this.#stage = "ends";
  }
}
