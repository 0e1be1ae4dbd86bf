/** Data files: what module scope reads travels with the script, and its rows are dealt out over the whole mesh. */
import { connect } from "@nats-io/transport-node";
import { jetstream } from "@nats-io/jetstream";
import { Objm } from "@nats-io/obj";
import { expect, it } from "vitest";
import { sha256Hex } from "../../src/bundle/artifact.ts";
import { startCountingTarget } from "../support/counting-target.ts";
import { createScriptFolder } from "../support/scripts.ts";
import { startSeparateMesh } from "./separate-mesh.ts";

const ROWS = Array.from({ length: 40 }, (_, index) => `user-${index}`);
const CSV = `name\n${ROWS.join("\n")}\n`;
const SCRIPT = `
  import { dataFile, http } from "loadmesh";
  const users = dataFile("data/users.csv");
  const logo = open("./data/logo.bin", "b");
  export const options = { vus: 6, iterations: users.length };
  export default () =>
    http.post(__ENV.TARGET_URL + "/" + users.unique().name + "/" + users.forVu().name, logo, { tags: { name: "n" } });`;

/** Names of the objects in the hub's store of bundles. */
async function storedIn(url: string): Promise<readonly string[]> {
  const connection = await connect({ servers: url });
  try {
    const store = await new Objm(jetstream(connection)).open("mesh-bundles");
    return (await store.list()).map(({ name }) => name);
  } finally {
    await connection.close();
  }
}

it("each row is used by one iteration of the whole mesh, each VU has its own, and files go with their last run", async () => {
  await using target = await startCountingTarget();
  await using mesh = await startSeparateMesh({ a: ["a1", "a2"], b: ["b1"] });
  using folder = createScriptFolder();
  folder.write("data/users.csv", CSV);
  folder.write("data/logo.bin", "\u0000\u0001");
  const script = folder.write("s.ts", SCRIPT);
  const run = () =>
    mesh.home.run([
      "run",
      script,
      "--zones",
      "a=2,b",
      "--agents",
      "3",
      "--env",
      `TARGET_URL=${target.url}`,
      ...mesh.where,
    ]);
  const first = await run();
  expect(first.code, first.stderr).toBe(0);
  const { paths } = await target.stats();
  const used = Object.keys(paths).map((path) => path.split("/"));
  expect(used).toHaveLength(ROWS.length);
  expect(new Set(used.map(([, unique]) => unique))).toEqual(new Set(ROWS));
  expect(new Set(used.map(([, , own]) => own))).toEqual(new Set(ROWS.slice(0, 6)));
  expect(Object.values(paths).every((count) => count === 1)).toBe(true);

  const second = await run();
  expect(second.code, second.stderr).toBe(0);
  const file = `file/${sha256Hex(new TextEncoder().encode(CSV))}`;
  const remove = () => mesh.home.run(["runs", "rm", "last", ...mesh.where]);
  expect((await remove()).code).toBe(0);
  expect(await storedIn(mesh.nats.url)).toContain(file);
  expect((await remove()).code).toBe(0);
  await expect.poll(() => storedIn(mesh.nats.url), { timeout: 5_000 }).not.toContain(file);
});
