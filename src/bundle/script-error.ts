/**
 * What is wrong with a user's script, with its place in the user's own file. A value, not thrown; the door
 * chooses the exit code by `reason`. Places are 1-based and in the script's sources, never in the bundle.
 */
import type { Problem } from "../../streams/schema/plan.ts";

/** `threw` ends with 107 (the script ran and failed), every other reason with 104 (the script is invalid). */
export type ScriptErrorReason =
  | "not-found"
  | "syntax"
  | "import"
  | "local-files"
  | "data-file"
  | "top-level-await"
  | "options"
  | "no-answer"
  | "threw";

export interface ScriptErrorFields {
  readonly reason: ScriptErrorReason;
  readonly message: string;
  readonly file: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** A few lines of source with the place marked; empty where there is no place. */
  readonly frame: string;
  readonly hint: string | undefined;
  /** Stack of the throw, mapped to the script's sources; empty if the script did not run. */
  readonly stack: string;
  /** What is wrong with the options, one by one; empty where something else is wrong. */
  readonly problems: readonly Problem[];
  /** What else is wrong, in the order of the sources. */
  readonly more: readonly ScriptError[];
}

/** Something the author of the script must change. */
export class ScriptError implements ScriptErrorFields {
  readonly reason: ScriptErrorReason;
  readonly message: string;
  readonly file: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly frame: string;
  readonly hint: string | undefined;
  readonly stack: string;
  readonly problems: readonly Problem[];
  readonly more: readonly ScriptError[];

  constructor(fields: Pick<ScriptErrorFields, "reason" | "message" | "file"> & Partial<ScriptErrorFields>) {
    this.reason = fields.reason;
    this.message = fields.message;
    this.file = fields.file;
    this.line = fields.line;
    this.column = fields.column;
    this.frame = fields.frame ?? "";
    this.hint = fields.hint;
    this.stack = fields.stack ?? "";
    this.problems = fields.problems ?? [];
    this.more = fields.more ?? [];
  }

  /** `file:line:column`, as far as it is known. */
  get place(): string {
    return [this.file, this.line, this.column].filter((part) => part !== undefined).join(":");
  }
}

/** Three lines around a place, the column marked by a caret; empty when the line does not exist. */
export function codeFrame(source: string, line: number, column: number): string {
  const lines = source.split(/\r?\n/);
  const marked = lines[line - 1];
  if (marked === undefined) return "";
  const first = Math.max(1, line - 1);
  const last = Math.min(lines.length, line + 1);
  const width = String(last).length;
  const rows: string[] = [];
  for (let number = first; number <= last; number++) {
    const mark = number === line ? ">" : " ";
    rows.push(`${mark} ${String(number).padStart(width)} | ${lines[number - 1] ?? ""}`.trimEnd());
    if (number === line) rows.push(`  ${" ".repeat(width)} | ${" ".repeat(Math.max(0, column - 1))}^`);
  }
  return rows.join("\n");
}
