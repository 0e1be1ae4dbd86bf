/** Every example that people copy runs as its first lines say, against the target that it brings along. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
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
    const document = documentOf(exit);
    expectBalanced(document);
    expect(document.ledger.total.completed).toBeGreaterThan(0);
    // How long answers take is this machine's affair; everything else must hold.
    const failed = document.thresholds?.filter(({ judgement }) => judgement !== "pass") ?? [];
    expect(failed.filter(({ metric }) => !metric.startsWith("http_req_duration"))).toEqual([]);
    expect(exit.code, exit.stderr).toBe(failed.length === 0 ? 0 : 99);
    if (name === "custom-metrics.ts") {
      const prices = JSON.parse(readFileSync(join(cwd, "prices.json"), "utf8")) as unknown;
      expect(prices).toMatchObject({ min: expect.any(Number) });
    }
  };

  // Two at once: their load is light, and most of the time they only wait.
  it.each(pairs(names))("%s passes as it is, and so does %s", async (...both) => {
    const work = both.filter((name) => name !== "").map(passes);
    await Promise.allSettled(work);
    await Promise.all(work);
  });
});
