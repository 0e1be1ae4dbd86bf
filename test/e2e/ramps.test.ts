/** Ramps over two zones and four agents are those of one machine; and stages as flags and as an environment variable. */
import { describe, expect, it } from "vitest";
import { startCountingTarget } from "../support/counting-target.ts";
import { createMeshHome } from "../support/run-mesh.ts";
import { script } from "../support/scripts.ts";
import { countOf, documentOf, expectBalanced } from "./documents.ts";

const numbers = (paths: Readonly<Record<string, number>>, scenario: string): readonly number[] =>
  Object.keys(paths)
    .filter((path) => path.startsWith(`/${scenario}/`))
    .map((path) => Number(path.split("/")[2]))
    .toSorted((a, b) => a - b);

describe("ramps", () => {
  it("over two zones and four agents start what the plan has, each arrival once", async () => {
    await using target = await startCountingTarget();
    await using home = createMeshHome();
    const where = ["--zones", "a=2,b", "--agents", "4", "--no-history", "--json"];
    const exit = await home.run(["run", script("ramps"), ...where, "--env", `TARGET_URL=${target.url}`]);
    const document = documentOf(exit);
    expectBalanced(document);
    expect(Object.keys(document.ledger.agents)).toEqual(["a-1", "a-2", "b-1", "b-2"]);
    // The area: 120 × 1.5 s / 2 + 120 × 0.5 s + (120 + 30) / 2 × 1 s = 90 + 60 + 75.
    const { arrivals, vus } = document.ledger.scenarios;
    expect(arrivals).toMatchObject({ planned: 225, completed: 225, dropped: 0 });
    expect(vus).toMatchObject({ interrupted: 0, dropped: 0 });
    expect(countOf(document, "iterations")).toBe(225 + (vus?.completed ?? 0));
    expect(document.metrics["vus_max"]?.values["max"]).toBe(225 + 9);

    const { paths, total } = await target.stats();
    expect(total).toBe(countOf(document, "http_reqs"));
    expect(numbers(paths, "arrivals")).toEqual([...Array(225).keys()]);
    // The VUs of the first scenario have the first numbers.
    expect(numbers(paths, "vus")).toEqual(Array.from({ length: 9 }, (_, vu) => 226 + vu));
  });

  it("are checked as flags and in MESH_STAGES, before anything starts", async () => {
    await using home = createMeshHome();
    const flags = await home.run(["run", script("plain"), "-s", "300ms:2", "--stage", "200ms:0,x"]);
    expect(flags.code).toBe(104);
    expect(flags.stderr).toContain('--stage[2]: must be a duration and a number of VUs, but is "x"');
    const env = await home.run(["run", script("plain")], { env: { MESH_STAGES: "300ms:2, 200ms:0" } });
    expect(env.code).toBe(104);
    expect(env.stderr).toContain("--stage: must last at least 1s together, but last 500ms");
  });
});
