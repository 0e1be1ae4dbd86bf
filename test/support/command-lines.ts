/**
 * The `mesh …` command lines of a document, as a reader of it would type them: those in fenced blocks of shell, a line
 * each, or several where a quotation goes on. Knows as much of a shell's grammar as such lines need.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** One command of a line. */
export interface CommandLine {
  /** `README.md:12`, for people who look for it. */
  readonly place: string;
  /** As written, without a comment. */
  readonly text: string;
  /** Its words behind `mesh`, without quotes. */
  readonly argv: readonly string[];
  /** Files that the shell reads and writes for it. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

/** What is in a shell's block: no language is one, too. */
const SHELL = new Set(["", "sh", "bash", "shell", "console"]);
const INSTALLS = /^npm (?:ci|install)[^&]*&&\s*/;
const BEGINS = /^(?:\.\/bin\/)?mesh\s/;

/** The command lines of `document`, a path from the root of the checkout, from top to bottom. */
export function commandLines(document: string): readonly CommandLine[] {
  const lines = fencedLines(readFileSync(join(root, document), "utf8"));
  return lines.flatMap(({ at, text }) => commandsOf(text, `${document}:${at}`));
}

/** What was typed in a recorded session: its lines behind a prompt. */
export function typedLines(session: string): readonly CommandLine[] {
  const lines = readFileSync(join(root, session), "utf8").split("\n");
  return lines.flatMap((line, index) =>
    line.startsWith("$ ") ? commandsOf(line.slice(2), `${session}:${index + 1}`) : [],
  );
}

function commandsOf(line: string, place: string): readonly CommandLine[] {
  return commandsIn(line)
    .filter(({ words: [program = ""] }) => BEGINS.test(`${program} `))
    .map(({ reads, text, words, writes }) => ({ place, text, argv: words.slice(1), reads, writes }));
}

/** Spans of code in running text that are commands, such as `mesh run --no-history`. */
export function commandSpans(document: string): readonly string[] {
  const prose = readFileSync(join(root, document), "utf8").replaceAll(/^```[\s\S]*?^```/gm, "");
  return [...prose.matchAll(/`(mesh [^`\n]+)`/g)].map(([, span = ""]) => span);
}

/** Lines of shell blocks that begin with a command; a line that is not whole takes the next ones in. */
function fencedLines(markdown: string): readonly { readonly at: number; readonly text: string }[] {
  const found: { at: number; text: string }[] = [];
  let language: string | undefined;
  let open: { at: number; text: string } | undefined;
  for (const [index, line] of markdown.split("\n").entries()) {
    const fence = /^\s*```(\w*)/.exec(line);
    if (fence !== null) {
      language = language === undefined ? (fence[1] ?? "") : undefined;
      open = undefined;
    } else if (open !== undefined) {
      open.text = `${open.text.replace(/\\$/, "")}\n${line}`;
    } else if (language !== undefined && SHELL.has(language)) {
      const text = line.trim().replace(/^\$ /, "").replace(INSTALLS, "");
      if (!BEGINS.test(text)) continue;
      open = { at: index + 1, text };
      found.push(open);
    }
    if (open !== undefined && isWhole(open.text)) open = undefined;
  }
  return found;
}

const isWhole = (text: string): boolean =>
  !text.endsWith("\\") && (withoutComment(text).match(/"/g) ?? []).length % 2 === 0;

/** A `#` behind a space begins a comment, unless it is quoted. */
const withoutComment = (text: string): string =>
  text.replace(/^((?:[^"'#]|"[^"]*"|'[^']*'|(?<!\s)#)*?)\s#.*$/s, "$1").trim();

interface Command {
  readonly text: string;
  readonly words: readonly string[];
  readonly reads: readonly string[];
  readonly writes: readonly string[];
}

const TOKEN = /"[^"]*"|'[^']*'|&&|\|\||[|;<>]|[^\s"'|;<>&]+|&/g;
const ENDS = new Set(["&&", "||", "|", ";", "&", "/"]);

/** A line's commands: `/` stands between two, too, as in "mesh up / mesh down". */
function commandsIn(line: string): readonly Command[] {
  const text = withoutComment(line);
  const tokens = [...text.matchAll(TOKEN)];
  const ends = tokens.filter(([token]) => ENDS.has(token)).map(({ index }) => index);
  const parts = [0, ...ends].map((from, n) =>
    text.slice(from, ends[n]).replace(/^(?:&&|\|\||[|;&/])\s*/, ""),
  );
  return parts.map((part) => commandOf(part.trim()));
}

function commandOf(text: string): Command {
  const words: string[] = [];
  const files: { readonly "<": string[]; readonly ">": string[] } = { "<": [], ">": [] };
  let into = words;
  let end = -1;
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const plain = token.replace(/^(["'])(.*)\1$/s, "$2");
    if (token === "<" || token === ">") into = files[token];
    else if (index === end && into === words) words.push(`${words.pop() ?? ""}${plain}`);
    else {
      into.push(plain);
      if (into !== words) into = words;
    }
    end = index + token.length;
  }
  return { text, words, reads: files["<"], writes: files[">"] };
}
