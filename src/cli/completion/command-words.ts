/**
 * What a shell can complete, taken from the commands as they are defined: names, flags, values, and what kind of word
 * an argument is. Pure; says nothing about any shell.
 */
import type { Command } from "@oclif/core";

export interface FlagWords {
  /** `--zones`. */
  readonly name: string;
  readonly summary: string;
  /** Whether a value follows. */
  readonly takesValue: boolean;
  /** All values there are; empty where it may be anything. */
  readonly values: readonly string[];
}

export interface CommandWords {
  /** As a person types it: `runs rm`. */
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly FlagWords[];
  /** Words that an argument may be; undefined where it is a file or anything else. */
  readonly argument: readonly string[] | undefined;
}

const HELP: FlagWords = { name: "--help", summary: "show the help", takesValue: false, values: [] };

/** Of all that is not hidden, in the order of names. */
export function commandWords(commands: readonly Command.Loadable[]): readonly CommandWords[] {
  const shown = commands.filter(({ hidden }) => !hidden);
  const topNames = shown.flatMap(({ id }) => (id.includes(":") ? [] : [id]));
  return shown
    .map((command) => ({
      name: nameOf(command.id),
      summary: firstLine(command.summary ?? command.description),
      flags: [...flagsOf(command), HELP],
      argument: command.id === "help" ? topNames : argumentOf(command),
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

const nameOf = (id: string): string => id.replaceAll(":", " ");

const firstLine = (text = ""): string => text.split("\n")[0] ?? "";

function flagsOf({ flags }: Command.Loadable): readonly FlagWords[] {
  return Object.entries(flags).flatMap(([name, flag]) => {
    if (flag.hidden) return [];
    const takesValue = flag.type === "option";
    const values = flag.type === "option" ? (flag.options ?? []) : [];
    const one = { summary: firstLine(flag.summary ?? flag.description), takesValue, values };
    const negated = flag.type === "boolean" && flag.allowNo;
    return [
      { name: `--${name}`, ...one },
      ...(negated ? [{ ...one, name: `--no-${name}`, summary: `not: ${one.summary}` }] : []),
    ];
  });
}

/** A run has no name that a shell could know without asking a server; `last` is the one people type. */
function argumentOf({ args }: Command.Loadable): readonly string[] | undefined {
  const [name, argument] = Object.entries(args)[0] ?? [];
  if (argument === undefined || name === undefined) return [];
  if (argument.options !== undefined) return argument.options;
  return name === "run" ? ["last"] : undefined;
}
