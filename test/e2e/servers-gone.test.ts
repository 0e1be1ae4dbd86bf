/** Variables in place of flags, and a role whose embedded servers go away: it ends, and its exit code says so. */
import { expect, it } from "vitest";
import { createMeshHome } from "../support/run-mesh.ts";

it("a role ends with 111 and the reason when its servers are taken away", async () => {
  await using home = createMeshHome();
  const root = home.start(["root"]);
  await root.stderr.line(/leading, epoch \d+/, 20_000);
  const runs = await home.run(["runs"], { env: { MESH_JSON: "1" } });
  expect(JSON.parse(runs.stdout)).toEqual([]);
  expect((await home.run(["down"])).code).toBe(0);
  const exit = await root.exit(15_000);
  expect(exit.code, exit.stderr).toBe(111);
  expect(exit.stderr).toMatch(/^mesh: .*(keeper|servers)/m);
});
