/** Words that must not stand where they would do harm, each with its reason. */
import { describe, expect, it } from "vitest";
import { type SourceFile, sourceFiles, withoutComments } from "./source-files.ts";

/** `path:line: text` of every line that matches. */
function linesWith(pattern: RegExp, files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((line, i) => (pattern.test(line) ? [`${path}:${i + 1}: ${line.trim()}`] : [])),
  );
}

const codeOf = (files: readonly SourceFile[]) =>
  files.map(({ path, text }) => ({ path, text: withoutComments(text) }));

const ONLY = /\b(?:it|test|describe)(?:\.\w+)*\.only\b/;
const UNLINKED = /\b(?:TODO|FIXME)\b(?!.*https?:\/\/)/;
/** A subject, not a file like `mesh.nk`: all of them go on with r, z, a wildcard or a name to be filled in. */
const SUBJECT = /["'`]mesh\.(?:[rz]\b|[*>]|\$\{)/;
/** A module's path at run time, which is another one in the npm package: src/entry-file.ts knows both. */
const MODULE_URL = /\bnew URL\([^)]*\.ts["'`]/;
/** Which characters a terminal must not get: known in one place, so that no renderer knows fewer of them. */
const CONTROL = /\\p\{C[cf]?\}|\\u001b|\\x1b|\\u00[01]/i;
/** Draws itself, or takes a bundler's colours off; judges labels and notes, and shows none. */
const MAY_NAME_CONTROLS = [
  "src/bundle/bundle.ts",
  "src/domain/printable.ts",
  "src/cli/live/screen.ts",
  "src/domain/plan/labels.ts",
  "src/domain/run/note.ts",
];
/** This file spells what it forbids. */
const elsewhere = (...folders: readonly string[]) =>
  sourceFiles(...folders).filter(({ path }) => path !== "test/tidy/bans.test.ts");

describe("bans", () => {
  it("keep subjects in streams/subjects.ts", () => {
    const files = sourceFiles("src", "streams").filter(({ path }) => path !== "streams/subjects.ts");
    expect(linesWith(SUBJECT, codeOf(files))).toEqual([]);
  });

  it("keep the clock, chance and timers out of the domain", () => {
    const impure =
      /\bDate\.now\b|\bnew Date\b|\bMath\.random\b|\bsetTimeout\b|\bsetInterval\b|\bperformance\.now\b/;
    expect(linesWith(impure, codeOf(sourceFiles("src/domain")))).toEqual([]);
  });

  it("let no path at run time end with .ts, for the npm package is compiled", () => {
    expect(linesWith(MODULE_URL, codeOf(sourceFiles("src")))).toEqual([]);
  });

  it("keep what a terminal must not get in src/domain/printable.ts", () => {
    const files = sourceFiles("src").filter(({ path }) => !MAY_NAME_CONTROLS.includes(path));
    expect(linesWith(CONTROL, codeOf(files))).toEqual([]);
  });

  it("let no test run alone", () => {
    expect(linesWith(ONLY, elsewhere("test"))).toEqual([]);
  });

  it("let no promise stand without a link to its issue", () => {
    expect(linesWith(UNLINKED, elsewhere("src", "streams", "deploy", "test", "bench", "examples"))).toEqual(
      [],
    );
  });

  it("find what they look for", () => {
    const url = 'new URL("./worker-main.ts", import.meta.url);';
    const control = String.raw`text.replaceAll(/\p{Cc}+/gu, " ")`;
    const bad = [
      { path: "x.ts", text: `it.only("a")\n// TODO later\nconst s = "mesh.z.a";\n${url}\n${control}` },
    ];
    const patterns = [ONLY, UNLINKED, SUBJECT, MODULE_URL, CONTROL];
    expect(patterns.map((pattern) => linesWith(pattern, bad).length)).toEqual([1, 1, 1, 1, 1]);
  });
});
