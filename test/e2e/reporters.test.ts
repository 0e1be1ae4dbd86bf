/** Reports of one real run, all at once: on the screen as GitHub Actions sees it, and in files; and those of no run. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SummaryDocument } from "../../src/domain/summary/document.ts";
import { startCountingTarget, type CountingTarget } from "../support/counting-target.ts";
import { createMeshHome, type MeshExit, type MeshHome } from "../support/run-mesh.ts";
import { createScriptFolder, script, type ScriptFolder } from "../support/scripts.ts";
import { readXml } from "../support/strict-xml.ts";

let target: CountingTarget;
let home: MeshHome;
let files: ScriptFolder;

beforeAll(async () => {
  target = await startCountingTarget();
  home = createMeshHome();
  files = createScriptFolder();
});

afterAll(async () => {
  files[Symbol.dispose]();
  await home.dispose();
  await target.stop();
});

const run = (args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<MeshExit> =>
  home.run(["run", ...args, "--no-history", "--env", `TARGET_URL=${target.url}`], { cwd: files.folder, env });
const read = (file: string) => readFileSync(join(files.folder, file), "utf8");
const linesOf = (text: string) => text.trimEnd().split("\n");

describe("a run with several reporters", () => {
  const names = ["json=out/s.json", "ndjson=out/run.ndjson", "junit=out/junit.xml", "agent=out/agent.txt"];
  let exit: MeshExit;
  let document: SummaryDocument & { readonly schemaVersion: number };
  beforeAll(async () => {
    const args = names.flatMap((name) => ["--reporter", name]);
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: join(files.folder, "step.md") };
    exit = await run([...args, script("crossed")], env);
    document = JSON.parse(read("out/s.json")) as typeof document;
  });

  it("exits as the run does and writes the document with its version", () => {
    expect(exit.code, exit.stderr).toBe(99);
    expect(document).toMatchObject({ schemaVersion: 1, outcome: "failed", exitCode: 99 });
    expect(exit.stderr).not.toContain("could not write");
  });

  it("shows people and GitHub what they read on stdout, with commands for this very run", () => {
    const [summary = "", commands = ""] = exit.stdout.split(/^(?=::)/m);
    expect(summary).toContain("✗ 'rate<0.5' rate=100.00%, limit <50.00%");
    expect(summary).toContain(`\n    mesh events ${document.run}`);
    expect(summary).not.toContain("\u001b");
    expect(commands).toMatch(/^::error title=mesh failed \(exit 99\)::thresholds failed: /);
    expect(exit.stdout).toContain("::error title=threshold http_req_failed::rate<0.5: rate=100.00%25");
    expect(linesOf(exit.stdout).at(-1)).toMatch(/^::notice title=mesh failed::crossed\.ts: requests 20,/);
    expect(read("step.md")).toContain(
      "| ❌ | http\\_req\\_failed | rate&lt;0.5 | rate=100.00% | &lt;50.00% |",
    );
  });

  it("writes the log as NDJSON: every event, every window, and the same summary", () => {
    const lines = linesOf(read("out/run.ndjson")).map((line) => JSON.parse(line) as Record<string, unknown>);
    const ofType = (type: string) => lines.filter((line) => line["type"] === type);
    const events = ofType("event").map(({ event }) => event);
    expect([events[0], events.at(-1)]).toEqual(["RunPlanned", "VerdictGiven"]);
    const requests = ofType("window").reduce((sum, line) => sum + (line["requests"] as number), 0);
    expect(requests).toBe(document.metrics["http_reqs"]?.values["count"]);
    const { type, ...summary } = lines.at(-1) as { type: string };
    expect([type, summary]).toEqual(["summary", document]);
  });

  it("writes JUnit that an XML parser reads, with each threshold as a case", () => {
    const { attributes, children } = readXml(read("out/junit.xml"));
    const cases = children[0]?.children.filter(({ name }) => name === "testcase") ?? [];
    const failed = cases.filter((each) => each.children.length > 0).map((each) => each.attributes["name"]);
    expect(attributes["tests"]).toBe(String(cases.length));
    expect(failed).toEqual(["http_req_failed: rate<0.5"]);
    expect(cases.at(-1)?.attributes).toMatchObject({ classname: "crossed.ts", name: "run" });
  });

  it("tells an agent in a few lines", () => {
    const lines = linesOf(read("out/agent.txt"));
    expect(lines.slice(0, 3)).toEqual(["outcome: failed", "exit: 99", `run: ${document.run}`]);
    expect(lines).toContain("threshold failed: http_req_failed rate<0.5 (rate=100.00%, limit <50.00%)");
    expect(lines.length).toBeLessThanOrEqual(15);
  });
});

describe("a run that an AI agent makes", () => {
  it("says a few lines on stdout and nothing of its progress", async () => {
    const { code, stderr, stdout } = await run([script("plain"), "--iterations", "5"], { CLAUDECODE: "1" });
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^outcome: passed\nexit: 0\nrun: \S+\nscript: plain\.ts\nfigures: requests 5, /);
    expect(stderr).not.toMatch(/iterations=|started:/);
  });
});

describe("a run that never was", () => {
  it("is an error in JUnit, and an object where JSON was asked for", async () => {
    const file = files.write("typo.ts", "export default () => (;");
    const exit = await run([file, "--reporter", "json", "--reporter", "junit=never.xml"]);
    expect(exit.code, exit.stderr).toBe(104);
    expect(JSON.parse(exit.stdout)).toMatchObject({ error: { exit: 104 } });
    expect(readXml(read("never.xml")).attributes).toMatchObject({ tests: "1", errors: "1" });
  });

  it("ends with 2 for reporters that there are not or that share a place, and writes nothing", async () => {
    const [unknown, both, json] = await Promise.all([
      run([script("plain"), "--reporter", "junitt=x.xml"]),
      run([script("plain"), "--reporter", "junit", "--reporter", "ndjson"]),
      run([script("plain"), "--json", "--reporter", "agent"]),
    ]);
    expect([unknown.code, both.code, json.code]).toEqual([2, 2, 2]);
    expect(unknown.stderr).toContain(`there is no reporter "junitt"; did you mean junit?`);
    expect(both.stderr).toContain("--reporter junit and --reporter ndjson would all write to stdout");
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: "Usage", exit: 2 } });
    expect(existsSync(join(files.folder, "x.xml"))).toBe(false);
  });
});
