/**
 * Cuts a log into lines as it comes. A line feed ends one, and nothing else: `readline` also ends them at a carriage return
 * and at U+2028, which a name in a log may have in it, and whoever counts its line feeds would miscount.
 */

/** A line without an end is no line of a log. */
const LONGEST_LINE = 64 * 1024;

export interface LogLines {
  readonly take: (text: string) => void;
  /** Nothing more comes: what is left is a line, too. */
  readonly end: () => void;
}

/** `hear` gets each line when it is whole. */
export function logLines(hear: (line: string) => void): LogLines {
  let rest = "";
  return {
    take: (text) => {
      const lines = (rest + text).split("\n");
      rest = (lines.pop() ?? "").slice(-LONGEST_LINE);
      for (const line of lines) hear(line);
    },
    end: () => {
      if (rest !== "") hear(rest);
      rest = "";
    },
  };
}
