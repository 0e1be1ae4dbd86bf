/** Style by numbers: sizes of files and functions, header comments. Functions are found by indentation, which oxfmt keeps. */
import { describe, expect, it } from "vitest";
import { type SourceFile, sourceFiles, withoutComments } from "./source-files.ts";

const FILE_LINES_MAX = 300;
const FILE_LINES_NOTED = 250;
const FUNCTION_LINES_MAX = 70;

const files = sourceFiles("src", "streams");

const linesOf = (text: string) => text.trimEnd().split("\n");

/** Lines that open a function's body or its parameter list. */
const FUNCTION = /\bfunction\b|=>\s*\{$|^\s*\).*\{$/;
const METHOD =
  /^\s+(?:(?:static|async|override|private|protected|public|get|set)\s+)*[*#\w[\].]+(?:<.*>)?\(.*(?:\{|\()$/;
const STATEMENT = /^\s*(?:\}\s*)?(?:if|for|while|switch|catch|else|return|throw|new|await|super|do|with)\b/;

interface Span {
  readonly line: number;
  readonly lines: number;
}

/** Functions and methods of a formatted text, nested ones counted on their own. */
function functionsOf(text: string): readonly Span[] {
  const lines = linesOf(withoutComments(text));
  return lines.flatMap((line, i) => {
    const opens = /[{(]$/.test(line) && (FUNCTION.test(line) || (METHOD.test(line) && !STATEMENT.test(line)));
    if (!opens) return [];
    const indent = /^\s*/.exec(line)?.[0] ?? "";
    const end = lines.findIndex((other, j) => j > i && other.startsWith(`${indent}}`));
    return end < 0 ? [] : [{ line: i + 1, lines: end - i + 1 }];
  });
}

const tooLong = ({ path, text }: SourceFile) =>
  functionsOf(text)
    .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
    .map(({ line, lines }) => `${path}:${line} has ${lines} lines`);

describe("files", () => {
  it(`have at most ${FILE_LINES_MAX} lines`, () => {
    const sizes = files.map(({ path, text }) => ({ path, lines: linesOf(text).length }));
    const noted = sizes
      .filter(({ lines }) => lines > FILE_LINES_NOTED)
      .map(({ path, lines }) => `  ${lines} ${path}`);
    if (noted.length > 0) console.info(`past ${FILE_LINES_NOTED} lines:\n${noted.join("\n")}`);
    expect(sizes.filter(({ lines }) => lines > FILE_LINES_MAX)).toEqual([]);
  });

  it("of ports, roles, engine and adapters begin with what they do", () => {
    const bare = files
      .filter(({ path }) => /^src\/(ports|roles|nats|keeper|engine)\//.test(path))
      .filter(({ text }) => !/^(#!.*\n)?\/(\*\*|\/)/.test(text))
      .map(({ path }) => path);
    expect(bare).toEqual([]);
  });
});

describe("functions", () => {
  it(`have at most ${FUNCTION_LINES_MAX} lines`, () => {
    expect(files.flatMap(tooLong)).toEqual([]);
  });

  it("are found in every form", () => {
    const body = (lines: number, indent: string) => `${`${indent}  step();\n`.repeat(lines)}${indent}}`;
    const forms = [
      `export async function long(\n  a: number,\n): Promise<void> {\n${body(70, "")}`,
      `const long = (a: number) => {\n${body(70, "")};`,
      `class A {\n  private async long<T>(a: T): Promise<T> {\n${body(70, "  ")}\n}`,
      `class A {\n  #long(\n    a: number,\n  ): void {\n${body(70, "  ")}\n}`,
      `const program = Effect.gen(function* () {\n${body(70, "")});`,
    ];
    for (const text of forms) expect(tooLong({ path: "x.ts", text }), text.slice(0, 60)).not.toEqual([]);
    expect(tooLong({ path: "x.ts", text: `function short() {\n${body(60, "")}` })).toEqual([]);
  });
});
