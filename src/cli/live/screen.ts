/**
 * The one place that draws: a panel at the bottom, redrawn in place line by line where it changed, and notes that go above it.
 * Notes wait for the next drawing, so that a script that logs a lot costs no more than the panel does. Relies on lines that are
 * narrower than the terminal; log-update measures and wraps every line again, which alone cost more than 1 % of a core.
 */
import { stripVTControlCharacters } from "node:util";
import { escapedIn } from "../../domain/printable.ts";
import type { Terminal } from "./terminal.ts";

const HIDE_CURSOR = "\u001B[?25l";
const SHOW_CURSOR = "\u001B[?25h";
/** Terminals that know these show what is between them at once; the others ignore them. */
const TOGETHER = "\u001B[?2026h";
const DONE = "\u001B[?2026l";
const ERASE_BELOW = "\u001B[J";
const ERASE_REST = "\u001B[K";
/** What a person types is echoed behind the panel, `^C` for one. */
const ERASE_ECHO = `\r${ERASE_REST}`;
const up = (lines: number): string => (lines > 0 ? `\u001B[${lines}A` : "");
const down = (lines: number): string => (lines > 0 ? `\u001B[${lines}B` : "");

export class Screen {
  readonly #terminal: Terminal;
  readonly #notes: string[] = [];
  /** What is on the terminal; the cursor is at the beginning of the line below it. */
  #panel: readonly string[] = [];
  #columns: number;
  #isOpen = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#columns = terminal.columns;
  }

  /** Goes above the panel, at the next drawing. */
  note(line: string): void {
    this.#notes.push(plain(line));
  }

  /** Draws the panel and the notes that wait. */
  draw(panel: readonly string[]): void {
    const isPatch =
      this.#notes.length === 0 &&
      panel.length === this.#panel.length &&
      this.#terminal.columns === this.#columns;
    const text = isPatch ? this.#patch(panel) : this.#erase() + this.#takeNotes() + linesOf(panel);
    this.#panel = panel;
    this.#columns = this.#terminal.columns;
    if (text === "" && this.#isOpen) return;
    this.#terminal.write(`${this.#isOpen ? "" : HIDE_CURSOR}${TOGETHER}${text}${DONE}`);
    this.#isOpen = true;
  }

  /** Writes the lines that differ. */
  #patch(panel: readonly string[]): string {
    const changes = panel.map((line, place) => {
      const distance = panel.length - place;
      return line === this.#panel[place] ? "" : `${up(distance)}${line}${ERASE_REST}\r${down(distance)}`;
    });
    const text = changes.join("");
    return text === "" ? "" : ERASE_ECHO + text;
  }

  /** A narrower terminal has broken our lines into more of them: those are erased, too. */
  #erase(): string {
    const columns = this.#terminal.columns;
    const rowsOf = (line: string) => Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns));
    const rows =
      columns < this.#columns ? this.#panel.reduce((sum, line) => sum + rowsOf(line), 0) : this.#panel.length;
    return rows === 0 ? "" : `\r${up(Math.min(rows, this.#terminal.rows - 1))}${ERASE_BELOW}`;
  }

  #takeNotes(): string {
    return linesOf(this.#notes.splice(0));
  }

  /** Leaves the last panel where it is, or takes it away; what waits is told, and the cursor is there again. */
  close(isKept: boolean): void {
    const hasNews = this.#notes.length > 0 || !isKept;
    const text = hasNews ? this.#erase() + this.#takeNotes() + (isKept ? linesOf(this.#panel) : "") : "";
    this.#panel = [];
    if (this.#isOpen) this.#terminal.write(`${ERASE_ECHO}${text}${SHOW_CURSOR}`);
    else if (text !== "") this.#terminal.write(text);
    this.#isOpen = false;
  }
}

const linesOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");

/** Lines of other people may not move the cursor. */
const plain = (line: string): string =>
  escapedIn(stripVTControlCharacters(line).replaceAll("\t", "    "), (character) =>
    character === "\n" ? character : "",
  );
