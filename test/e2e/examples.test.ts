/** Every example that people copy runs as its first lines say, against the target that it brings along. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createMeshHome } from "../support/run-mesh.ts";
import { documentOf, expectBalanced } from "./documents.ts";

const FOLDER = join(import.meta.dirname, "../../examples");
const names = readdirSync(FOLDER).filter((name) => name.endsWith(".ts"));

/** The flags of the first command in an example's comment. */
function flagsOf(name: string): readonly string[] {
  const text = readFileSync(join(FOLDER, name), "utf8");
  const [, flags] = new RegExp(`^ \\*     mesh run examples/${name}([^\\n;&]*)`, "m").exec(text) ?? [];
  if (flags === undefined) throw new Error(`${name} does not say how to run it`);
  return flags.split(" ").filter((word) => word !== "");
}

const pairs = (all: readonly string[]): [string, string][] =>
  all.flatMap((name, index) => (index % 2 === 0 ? [[name, all[index + 1] ?? ""] as [string, string]] : []));

describe("an example", () => {
  const cwd = mkdtempSync(join(tmpdir(), "mesh-examples-"));
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  const passes = async (name: string) => {
    await using home = createMeshHome();
    const args = ["run", join(FOLDER, name), ...flagsOf(name), "--no-history", "--json"];
    const exit = await home.run(args, { cwd });
    expect(exit.code, exit.stderr).toBe(0);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(document.ledger.total.completed).toBeGreaterThan(0);
    expect(document.thresholds?.map(({ judgement }) => judgement)).not.toContain("fail");
  };

  // Two at once: their load is light, and most of the time they only wait.
  it.each(pairs(names))("%s passes as it is, and so does %s", async (...both) => {
    await Promise.all(both.filter((name) => name !== "").map(passes));
  });

  it("writes what its handleSummary returns", () => {
    expect(existsSync(join(cwd, "prices.json"))).toBe(true);
    expect(JSON.parse(readFileSync(join(cwd, "prices.json"), "utf8"))).toMatchObject({
      min: expect.any(Number),
    });
  });
});
