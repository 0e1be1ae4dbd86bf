/** `mesh attach`: somebody else's run, watched to its end, which is also the end of the watching. */
import { describe, expect, it } from "vitest";
import { startCountingTarget } from "../support/counting-target.ts";
import { createMeshHome } from "../support/run-mesh.ts";
import { createScriptFolder, script } from "../support/scripts.ts";
import { documentOf } from "./documents.ts";

describe("mesh attach", () => {
  it("follows a run to its end, with its figures and its exit code, and shows one that is over", async () => {
    await using target = await startCountingTarget();
    await using home = createMeshHome();
    const load = ["--env", `TARGET_URL=${target.url}`, "--duration", "60s", "--vus", "2", "--no-history"];
    const run = home.start(["run", script("plain"), ...load, "--json"]);
    const [, name = ""] = await run.stderr.line(/^run (\S+):/, 20_000);
    const watching = home.start(["attach", name, "--json"]);
    const leaving = home.start(["attach", name]);
    await leaving.stderr.line(/^\d+s\/60s/, 20_000);
    leaving.signal("SIGINT");
    expect((await leaving.exit(10_000)).code).toBe(130);
    run.signal("SIGINT");
    const [ended, watched] = [await run.exit(40_000), await watching.exit(40_000)];
    expect([ended.code, watched.code], ended.stderr).toEqual([105, 105]);
    expect(documentOf(watched)).toEqual(documentOf(ended));
    expect(watched.stderr).toMatch(/^1s\/60s/m);
    const later = await home.run(["attach", "last"]);
    expect([later.code, later.stderr]).toEqual([105, ""]);
    expect(later.stdout).toContain(`aborted (exit 105) after`);
  });

  it("ends with the code of a run that failed, and says when there is no such run", async () => {
    await using home = createMeshHome();
    using files = createScriptFolder();
    const text = `export const options = { thresholds: { iterations: ["count>9"] } };\nexport default () => {};\n`;
    const failing = await home.run(["run", files.write("few.ts", text), "--iterations", "3", "--no-history"]);
    expect(failing.code, failing.stderr).toBe(99);
    expect((await home.run(["attach", "last"])).code).toBe(99);
    const none = await home.run(["attach", "nobody", "--json"]);
    expect(none.code).toBe(2);
    expect(JSON.parse(none.stdout)).toMatchObject({ error: { code: "RunNotFound" } });
  });
});
