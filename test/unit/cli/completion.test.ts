/** The completion of bash, asked as bash asks it: words on the line, the last of them unfinished. */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { bashCompletion } from "../../../src/cli/completion/bash.ts";
import type { CommandWords } from "../../../src/cli/completion/command-words.ts";
import { zshCompletion } from "../../../src/cli/completion/zsh.ts";

const flag = (name: string, takesValue = false, values: readonly string[] = []) => ({
  name,
  summary: `what ${name} is for`,
  takesValue,
  values,
});
const commands: readonly CommandWords[] = [
  { name: "root", summary: "Run a root", flags: [flag("--help")], argument: [] },
  {
    name: "run",
    summary: "Run a script: here, or on somebody's mesh",
    flags: [flag("--agents", true), flag("--reporter", true, ["json", "junit"]), flag("--help")],
    argument: undefined,
  },
  { name: "runs", summary: "List runs", flags: [flag("--json")], argument: [] },
  { name: "runs rm", summary: "Remove runs", flags: [flag("--json")], argument: ["last"] },
];

/** What bash would offer. */
function offered(...line: readonly string[]): readonly string[] {
  const ask = 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mesh; printf "%s\\n" "${COMPREPLY[@]}"';
  const script = `${bashCompletion(commands)}\n${ask}`;
  const printed = execFileSync("bash", ["--norc", "-c", script, "bash", ...line], { encoding: "utf8" });
  return printed.split("\n").filter((word) => word !== "");
}

describe("bash completion", () => {
  it("knows commands, and commands below them", () => {
    expect(offered("mesh", "r")).toEqual(["root", "run", "runs"]);
    expect(offered("mesh", "runs", "")).toEqual(["rm"]);
    expect(offered("mesh", "runs", "rm", "")).toEqual(["last"]);
  });

  it("knows the flags of a command, also behind its script", () => {
    expect(offered("mesh", "run", "--a")).toEqual(["--agents"]);
    expect(offered("mesh", "run", "script.ts", "--agents", "3", "--")).toEqual([
      "--agents",
      "--reporter",
      "--help",
    ]);
    expect(offered("mesh", "runs", "rm", "-")).toEqual(["--json"]);
  });

  it("knows the values of a flag, in both ways to write them", () => {
    expect(offered("mesh", "run", "--reporter", "ju")).toEqual(["junit"]);
    expect(offered("mesh", "run", "--reporter", "=", "j")).toEqual(["json", "junit"]);
    expect(offered("mesh", "run", "--reporter", "=")).toEqual(["json", "junit"]);
  });

  it("leaves files to bash", () => {
    expect(offered("mesh", "run", "")).toEqual([]);
    expect(offered("mesh", "run", "--agents", "")).toEqual([]);
  });
});

describe("zsh completion", () => {
  it("has every word with its summary, and quotes what would end a word", () => {
    const text = zshCompletion(commands);
    expect(text).toMatch(/^#compdef mesh\n/);
    expect(text).toContain("'run:Run a script: here, or on somebody'\\''s mesh'");
    expect(text).toContain('"run --reporter") compadd -- json junit; return ;;');
    expect(text).toContain("\"runs rm\") found=('last')");
  });
});
