/**
 * A reader's shell: bash in a terminal (tmux), on a socket of its own, that is typed into. Each prompt tells the shell's last
 * exit code and wakes whoever waits for it, so nothing here looks at a clock.
 */
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify, stripVTControlCharacters } from "node:util";

export interface Typed {
  readonly code: number;
  /** All that the command showed, also what scrolled away: text alone, long lines whole. */
  readonly text: string;
  /** The same as it looked: with the codes of its colours, lines as the terminal broke them. */
  readonly look: string;
}

export interface ReadersShell extends AsyncDisposable {
  /** Types a command and Enter, and waits for the next prompt; fails after `boundMs` with the screen. */
  readonly type: (command: string, boundMs: number) => Promise<Typed>;
}

export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** Whether there is a tmux on this machine. */
export const hasTmux = spawnSync("tmux", ["-V"]).status === 0;

const STEP_MS = 10_000;

/** Makes every prompt tell the code before it, and wake who waits; nothing is shown of that. */
const rcFile = (codes: string, socket: string): string => `PS1='$ ' PS2=''
PROMPT_COMMAND='echo $? >> "${codes}"; tmux -S "${socket}" wait-for -S prompt'
`;

/** A plain bash in a terminal of this size. It works in `folder`, which also has its socket. `environment` is all that the shell gets. */
export async function openReadersShell(
  folder: string,
  environment: Readonly<Record<string, string>>,
  { columns, rows }: TerminalSize = { columns: 110, rows: 50 },
): Promise<ReadersShell> {
  const [socket, start, codes] = [join(folder, ".tmux"), join(folder, ".bashrc"), join(folder, ".codes")];
  const env = { TERM: "xterm-256color", ...environment };
  const tmux = async (args: readonly string[], timeout = STEP_MS): Promise<string> => {
    const all = ["-f", "/dev/null", "-S", socket, ...args];
    // At SIGTERM tmux ends with 0, as if what it waits for had come.
    return (await promisify(execFile)("tmux", all, { env, timeout, killSignal: "SIGKILL" })).stdout;
  };
  const capture = async (...options: readonly string[]) =>
    withoutPrompt(await tmux(["capture-pane", "-p", "-S", "-", ...options]));

  writeFileSync(start, rcFile(codes, socket));
  const size = ["-x", String(columns), "-y", String(rows)];
  const bash = ["bash", "--noprofile", "--rcfile", start, "-i"];
  await tmux([
    "set-option",
    "-g",
    "history-limit",
    "20000",
    ";",
    "new-session",
    "-d",
    ...size,
    "-c",
    folder,
    ...bash,
  ]);
  await tmux(["wait-for", "prompt"]);

  async function type(command: string, boundMs: number): Promise<Typed> {
    await tmux(["send-keys", "-R"]);
    await tmux(["clear-history"]);
    await tmux(["send-keys", "-l", command]);
    await tmux(["send-keys", "Enter"]);
    await tmux(["wait-for", "prompt"], boundMs).catch(async (cause: unknown) => {
      throw new Error(`no prompt ${boundMs} ms after: ${command}\n${await capture()}`, { cause });
    });
    const code = Number(readFileSync(codes, "utf8").trimEnd().split("\n").at(-1));
    return { code, text: await capture("-J"), look: await capture("-e") };
  }

  const close = () =>
    execFileSync("tmux", ["-S", socket, "kill-server"], { stdio: "ignore", timeout: STEP_MS });
  return { type, [Symbol.asyncDispose]: async () => void close() };
}

/** Without the line of the next prompt. */
function withoutPrompt(screen: string): string {
  const lines = screen.trimEnd().split("\n");
  return stripVTControlCharacters(lines.at(-1) ?? "").trim() === "$" ? lines.slice(0, -1).join("\n") : screen;
}
