/**
 * Wrong usage in our words. The parser's own errors carry its whole state, and tell it in several forms; here each
 * becomes one sentence and the next step.
 */
import { nearest } from "../domain/plan/nearest.ts";
import { exitCode, Failure } from "./exit-codes.ts";

/** What the parser throws, as far as it is read here. */
interface ParserError extends Error {
  readonly oclif?: { readonly exit?: number };
  readonly flags?: readonly string[];
  readonly args?: readonly (string | { readonly name: string; readonly description?: string })[];
  readonly parse?: { readonly input?: { readonly flags?: Readonly<Record<string, unknown>> } };
}

/** The parser has no class of its own for this one. */
const NO_VALUE = /^Flag (--\S+) expects a value/;

/** True for what the parser says about a command line; it has no exit code for a value that is none of those there are. */
export const isUsage = (error: Error): boolean =>
  (error as ParserError).oclif?.exit === exitCode.usage ||
  /^(Arg|Flag)InvalidOptionError$/.test(error.constructor.name) ||
  NO_VALUE.test(error.message);

/** `command` as it is typed: `runs rm`. */
export function usageFailure(error: ParserError, command: string): Failure {
  const help = `mesh ${command} --help lists what it takes`;
  const usage = (message: string, hint = help) => new Failure(exitCode.usage, "Usage", message, hint);
  switch (error.constructor.name) {
    case "NonExistentFlagsError":
      return usage(...unknownFlags(error, command, help));
    case "RequiredArgsError":
      return usage(`mesh ${command} needs ${(error.args ?? []).map(argument).join(" and ")}`);
    case "UnexpectedArgsError":
      return usage(
        `mesh ${command} takes no ${(error.args ?? []).map((each) => JSON.stringify(each)).join(", ")}`,
      );
    default:
      return usage(missing(error.message, command) ?? plain(error.message));
  }
}

/** Flags that a command cannot do without. */
function missing(message: string, command: string): string | undefined {
  const names = [...message.matchAll(/Missing required flag (\S+)/g)].map(([, name]) => `--${name}`);
  return names.length === 0 ? undefined : `mesh ${command} needs ${names.join(" and ")}`;
}

function unknownFlags({ flags = [], parse }: ParserError, command: string, help: string) {
  const known = Object.keys(parse?.input?.flags ?? {}).map((name) => `--${name}`);
  const meant = flags.map((flag) => nearest(flag, known)).filter((name) => name !== undefined);
  const hint = meant.length === 0 ? help : `did you mean ${meant.join(", ")}? ${help}`;
  return [`mesh ${command} has no flag ${flags.join(", ")}`, hint] as const;
}

function argument(each: string | { readonly name: string; readonly description?: string }): string {
  if (typeof each === "string") return each;
  return each.description === undefined
    ? each.name.toUpperCase()
    : `${each.name.toUpperCase()} (${each.description})`;
}

/** The parser's sentence without what it wraps around it: `Parsing --agents \n\tExpected …\nSee more help with --help`. */
function plain(message: string): string {
  const [, bare] = NO_VALUE.exec(message) ?? [];
  if (bare !== undefined) return `${bare} needs a value`;
  const [, flag, said] = /^Parsing (--\S+) \s*(.*?)(?:\nSee more help.*)?$/s.exec(message) ?? [];
  if (flag !== undefined && said !== undefined) return `${flag}: ${lower(said.trim())}`;
  const lines = message
    .split("\n")
    .filter((line) => !/^(The following errors? occurred|See more help)/.test(line));
  return lower(
    lines
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .join("; "),
  );
}

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
