/** What a person gets wrong: every time the right exit code, and a message that says what, where and what to do. */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { startCountingTarget } from "../support/counting-target.ts";
import { startNats } from "../support/nats.ts";
import { createMeshHome, type MeshHome } from "../support/run-mesh.ts";
import { createScriptFolder, script, type ScriptFolder } from "../support/scripts.ts";
import { balance, countOf, documentOf, expectNothingLeft } from "./documents.ts";

let files: ScriptFolder;
let home: MeshHome;
beforeAll(() => {
  files = createScriptFolder();
  home = createMeshHome();
});
afterEach(() => expectNothingLeft(home));
afterAll(async () => {
  files[Symbol.dispose]();
  await home.dispose();
});

const load = ["--iterations", "1"];

/** A port on loopback where nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("a script that cannot run", () => {
  it("ends with 104 and shows where its syntax is wrong", async () => {
    const file = files.write(
      "typo.ts",
      `import { http } from "loadmesh";\nexport default () => {\n  http.get(;\n};\n`,
    );
    const exit = await home.run(["run", file]);
    expect(exit.code, exit.stderr).toBe(104);
    expect(exit.stderr).toMatch(/^mesh: .*typo\.ts:3:12: \S/);
    expect(exit.stderr).toContain("> 3 |   http.get(;\n    |            ^");
    expect(exit.stdout).toBe("");
  });

  it("ends with 104 and shows an import that does not exist", async () => {
    const file = files.write("lost.ts", `import { x } from "./nowhere.ts";\nexport default () => x();\n`);
    const exit = await home.run(["run", file]);
    expect(exit.code, exit.stderr).toBe(104);
    expect(exit.stderr).toMatch(/^mesh: .*lost\.ts:1:\d+: .*nowhere/);
    expect(exit.stderr).toContain(`> 1 | import { x } from "./nowhere.ts";`);
    expect(exit.stderr).toContain("Check the path");
  });

  it("ends with 104 and the reason when it reads local files", async () => {
    const text = `import { readFileSync } from "node:fs";\nexport default () => readFileSync("data.csv");\n`;
    const exit = await home.run(["run", files.write("reader.ts", text)]);
    expect(exit.code, exit.stderr).toBe(104);
    expect(exit.stderr).toMatch(/^mesh: .*reader\.ts:1:\d+: .*(node:fs|files)/);
    expect(exit.stderr).toContain(`> 1 | import { readFileSync } from "node:fs";`);
  });

  it("ends with 104 and all that is wrong with its options at once", async () => {
    const file = files.write(
      "options.ts",
      `export const options = {
         scenarios: { a: { executor: "constant-vus", vus: 0, duration: "soon" }, b: { executor: "constnt-vus" } },
         thresholds: { http_req_duration: ["p95<300"] },
       };
       export default () => {};`,
    );
    const exit = await home.run(["run", file, "--json"]);
    expect(exit.code, exit.stderr).toBe(104);
    const { error } = JSON.parse(exit.stdout) as { error: { exit: number; message: string } };
    expect(error.exit).toBe(104);
    for (const place of ["scenarios.a.vus", "scenarios.a.duration", "scenarios.b.executor", "thresholds"]) {
      expect(error.message).toContain(place);
    }
    expect(error.message).toMatch(/has [4-9] problems in its options/);
    expect(error.message).toContain("constant-vus"); // what was meant by constnt-vus
  });

  it("ends with 107 and shows where its module scope threw", async () => {
    const text = `const one = 1;\n\nthrow new RangeError("not today");\nexport default () => one;\n`;
    const exit = await home.run(["run", files.write("throws.ts", text)]);
    expect(exit.code, exit.stderr).toBe(107);
    expect(exit.stderr).toMatch(/^mesh: .*throws\.ts:3:\d+: .*RangeError: not today/);
    expect(exit.stderr).toContain(`> 3 | throw new RangeError("not today");`);
  });

  it("ends with 104 when there is no such file", async () => {
    const exit = await home.run(["run", join(files.folder, "absent.ts")]);
    expect(exit.code, exit.stderr).toBe(104);
    expect(exit.stderr).toMatch(/absent\.ts: there is no such file/);
  });
});

describe("a command that is wrong", () => {
  it("ends with 2 for flags that do not exist and values that mean nothing", async () => {
    const [flag, zones, agents, env, missing] = await Promise.all([
      home.run(["run", script("plain"), "--vuss", "3"]),
      home.run(["run", script("plain"), "--zones", "a=b"]),
      home.run(["run", script("plain"), "--agents", "0"]),
      home.run(["run", script("plain"), "--env", "NOT_SET_ANYWHERE"]),
      home.run(["run"]),
    ]);
    expect([flag, zones, agents, env, missing].map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
    expect(flag.stderr).toContain("--vuss");
    expect(zones.stderr).toContain(`--zones: "a=b" is not a zone`);
    expect(env.stderr).toContain("--env NOT_SET_ANYWHERE has no value");
    expect(missing.stderr).toMatch(/needs SCRIPT/);
  });

  it("ends with 104 for load that no plan can have", async () => {
    const exit = await home.run(["run", script("plain"), "--vus", "-3", "--duration", "long"]);
    expect(exit.code, exit.stderr).toBe(104);
    expect(exit.stderr).toMatch(/2 problems in its options\n {2}--vus: .*\n {2}--duration: /);
  });
});

describe("a place that is not there", () => {
  it("ends with 111 for a NATS server that cannot be reached, and one that refuses the login", async () => {
    const port = await freePort();
    await using locked = await startNats({ config: `authorization { token: "open sesame" }` });
    const [away, refused, creds] = await Promise.all([
      home.run(["run", script("plain"), ...load, "--nats", `nats://127.0.0.1:${port}`]),
      home.run(["run", script("plain"), ...load, "--nats", locked.url]),
      home.run(["run", script("plain"), ...load, "--nats", locked.url, "--creds", "/nowhere/x.creds"]),
    ]);
    expect([away, refused, creds].map(({ code }) => code)).toEqual([111, 111, 111]);
    expect(away.stderr).toContain(`cannot reach a NATS server at nats://127.0.0.1:${port}`);
    expect(refused.stderr).toContain(`the NATS server at ${locked.url} refused the login`);
    expect(refused.stderr).toContain("--creds");
    expect(creds.stderr).toContain("cannot read the credentials file /nowhere/x.creds");
    for (const { stdout } of [away, refused, creds]) expect(stdout).toBe("");
  });

  it("ends with 111 when the port it was told to use is taken", async () => {
    await using busy = await startNats();
    const port = new URL(busy.url).port;
    const exit = await home.run(["run", script("plain"), ...load], { env: { MESH_NATS_PORT: port } });
    expect(exit.code, exit.stderr).toBe(111);
    expect(exit.stderr).toContain(port);
    expect(exit.stderr).toMatch(/in use|taken/);
    expect(exit.stderr).toContain("MESH_NATS_PORT");
  });

  it("ends with 111 for a state directory that cannot be written", async () => {
    const file = join(files.folder, "a-file");
    writeFileSync(file, "");
    // Root may write where modes forbid it: these two refuse even root.
    const homes = [join(file, "home"), file];
    const exits = await Promise.all(
      homes.map((path) => home.run(["run", script("plain"), ...load], { env: { MESH_HOME: path } })),
    );
    for (const [n, { code, stderr }] of exits.entries()) {
      expect(code, stderr).toBe(111);
      expect(stderr).toContain(`cannot create or write the directory ${homes[n]}`);
      expect(stderr).toContain("Set MESH_HOME to a directory that you can write to");
    }
  });
});

describe("a target that refuses connections", () => {
  it("is a measurement: the run passes with every request failed", async () => {
    const port = await freePort();
    const args = ["--vus", "2", "--iterations", "12", "--env", `TARGET_URL=http://127.0.0.1:${port}`];
    const exit = await home.run(["run", script("plain"), ...args, "--json"]);
    const document = documentOf(exit);
    expect(exit.code, exit.stderr).toBe(0);
    expect(document.metrics["http_req_failed"]?.values).toEqual({ rate: 1, passes: 12, fails: 0 });
    expect(countOf(document, "http_reqs")).toBe(12);
    expect(balance(document.ledger.total)).toBe(12);
    expect(document.ledger.total.completed).toBe(12);
  });
});

describe("a reader that leaves", () => {
  it("neither shortens the run nor changes its exit code, on stdout and on stderr", async () => {
    await using target = await startCountingTarget();
    const args = ["run", script("crossed"), "--env", `TARGET_URL=${target.url}`];
    const [out, told] = await Promise.all([
      home.run(args, { through: "| head -1" }),
      home.run(args, { through: "2>&1 >/dev/null | head -1" }),
    ]);
    expect(out.code, out.stderr).toBe(99);
    expect(out.stdout.split("\n")).toHaveLength(2);
    expect(told.code, told.stderr).toBe(99);
    expect(told.stdout.split("\n")).toHaveLength(2);
    expect((await target.stats()).total).toBe(40);
  });
});
