import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Bundle } from "../../../src/bundle/artifact.ts";
import { bundleScript } from "../../../src/bundle/bundle.ts";
import { exampleTargetOf, startExampleTarget } from "../../../src/bundle/example-target.ts";
import { inspectScript } from "../../../src/bundle/inspect-script.ts";
import { ScriptError } from "../../../src/bundle/script-error.ts";
import { bundleText, writeFiles } from "./worker-bench.ts";

describe("an inspection", () => {
  it("reads options, exported functions and the script's own metrics, with the --env values", async () => {
    const bundle = await bundleText(`
      import { Counter, Trend } from "loadmesh";
      export const made = new Counter("made");
      const took = new Trend("took", true);
      export const options = { vus: Number(__ENV.VUS), gone: undefined };
      export default () => {};
      export const order = async () => {};
      setInterval(() => {}, 1000);`);
    const found = await inspectScript(bundle, { env: { VUS: "3" }, seed: 1 });
    expect(found).toEqual({
      options: { vus: 3 },
      exports: ["default", "order"],
      metrics: [
        { name: "made", kind: "counter" },
        { name: "took", kind: "trend" },
      ],
      files: [],
    });
  });

  it.each(["commonjs", "module"])(
    "finds http as the default export, as in k6, in a package of type %s",
    async (type) => {
      const files = {
        "package.json": JSON.stringify({ type }),
        "script.js": `
        import http, { check } from "loadmesh";
        export const options = { tags: { seen: [http.get, http.batch, check].map((each) => typeof each).join() } };
        export default () => {};`,
      };
      const bundle = await bundleScript(join(writeFiles(files), "script.js"));
      const found = await inspectScript(bundle as Bundle, { env: {}, seed: 1 });
      expect(found).toMatchObject({ options: { tags: { seen: "function,function,function" } } });
    },
  );

  it("gives the script none of this process's environment", async () => {
    process.env["MESH_TEST_SECRET"] = "hidden";
    const bundle = await bundleText(
      `export const options = { tags: { seen: Object.keys(process.env).join() } };`,
    );
    const found = await inspectScript(bundle, { env: {}, seed: 1 });
    delete process.env["MESH_TEST_SECRET"];
    expect(found).toMatchObject({ options: { tags: { seen: expect.not.stringContaining("SECRET") } } });
  });

  it.each([
    ["a throw", `const a = 1;\nthrow new TypeError("no " + a);`, { reason: "threw", line: 2, column: 7 }],
    [
      "a request",
      `import { check } from "loadmesh";\ncheck(1, {});`,
      { reason: "threw", line: 2, column: 1 },
    ],
    ["options that are no JSON", `export const options = { a: () => 1 };`, { reason: "options" }],
    [
      "process.exit",
      `process.exit(4);`,
      { reason: "no-answer", message: "module scope called process.exit(4)" },
    ],
  ])("tells %s with its place", async (_what, text, expected) => {
    const found = await inspectScript(await bundleText(text), { env: {}, seed: 1 });
    expect(found).toBeInstanceOf(ScriptError);
    expect(found).toMatchObject(expected);
  });

  it("gives what module scope read, each file once, and tells what it could not read with its place", async () => {
    const inspected = async (text: string) => {
      const folder = writeFiles({ "script.ts": text, "a.csv": "name\nada\n", "bad.json": "[1,\n 2" });
      const bundle = await bundleScript(join(folder, "script.ts"));
      if (bundle instanceof ScriptError) throw new Error(bundle.message);
      return { folder, found: await inspectScript(bundle, { env: {}, seed: 1 }) };
    };
    const { found } = await inspected(
      `import { dataFile } from "loadmesh";\nopen("a.csv"); dataFile("./a.csv"); open("./bad.json", "b");`,
    );
    const files = (found as unknown as { files: { name: string; bytes: Uint8Array }[] }).files;
    expect(files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()])).toEqual([
      ["a.csv", "name\nada\n"],
      ["bad.json", "[1,\n 2"],
    ]);
    const bad = await inspected(`import { dataFile } from "loadmesh";\n\ndataFile("bad.json");`);
    expect(bad.found).toMatchObject({
      reason: "data-file",
      file: join(bad.folder, "bad.json"),
      line: 2,
      column: 3,
    });
    const none = await inspected(`const users =\n  open("../none.txt");\nexport default users;`);
    expect(none.found).toMatchObject({ reason: "data-file", line: 2, column: 3 });
    expect((none.found as ScriptError).message).toContain(
      '"../none.txt": there is no such file (looked for /',
    );
    const folder = await inspected(`open(".");`);
    expect(folder.found).toMatchObject({ reason: "data-file", message: '"." is a directory, not a file' });
    const huge = await inspected(`open("/dev/zero");`);
    expect(huge.found).toMatchObject({ message: '"/dev/zero" is no regular file, not a file' });
  });

  it("ends a module scope that never ends", async () => {
    const found = await inspectScript(await bundleText(`for (;;);`), { env: {}, seed: 1 }, 500);
    expect(found).toMatchObject({ reason: "no-answer", message: "module scope did not end within 0.5 s" });
  });
});

describe("an example's own target", () => {
  const target = `
    console.log("http://127.0.0.1:1234/");
    process.stdin.resume().once("end", () => process.exit(0));`;

  it("is started, gives its URL, and is gone when stopped", async () => {
    const directory = writeFiles({ "target.ts": target, "script.ts": "" });
    const started = await startExampleTarget(join(directory, "script.ts"), "target.ts");
    if (started instanceof ScriptError) throw new Error(started.message);
    expect(started.url).toBe("http://127.0.0.1:1234");
    await started.stop();
    expect(() => process.kill(started.pid, 0)).toThrow();
    await started.stop();
  });

  it("is started as compiled when it comes in an installed package, where Node strips no types", async () => {
    const directory = join(writeFiles({}), "node_modules/shop");
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "target.ts"), `const typed: string = "";\n${target}`);
    writeFileSync(join(directory, "target.js"), target.replace("1234", "4321"));
    const started = await startExampleTarget(join(directory, "script.ts"), "target.ts");
    if (started instanceof ScriptError) throw new Error(`${started.message}\n${started.stack}`);
    await started.stop();
    expect(started.url).toBe("http://127.0.0.1:4321");
  });

  it.each([
    [
      "prints no URL",
      `console.log("hello"); process.stdin.resume().once("end", () => process.exit(0));`,
      /printed "hello"/,
    ],
    [
      "ends early",
      `console.error("oops"); process.exit(2);`,
      /ended before it printed its URL \(exit code 2\)/,
    ],
  ])("that %s is told", async (_what, text, message) => {
    const directory = writeFiles({ "script.ts": "" });
    writeFileSync(join(directory, "target.ts"), text);
    const started = await startExampleTarget(join(directory, "script.ts"), "target.ts");
    expect(started).toBeInstanceOf(ScriptError);
    expect((started as ScriptError).message).toMatch(message);
  });

  it("is named by the options, or not at all", async () => {
    expect(exampleTargetOf({ ext: { mesh: { target: "a.ts" } } })).toBe("a.ts");
    expect(exampleTargetOf({ ext: { mesh: { target: 7 } } })).toBeUndefined();
    expect(exampleTargetOf(undefined)).toBeUndefined();
    const missing = await startExampleTarget("/nowhere/script.ts", "a.ts");
    expect(missing).toMatchObject({
      reason: "options",
      message: expect.stringContaining("there is no file /nowhere/a.ts"),
    });
  });
});
