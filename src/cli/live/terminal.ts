/** A terminal as the panel needs it: its size, what it can show, and whether it is one at all. */
import type { WriteStream } from "node:tty";
import { styleText } from "node:util";
import type { Look } from "./panel.ts";

const COLUMNS = 80;
const ROWS = 24;

/** The part of a stream that is relied on. */
export type Stream = Pick<WriteStream, "columns" | "rows" | "write" | "on" | "off"> & {
  readonly isTTY?: boolean;
};

/** Whether a panel can be redrawn there, and a person is looking. */
export function canRedraw({ isTTY }: Stream, env: NodeJS.ProcessEnv): boolean {
  const isCi = env["CI"] !== undefined && env["CI"] !== "" && env["CI"] !== "false";
  return isTTY === true && env["TERM"] !== "dumb" && !isCi;
}

/** Whether the locale is one of UTF-8: the first of these that is set decides, as in every C library. */
export function isUtf8(env: NodeJS.ProcessEnv): boolean {
  const locale = ["LC_ALL", "LC_CTYPE", "LANG"].map((name) => env[name]).find((value) => value);
  return /utf-?8/i.test(locale ?? "");
}

export class Terminal {
  readonly #stream: Stream;
  readonly #colour: boolean;
  readonly #utf8: boolean;

  constructor(stream: Stream, env: NodeJS.ProcessEnv) {
    this.#stream = stream;
    this.#utf8 = isUtf8(env);
    // Node knows the conventions: NO_COLOR, FORCE_COLOR, NODE_DISABLE_COLORS, and whether it is a terminal.
    this.#colour = styleText("red", "x", { stream: stream as WriteStream }) !== "x";
  }

  /** Some terminals (and some that are not) report 0. */
  get columns(): number {
    return this.#stream.columns || COLUMNS;
  }

  get rows(): number {
    return this.#stream.rows || ROWS;
  }

  get look(): Look {
    return { columns: this.columns, rows: this.rows, colour: this.#colour, utf8: this.#utf8 };
  }

  write(text: string): void {
    this.#stream.write(text);
  }

  onResize(listen: () => void): () => void {
    this.#stream.on("resize", listen);
    return () => this.#stream.off("resize", listen);
  }
}
