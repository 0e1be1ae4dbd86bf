/**
 * A terminal for tests: a tmux server of its own, on a socket of its own, with one command in one pane of a given size. Its
 * screen is polled, within a bound. A shell waits beside the command and keeps its exit code in a file (tmux itself loses one in
 * ten), also when the terminal has gone away.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  /** The whole environment of the command. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface TestTerminal extends Disposable {
  /** What is on it now, without blanks at the ends of lines. */
  readonly screen: () => readonly string[];
  /** The same with what has scrolled away. */
  readonly history: () => readonly string[];
  /** With escape codes of colours. */
  readonly coloured: () => string;
  readonly hasCursor: () => boolean;
  /** Resolves with the first screen that is so. Fails after `boundMs`, with the last one. */
  readonly until: (
    what: string,
    isSo: (screen: readonly string[]) => boolean,
    boundMs?: number,
  ) => Promise<readonly string[]>;
  /** Resolves when the command has ended, with its exit code. */
  readonly exit: (boundMs?: number) => Promise<number>;
  readonly press: (key: string) => void;
  readonly resize: (columns: number, rows: number) => void;
  /** The terminal goes away, as when its window is closed. */
  readonly close: () => void;
}

/** True where there is a tmux. */
export const hasTmux = spawnSync("tmux", ["-V"]).status === 0;

const POLL_MS = 100;
const CONFIGURATION = `set -g status off
set -g history-limit 5000
`;

export function startTerminal(command: readonly string[], options: TerminalOptions): TestTerminal {
  const { columns, env, rows } = options;
  const folder = mkdtempSync("/tmp/mesh-terminal-");
  const file = join(folder, "tmux.conf");
  writeFileSync(file, CONFIGURATION);
  const codeFile = join(folder, "code");
  writeFileSync(codeFile, "");
  const shell = ["sh", "-c", `trap : HUP INT; "$@"; echo $? > ${codeFile}; read -r line`, "sh"];
  const server = ["-L", `mesh-test-${randomBytes(4).toString("hex")}`, "-f", file, "-u"];
  const tmux = (...args: string[]) =>
    execFileSync("tmux", [...server, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const settings = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  const size = ["-x", String(columns), "-y", String(rows)];
  tmux("new-session", "-d", ...size, "--", "env", "-i", ...settings, ...shell, ...command);
  const lines = (text: string) => text.split("\n").map((line) => line.trimEnd());
  const capture = (...args: string[]) => lines(tmux("capture-pane", "-p", ...args));
  const until: TestTerminal["until"] = async (what, isSo, boundMs = 60_000) => {
    const end = performance.now() + boundMs;
    for (;;) {
      const screen = capture();
      if (isSo(screen)) return screen;
      if (performance.now() > end) {
        throw new Error(`the terminal did not show ${what} in ${boundMs} ms, but:\n${screen.join("\n")}`);
      }
      await pause(POLL_MS);
    }
  };
  return {
    screen: capture,
    history: () => capture("-S", "-"),
    hasCursor: () => tmux("display-message", "-p", "#{cursor_flag}").trim() === "1",
    coloured: () => tmux("capture-pane", "-p", "-e"),
    until,
    exit: async (boundMs = 60_000) => {
      const end = performance.now() + boundMs;
      while (readFileSync(codeFile, "utf8") === "") {
        if (performance.now() > end) throw new Error(`the command did not end in ${boundMs} ms`);
        await pause(POLL_MS);
      }
      return Number(readFileSync(codeFile, "utf8"));
    },
    press: (key) => void tmux("send-keys", key),
    resize: (x, y) => void tmux("resize-window", "-x", String(x), "-y", String(y)),
    close: () => void tmux("kill-session"),
    [Symbol.dispose]: () => {
      spawnSync("tmux", [...server, "kill-server"]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
