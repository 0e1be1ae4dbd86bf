/** The script that docs/from-k6.md shows as brought over runs as it stands there. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { collectOutput } from "../support/child-output.ts";
import { createMeshHome } from "../support/run-mesh.ts";
import { countOf, documentOf, expectBalanced } from "./documents.ts";

const checkout = join(import.meta.dirname, "../..");

/** The examples' shop; it ends when its stdin does. */
async function openShop(): Promise<Disposable & { readonly url: string }> {
  const child = spawn(process.execPath, [join(checkout, "examples/targets/shop.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [url] = await collectOutput(child.stdout, "the shop").line(/^http:\S+/);
  return { url, [Symbol.dispose]: () => void child.stdin.end() };
}

it("the script of the guide for k6 users runs, in two zones", async () => {
  const guide = readFileSync(join(checkout, "docs/from-k6.md"), "utf8");
  const [, script = ""] = /### After[\s\S]*?```js\n([\s\S]*?)```/.exec(guide) ?? [];
  const folder = mkdtempSync("/tmp/mesh-from-k6-");
  using _ = { [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
  writeFileSync(join(folder, "checkout.js"), script);
  writeFileSync(join(folder, "users.json"), JSON.stringify([{ name: "ada" }, { name: "grace" }]));

  using shop = await openShop();
  await using home = createMeshHome();
  const load = ["--vus", "6", "--iterations", "12", "--zones", "eu=2,us", "--agents", "3", "--no-history"];
  const args = ["run", "checkout.js", "--env", `BASE_URL=${shop.url}`, ...load, "--json"];
  const exit = await home.run(args, { cwd: folder });
  expect(exit.code, exit.stderr).toBe(0);
  expect(exit.stderr).not.toContain("await is missing");
  expectBalanced(documentOf(exit));
  // A page and an order each, and one login for all.
  expect(countOf(documentOf(exit), "http_reqs")).toBe(12 * 2 + 1);
});
