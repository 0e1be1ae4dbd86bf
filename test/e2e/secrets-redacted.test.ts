/**
 * A canary: a script lets its secret slip in every way we could think of, and then it is found nowhere: not on the
 * terminal, in no event and no report, in no file of the server, and in no stream.
 */
import { expect, it } from "vitest";
import { REDACTED } from "../../src/domain/redaction.ts";
import { startCountingTarget } from "../support/counting-target.ts";
import { createMeshHome, withoutProcesses } from "../support/run-mesh.ts";
import { createScriptFolder } from "../support/scripts.ts";
import { everythingBelow } from "../support/stores.ts";

const SECRET = "canary/7f3a+91c2 ==0e";

const SCRIPT = `
import { abort, check, Counter, group, http, secrets } from "loadmesh";
const slips = new Counter("slips");
export const options = { scenarios: { s: { executor: "per-vu-iterations", vus: 1, iterations: 8 } } };
export const setup = async () => ({ token: await secrets.get("TOKEN"), length: (await secrets.get("TOKEN")).length });
const ways = [
  async (s) => { console.log("log", s, JSON.stringify({ s }), encodeURIComponent(s), btoa("user:" + s)); console.error(s); },
  async (s) => { throw new Error("thrown " + s, { cause: new Error(s) }); },
  async (s) => { throw { toString: () => s, token: s }; },
  async (s) => { await http.get(__ENV.TARGET_URL + "/" + encodeURIComponent(s) + "?q=" + encodeURIComponent(s)); },
  async (s) => { await http.get("http://127.0.0.1:1/" + s, { headers: { "X-Token": s }, tags: { [s]: s, name: s } }); },
  async (s) => { check(1, { ["checked " + s]: () => true }, { t: s }); slips.add(1, { t: s }); slips.add(s); },
  async (s) => { await group("group " + s, async () => { await http.get("http://" + s + "/"); }); },
  async (s) => { setTimeout(() => { throw new Error("stray " + s); }); Promise.reject(new Error("rejected " + s)); abort("aborted " + s); },
];
export default async function () {
  const s = await secrets.get("TOKEN");
  if (s.length !== ${SECRET.length}) throw new Error("it is not whole");
  await ways[__ITER](s);
}
export const teardown = async () => { throw new Error("teardown " + (await secrets.get("TOKEN"))); };
export const handleSummary = async () => ({ stdout: "summary " + (await secrets.get("TOKEN")) });
`;

const CRASH = `
import { secrets } from "loadmesh";
export default async function () {
  console.error("last words: " + (await secrets.get("TOKEN")));
  process.exit(7);
}`;

const forms = [
  SECRET,
  encodeURIComponent(SECRET),
  encodeURI(SECRET),
  btoa(SECRET),
  btoa("user:" + SECRET).slice(7),
];

function expectNone(text: string, where: string): void {
  for (const form of forms) expect(text.includes(form.replace(/=+$/, "")), `${form} in ${where}`).toBe(false);
}

it("a secret that its script lets slip in every way is found nowhere", async () => {
  await using target = await startCountingTarget();
  await using home = createMeshHome();
  using folder = createScriptFolder();
  const env = { MESH_TEST_CANARY: SECRET };
  const flags = ["--secret", "TOKEN=env:MESH_TEST_CANARY", "--env", `TARGET_URL=${target.url}`];
  for (const [name, text] of Object.entries({ "slips.ts": SCRIPT, "crash.ts": CRASH })) {
    const done = await home.run(["run", folder.write(name, text), ...flags], { env });
    const told = done.stdout + done.stderr;
    expect(done.code, told).toBe(name === "crash.ts" ? 112 : 108);
    expect(told).toContain(REDACTED);
    expect(told.includes("setup() returned a secret")).toBe(name === "slips.ts");
    expectNone(told, `the output of ${name}`);
    const events = await home.run(["events", "last", "--json"]);
    expect(events.stdout).toContain('"TOKEN"');
    expectNone(events.stdout, `the events of ${name}`);
  }
  // The request did carry it.
  expect(Object.keys((await target.stats()).paths)).toContain(`/${encodeURIComponent(SECRET)}`);
  const sql = await home.run(["sql", "SELECT * FROM series"]);
  expectNone(sql.stdout, "ClickHouse");
  // The servers write until they end, a moment after the last command.
  expect(await withoutProcesses(home.folder, 10_000)).toEqual([]);
  expectNone(everythingBelow(home.folder), "the files of MESH_HOME");
});
