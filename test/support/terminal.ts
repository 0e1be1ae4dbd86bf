/**
 * A terminal for tests: a tmux server of its own, on a socket of its own, with one command in one pane of a given size. Its
 * screen is polled, within a bound; the pane stays when the command has ended, and says with which code.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
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
const CONFIGURATION = `set -g remain-on-exit on
set -g remain-on-exit-format ""
set -g status off
set -g history-limit 5000
`;

export function startTerminal(command: readonly string[], options: TerminalOptions): TestTerminal {
  const { columns, env, rows } = options;
  const folder = mkdtempSync("/tmp/mesh-terminal-");
  const file = join(folder, "tmux.conf");
  writeFileSync(file, CONFIGURATION);
  const server = ["-L", `mesh-test-${randomBytes(4).toString("hex")}`, "-f", file, "-u"];
  const tmux = (...args: string[]) =>
    execFileSync("tmux", [...server, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const settings = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  const size = ["-x", String(columns), "-y", String(rows)];
  tmux("new-session", "-d", ...size, "--", "env", "-i", ...settings, ...command);
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
  /** Undefined until it has ended: a pane is dead a little before its code is known. */
  const code = () =>
    /^1 (\d+)$/.exec(tmux("display-message", "-p", "#{pane_dead} #{pane_dead_status}").trim())?.[1];
  return {
    screen: capture,
    history: () => capture("-S", "-"),
    hasCursor: () => tmux("display-message", "-p", "#{cursor_flag}").trim() === "1",
    coloured: () => tmux("capture-pane", "-p", "-e"),
    until,
    exit: async (boundMs) => {
      await until("the end of its command", () => code() !== undefined, boundMs);
      return Number(code());
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
