/** What helps before a command is run: `mesh help`, and the completion of a shell as the product prints it. */
import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { createMeshHome } from "../support/run-mesh.ts";

describe("mesh help", () => {
  it("says the same as --help, for the program and for each command", async () => {
    await using home = createMeshHome();
    for (const command of [[], ["run"], ["runs"], ["runs", "rm"]]) {
      const help = await home.run(["help", ...command]);
      const flag = await home.run([...command, "--help"]);
      expect(help, command.join(" ")).toEqual(flag);
      expect([help.code, help.stderr]).toEqual([0, ""]);
    }
  });

  it("names the nearest command where there is none", async () => {
    await using home = createMeshHome();
    const exit = await home.run(["help", "statsu"]);
    expect(exit.code).toBe(2);
    expect(exit.stderr).toContain("there is no command mesh statsu\n      did you mean mesh status?");
  });
});

describe("mesh completion", () => {
  it("prints what bash completes from", async () => {
    await using home = createMeshHome();
    const { code, stdout: script } = await home.run(["completion", "bash"]);
    expect(code).toBe(0);
    const offered = (...line: readonly string[]): readonly string[] => {
      const ask = 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _mesh; printf "%s\\n" "${COMPREPLY[@]}"';
      const args = ["--norc", "-c", `${script}\n${ask}`, "bash", ...line];
      return execFileSync("bash", args, { encoding: "utf8" }).split("\n").slice(0, -1);
    };
    expect(offered("mesh", "r")).toEqual(expect.arrayContaining(["root", "run", "runs"]));
    expect(offered("mesh", "run", "--a")).toContain("--agents");
    expect(offered("mesh", "run", "script.ts", "--a")).toContain("--agents");
  });

  it("says which shells it knows", async () => {
    await using home = createMeshHome();
    const exit = await home.run(["completion", "fish"]);
    expect([exit.code, exit.stderr]).toEqual([2, expect.stringMatching(/bash.*zsh/s)]);
  });
});
