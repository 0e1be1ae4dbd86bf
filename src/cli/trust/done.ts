/** What a command that makes or ends credentials has done: for people as text, for programs as one document. */

export interface Done {
  /** What happened, a sentence each. */
  readonly done: readonly string[];
  /** Files and folders that were written. */
  readonly wrote: readonly string[];
  /** What to type next, and what it does. */
  readonly next: readonly Next[];
}

interface Next {
  readonly command: string;
  readonly what: string;
}

/** `next` as pairs of a command and what it does. */
export const doneWith = (
  done: readonly string[],
  wrote: readonly string[],
  next: readonly (readonly [command: string, what: string])[] = [],
): Done => ({ done, wrote, next: next.map(([command, what]) => ({ command, what })) });

export function doneText({ done, next }: Done): string {
  const said = done.map((line) => `${line}\n`).join("");
  if (next.length === 0) return said;
  const width = Math.max(...next.map(({ command }) => command.length));
  const lines = next.map(({ command, what }) => `  ${command.padEnd(width)}   ${what}\n`);
  return `${said}\nnext:\n\n${lines.join("")}`;
}
