/** `mesh plan` and `mesh bench --agent`: what a run would be, before there is one; no server, no request, nothing left. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { startCountingTarget } from "../support/counting-target.ts";
import { createMeshHome } from "../support/run-mesh.ts";
import { createScriptFolder, script } from "../support/scripts.ts";

const SHOP = `import { http } from "loadmesh";
export const options = {
  scenarios: {
    browse: { executor: "constant-vus", vus: 6, duration: "20s", exec: "browse" },
    buy: { executor: "constant-arrival-rate", rate: 30, duration: "10s", startTime: "5s", preAllocatedVUs: 9 },
  },
};
export const browse = () => http.get(__ENV.TARGET_URL);
export default browse;
`;

describe("mesh plan", () => {
  it("shows what would run, where and when, and starts nothing", async () => {
    await using home = createMeshHome();
    await using target = await startCountingTarget();
    using files = createScriptFolder();
    const args = [
      "plan",
      files.write("shop.ts", SHOP),
      "--zones",
      "eu=2,us",
      "--env",
      `TARGET_URL=${target.url}`,
    ];
    const [shown, json, head] = await Promise.all([
      home.run(args, { env: { LANG: "C.UTF-8" } }),
      home.run([...args, "--json"]),
      home.run(args, { through: "| head -2" }),
    ]);
    expect([shown.code, shown.stderr, head.code, head.stderr]).toEqual([0, "", 0, ""]);
    expect(shown.stdout).toContain("2 scenarios: 20s, with gracefulStop at most 50s.");
    expect(shown.stdout).toMatch(/\n {4}browse {2}█{40,} {2}6\n/);
    expect(shown.stdout).toMatch(/\n {4}buy {5} +█{20,} +30\/s\n/);
    expect(shown.stdout).toMatch(/\n {4}eu +2 +1 +10 +20\/s +200\n/);
    expect(shown.stdout).toContain("mesh bench");
    const { capacity, forecast, plan } = JSON.parse(json.stdout) as Record<
      string,
      Record<string, unknown> | null
    >;
    expect(plan).toMatchObject({ script: "shop.ts", env: ["TARGET_URL"], agents: 2 });
    expect(json.stdout).not.toContain(target.url);
    expect(forecast).toMatchObject({ durationMs: 20_000, iterations: 300, vusMax: 15 });
    expect(capacity).toBeNull();
    expect((await target.stats()).total).toBe(0);
    expect(existsSync(home.folder) ? readdirSync(home.folder) : []).toEqual([]);
  });

  it("refuses what mesh run refuses, in the same words and at the same places", async () => {
    await using home = createMeshHome();
    using files = createScriptFolder();
    const text = SHOP.replace("rate: 30", "rate: 0.5").replace("vus: 6", 'vus: "six"');
    const args = [files.write("shop.ts", text), "--agents", "1", "--zones", "eu,us"];
    const [planned, ran] = await Promise.all([home.run(["plan", ...args]), home.run(["run", ...args])]);
    expect(planned.code, planned.stderr).toBe(104);
    expect(planned.stderr).toMatch(/has 3 problems .*\n.*shop\.ts:4:41 options\.scenarios\.browse\.vus: /);
    expect(planned.stderr).toMatch(/shop\.ts:5:47 options\.scenarios\.buy\.rate: .*\n {2}agents: /);
    expect([ran.code, ran.stderr]).toEqual([planned.code, planned.stderr]);
  });
});

describe("mesh bench --agent", () => {
  it("measures this machine, and mesh plan counts agents by it", async () => {
    await using home = createMeshHome();
    const bench = await home.run(["bench", "--agent", "--seconds", "1", "--json"]);
    expect(bench.code, bench.stderr).toBe(0);
    const { capacity, file } = JSON.parse(bench.stdout) as {
      capacity: { perCore: { closedPerSecond: number }; memory: { vuBytes: number } };
      file: string;
    };
    expect(capacity.perCore.closedPerSecond).toBeGreaterThan(0);
    expect(capacity.memory.vuBytes).toBeGreaterThan(0);
    expect([file, (statSync(file).mode & 0o777).toString(8)]).toEqual([
      join(home.folder, "capacity.json"),
      "644",
    ]);
    const load = ["--vus", "5", "--duration", "9s", "--json"];
    const { code, stdout } = await home.run(["plan", script("plain"), ...load]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ capacity, need: { agents: 1 } });
  });

  it("says what it needs when it is not told what to measure", async () => {
    await using home = createMeshHome();
    const { code, stderr } = await home.run(["bench"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("mesh bench needs --agent")]);
  });
});
