/** The screen, judged by a small terminal of its own that knows the escape codes which are used, and fails on any other. */
import { describe, expect, it } from "vitest";
import { Screen } from "../../../../src/cli/live/screen.ts";
import { type Stream, Terminal } from "../../../../src/cli/live/terminal.ts";

class Emulator implements Stream {
  readonly isTTY = true;
  columns: number;
  readonly rows = 50;
  lines: string[] = [""];
  row = 0;
  column = 0;
  hasCursor = true;

  constructor(columns: number) {
    this.columns = columns;
  }

  readonly write = (text: string | Uint8Array): boolean => {
    this.#take(String(text));
    return true;
  };
  readonly on = () => this as never;
  readonly off = () => this as never;

  #take(text: string): void {
    // oxlint-disable-next-line no-control-regex -- escape codes are what this is about
    for (const [part] of text.matchAll(/\u001b\[\??\d*[A-Za-z]|\r|\n|[^\u001b\r\n]+/g)) this.#apply(part);
  }

  #apply(part: string): void {
    if (part === "\r") this.column = 0;
    else if (part === "\n") [this.row, this.column] = [this.row + 1, 0];
    else if (part.startsWith("\u001b")) this.#escape(part.slice(2, -1), part.at(-1));
    else this.#print(part);
    while (this.lines.length <= this.row) this.lines.push("");
  }

  #escape(argument: string, code: string | undefined): void {
    const count = Number(argument || "1");
    if (code === "A") this.row = Math.max(0, this.row - count);
    else if (code === "B") this.row = Math.min(this.lines.length - 1, this.row + count);
    else if (code === "K") this.#set((this.lines[this.row] ?? "").slice(0, this.column));
    else if (code === "J") {
      this.#set((this.lines[this.row] ?? "").slice(0, this.column));
      this.lines.length = this.row + 1;
    } else if (argument === "?25") this.hasCursor = code === "h";
    else if (argument !== "?2026") throw new Error(`unknown escape ${argument}${code}`);
  }

  #set(line: string): void {
    this.lines[this.row] = line;
  }

  #print(text: string): void {
    const line = (this.lines[this.row] ?? "").padEnd(this.column);
    this.#set(line.slice(0, this.column) + text + line.slice(this.column + text.length));
    this.column += text.length;
  }

  /** As terminals do that break lines anew. */
  narrowTo(columns: number): void {
    const broken = (line: string) =>
      Array.from({ length: Math.max(1, Math.ceil(line.length / columns)) }, (_, n) =>
        line.slice(n * columns, (n + 1) * columns),
      );
    const above = this.lines.slice(0, this.row).flatMap(broken);
    this.lines = [...above, ...this.lines.slice(this.row)];
    this.row = above.length;
    this.columns = columns;
  }

  get text(): string {
    return this.lines.join("\n");
  }
}

const screenOn = (emulator: Emulator) => new Screen(new Terminal(emulator, {}));

describe("the screen", () => {
  it("shows the notes in their order and the last panel below them, whatever came when", () => {
    const emulator = new Emulator(80);
    const screen = screenOn(emulator);
    let seed = 1;
    const chance = (of: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((seed / 2 ** 32) * of);
    };
    const notes: string[] = [];
    for (let step = 0; step < 500; step += 1) {
      const news = Array.from({ length: chance(3) }, (_, n) => `note ${notes.length + n}`);
      notes.push(...news);
      for (const line of news) screen.note(line);
      const panel = Array.from({ length: 1 + chance(6) }, (_, line) => `${"x".repeat(chance(12))} ${line}`);
      screen.draw(panel);
      expect(emulator.text).toBe([...notes, ...panel, ""].join("\n"));
    }
  });

  it("is empty when a panel that is not kept was closed, with the cursor in its place", () => {
    const emulator = new Emulator(80);
    const screen = screenOn(emulator);
    screen.draw(["one", "two"]);
    expect(emulator.hasCursor).toBe(false);
    screen.note("the last word");
    screen.close(false);
    expect(emulator.text).toBe("the last word\n");
    expect(emulator.hasCursor).toBe(true);
  });

  it("keeps a panel below what was still to be told", () => {
    const emulator = new Emulator(80);
    const screen = screenOn(emulator);
    screen.draw(["one", "two"]);
    screen.note("the last word");
    screen.close(true);
    expect(emulator.text).toBe("the last word\none\ntwo\n");
  });

  it("erases lines that a narrower terminal has broken", () => {
    const emulator = new Emulator(80);
    const screen = screenOn(emulator);
    screen.note("above");
    screen.draw(["a".repeat(79), "b".repeat(30), "c"]);
    emulator.narrowTo(20);
    screen.draw(["a".repeat(19), "c"]);
    expect(emulator.text).toBe(`above\n${"a".repeat(19)}\nc\n`);
  });

  it("wipes what was typed meanwhile", () => {
    const emulator = new Emulator(80);
    const screen = screenOn(emulator);
    screen.draw(["one", "two"]);
    emulator.write("^C");
    screen.draw(["one", "three"]);
    expect(emulator.text).toBe("one\nthree\n");
    emulator.write("^C");
    screen.close(true);
    expect(emulator.text).toBe("one\nthree\n");
  });

  it("lets no note move the cursor", () => {
    const emulator = new Emulator(80);
    const screen = screenOn(emulator);
    screen.note("\u001b[31mred\u001b[0m \u001b[2J\u001b[5Aover\rwritten\u0007\tend");
    screen.draw(["panel"]);
    expect(emulator.text).toBe("red overwritten    end\npanel\n");
  });
});
