/** What the documents tell people to type: commands and flags that exist, and links that lead somewhere. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Command, Flags, Parser } from "@oclif/core";
import { describe, expect, it } from "vitest";
import { SESSION } from "../../docs/session/commands.ts";
import { MeshCommand } from "../../src/cli/base-command.ts";
import { COMMANDS } from "../../src/cli/index.ts";
import { type CommandLine, commandLines, commandSpans, typedLines } from "../support/command-lines.ts";
import { root, sourceFiles } from "./source-files.ts";

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  "ARCHITECTURE.md",
  ...readdirSync(join(root, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

type CommandClass = typeof Command & { readonly flags: object };

/** The command that these words begin with, by one word or two, and the words behind its name. */
function commandOf([first = "", second = "", ...rest]: readonly string[]) {
  const known: Readonly<Record<string, unknown>> = COMMANDS;
  const pair = known[`${first}:${second}`] as CommandClass | undefined;
  if (pair !== undefined) return { command: pair, rest };
  const one = known[first] as CommandClass | undefined;
  return one && { command: one, rest: second === "" ? [] : [second, ...rest] };
}

const everywhere = { json: Flags.boolean(), help: Flags.boolean() };

/** What is wrong with the words behind `mesh`; undefined when the command takes them. */
async function problemOf(argv: readonly string[]): Promise<string | undefined> {
  const [first = ""] = argv;
  if (/^--(?:help|version)$/.test(first)) return undefined;
  const found = commandOf(argv);
  if (found === undefined) return `there is no command ${first}`;
  const { command, rest } = found;
  const flags = { ...MeshCommand.baseFlags, ...command.flags, ...everywhere };
  const { args, strict } = command;
  return Parser.parse([...rest], { flags, args, strict }).then(
    () => undefined,
    (error: unknown) => String(error),
  );
}

/** Brackets mean "if you like", an ellipsis something: the command must take both. */
const typed = (argv: readonly string[]): string[] =>
  argv.map((word) => word.replaceAll(/^\[|\]$/g, "")).filter((word) => word !== "");

async function problemsIn(lines: readonly CommandLine[]): Promise<readonly string[]> {
  const problems = lines.map(async ({ argv, place, text }) => {
    const problem = await problemOf(typed(argv));
    return problem === undefined ? [] : [`${place}: ${text}: ${problem}`];
  });
  return (await Promise.all(problems)).flat();
}

describe.each(documents)("%s", (document) => {
  it("tells commands with arguments and flags that they take", async () => {
    expect(await problemsIn(commandLines(document))).toEqual([]);
  });

  it("names commands and flags that exist", () => {
    const wrong = commandSpans(document).filter((span) => {
      const words = span.split(/\s+/).slice(1);
      const [first = ""] = words;
      if (!/^[a-z]/.test(first)) return false;
      const found = commandOf(words);
      if (found === undefined) return true;
      const known = Object.keys({ ...MeshCommand.baseFlags, ...found.command.flags, ...everywhere });
      const flags = found.rest.flatMap((word) => /^--(?:no-)?([a-z-]+)/.exec(word)?.[1] ?? []);
      return flags.some((flag) => !known.includes(flag));
    });
    expect(wrong).toEqual([]);
  });

  it("links to files that are there", () => {
    const links = readFileSync(join(root, document), "utf8").matchAll(/\]\((?!https?:|#)([^)#\s]+)/g);
    const dead = [...links]
      .map(([, link = ""]) => link)
      .filter((link) => !existsSync(join(root, dirname(document), link)));
    expect(dead).toEqual([]);
  });
});

/** What stands for an argument in running text and in hints: `NAME`, or what a program puts there. */
const PLACE = String.raw`(?:--[a-z-]+|[A-Z]{2,}|\$\{[^}]+\})`;
const TOLD = new RegExp(String.raw`\bmesh ([a-z]+(?: [a-z]+)?)((?: ${PLACE})+)`, "g");

/** Commands that are told with some of their arguments, but not with all that they need. */
function halfTold(text: string): readonly string[] {
  return [...text.matchAll(TOLD)].flatMap(([told, name = "", places = ""]) => {
    const found = commandOf(name.split(" "));
    if (found === undefined) return [];
    const known: Readonly<Record<string, { readonly type: string }>> = {
      ...MeshCommand.baseFlags,
      ...found.command.flags,
    };
    const words = places.trim().split(" ");
    const isValue = (n: number) => known[words[n - 1]?.replace("--", "") ?? ""]?.type === "option";
    const given = words.filter((word, n) => !word.startsWith("--") && !isValue(n));
    const needed = Object.values(found.command.args).filter(({ required }) => required === true);
    const count = given.length + found.rest.length;
    return given.length > 0 && count < needed.length ? [told] : [];
  });
}

describe("commands in hints and in running text", () => {
  it("have all of their arguments, or none", () => {
    const texts = [...documents, "deploy/README.md", "deploy/nats/README.md"].map((path) => ({
      path,
      text: readFileSync(join(root, path), "utf8"),
    }));
    const places = [...texts, ...sourceFiles("src", "streams")];
    expect(places.flatMap(({ path, text }) => halfTold(text).map((told) => `${path}: ${told}`))).toEqual([]);
  });

  it("are noticed where one is missing", () => {
    expect(halfTold("mesh hub door NAME makes more")).toEqual(["mesh hub door NAME"]);
    expect(halfTold("mesh hub door DIR NAME, mesh zone rotate ${zone} --hub DIR, mesh hub door")).toEqual([]);
  });
});

describe("the recorded session", () => {
  const recorded = typedLines("docs/session/session.txt");

  it("is what `npm run session` types, and all of it exists", async () => {
    expect(recorded.map(({ text }) => text)).toEqual(SESSION.map((line) => line.replace(/ \| .*$/, "")));
    expect(await problemsIn(recorded)).toEqual([]);
  });
});

describe("command lines", () => {
  it("are found in every document that has some, and a command that does not exist is noticed", async () => {
    expect(commandLines("README.md").length).toBeGreaterThan(5);
    expect(await problemOf(["rnu", "script.ts"])).toContain("no command");
    expect(await problemOf(["run", "script.ts", "--zone", "eu"])).toContain("Nonexistent flag");
    expect(await problemOf(["run"])).toContain("Missing 1 required arg");
    expect(await problemOf(["runs", "rm", "last"])).toBeUndefined();
  });
});
