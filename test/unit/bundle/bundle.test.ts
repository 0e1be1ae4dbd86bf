import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type Bundle, sha256Hex } from "../../../src/bundle/artifact.ts";
import { decodeArtifact } from "../../../src/engine/artifact.ts";
import { bundleScript } from "../../../src/bundle/bundle.ts";
import { ScriptError } from "../../../src/bundle/script-error.ts";

function write(files: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "mesh-bundle-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return directory;
}

async function bundled(files: Readonly<Record<string, string>>): Promise<Bundle> {
  const result = await bundleScript(join(write(files), "script.ts"));
  if (result instanceof ScriptError) throw new Error(`${result.place}: ${result.message}`);
  return result;
}

async function refused(files: Readonly<Record<string, string>>): Promise<ScriptError> {
  const result = await bundleScript(join(write(files), "script.ts"));
  if (!(result instanceof ScriptError)) throw new Error("it was bundled");
  return result;
}

const left = {
  "node_modules/left/package.json": `{"name":"left","version":"1.0.0","type":"module","exports":"./index.js"}`,
  "node_modules/left/index.js": `import { EOL } from "node:os"; import "fs"; export const left = (text) => text + EOL;`,
};

const project = {
  ...left,
  "script.ts": `
    import { http } from "loadmesh";
    import { left } from "left";
    import { Kind } from "./kind";
    import users from "./users.json";
    import { aliased } from "@lib/aliased";
    export default async () => {
      const lazy = await import("./lazy");
      await http.get(left(Kind.A) + users[0] + aliased + lazy.lazy + __ITER + __VU);
    };`,
  "kind.ts": `export enum Kind { A = "a" }`,
  "lazy.ts": `export const lazy = 1;`,
  "users.json": `["ada"]`,
  "lib/aliased.ts": `export const aliased = "x";`,
  "tsconfig.json": `{"compilerOptions":{"paths":{"@lib/*":["./lib/*"]}}}`,
};

describe("a bundle", () => {
  it("is byte for byte the same from any directory, and named by its hash", async () => {
    const one = await bundled(project);
    const two = await bundled(project);
    expect(Buffer.from(one.bytes).equals(two.bytes)).toBe(true);
    expect(one.sha256).toBe(sha256Hex(two.bytes));
    expect(Buffer.from(one.bytes).toString()).not.toContain(tmpdir());
  });

  it("holds the user's modules and the packages apart, and leaves loadmesh out", async () => {
    const { script, packages } = decodeArtifact((await bundled(project)).bytes);
    expect(Object.keys(packages)).toEqual(["packages.js"]);
    expect(packages["packages.js"]).toContain("EOL");
    expect(script["script.js"]).not.toContain("EOL");
    expect(script["script.js"]).toContain(`require("loadmesh")`);
    expect(script["script.js"]).toContain("__mesh.iteration");
  });

  it("gives a package that imports loadmesh to each VU", async () => {
    const { script, packages } = decodeArtifact(
      (
        await bundled({
          "node_modules/flows/package.json": `{"name":"flows","version":"1.0.0","type":"module","exports":"./index.js"}`,
          "node_modules/flows/index.js": `import { http } from "loadmesh"; export const flow = () => http.get("x");`,
          "script.ts": `import { flow } from "flows"; export default flow;`,
        })
      ).bytes,
    );
    expect(Object.values(packages).join("")).not.toContain("loadmesh");
    expect(Object.values(script).join("")).toContain(`http.get("x")`);
  });
});

describe("a script that cannot be bundled", () => {
  it("is told its syntax error with line, column and frame", async () => {
    const error = await refused({ "script.ts": "export default () => {\n  const a = ;\n};\n" });
    expect(error).toMatchObject({ reason: "syntax", message: "Unexpected token", line: 2, column: 13 });
    expect(error.frame).toBe(
      "  1 | export default () => {\n> 2 |   const a = ;\n    |             ^\n  3 | };",
    );
  });

  it.each([
    [
      "a missing module",
      `import { a } from "./nowhere";\nexport default () => a;`,
      "import",
      "./nowhere",
      1,
      19,
    ],
    [
      "a missing export",
      `import { a } from "./other";\nexport default () => a;`,
      "import",
      `"a" is not exported`,
      1,
      10,
    ],
    [
      "k6's own modules",
      `\nimport http from "k6/http";\nexport default () => http;`,
      "import",
      "k6's own module",
      2,
      18,
    ],
    [
      "top-level await",
      `await Promise.resolve();\nexport default () => {};`,
      "top-level-await",
      "top-level await",
      1,
      1,
    ],
    [
      "fs",
      `import { readFileSync } from "node:fs";\nexport default readFileSync;`,
      "local-files",
      "reads local files",
      1,
      30,
    ],
    [
      "a module of the web",
      `import { a } from "https://jslib.k6.io/a.js";\nexport default () => a;`,
      "import",
      "nothing is imported from the web",
      1,
      19,
    ],
    [
      "fs by require",
      `const fs = require("fs");\nexport default () => fs;`,
      "local-files",
      "reads local files",
      1,
      20,
    ],
  ])("is told of %s with its place", async (_what, text, reason, message, line, column) => {
    const error = await refused({ "script.ts": text, "other.ts": "export const b = 1;" });
    expect(error).toMatchObject({ reason, line, column });
    expect(error.message).toContain(message);
    expect(error.place).toMatch(/script\.ts:\d+:\d+$/);
  });

  it.each([
    ["k6/http", /import http from "loadmesh".*await each request/],
    ["k6", /check, fail, group, sleep/],
    ["k6/experimental/websockets", /no WebSocket client yet/],
    ["k6/x/sql", /Extensions of k6 are Go/],
    ["k6/new", /Everything is exported by "loadmesh"/],
  ])("is told what to write instead of importing %s", async (specifier, hint) => {
    const error = await refused({ "script.ts": `import "${specifier}";\nexport default () => {};` });
    expect(error.hint).toMatch(hint);
  });

  it("is told each name that loadmesh does not export, in all of its own modules", async () => {
    const error = await refused({
      ...left,
      "script.ts": `import { htpp, chek as c, check, type Nothing, Options, Optoins, default as d } from "loadmesh";
import type { AlsoNothing } from "loadmesh";
import http, * as mesh from "loadmesh";
import { left } from "left";
import { x } from "./lib/other.js";
export { "slep" as nap, sleep, type Nil } from "loadmesh";
export const options: Options & Optoins = [d, check, mesh, left, http, x] as AlsoNothing;
export default () => c(htpp);`,
      "lib/other.js": `import { zzz, defineConfig } from "loadmesh";\nexport const x = [zzz, defineConfig];`,
    });
    const all = [error, ...error.more].map(({ place, message }) => [
      place.replace(/^.*\/mesh-bundle-[^/]*\//, ""),
      message,
    ]);
    expect(all).toEqual([
      ["script.ts:1:10", "loadmesh exports no `htpp`; did you mean `http`?"],
      ["script.ts:1:16", "loadmesh exports no `chek`; did you mean `check`?"],
      ["script.ts:1:57", "loadmesh exports no `Optoins`; did you mean `Options`?"],
      ["script.ts:6:10", "loadmesh exports no `slep`; did you mean `sleep`?"],
      ["lib/other.js:1:10", "loadmesh exports no `zzz`"],
      ["lib/other.js:1:15", "loadmesh exports no `defineConfig` to scripts"],
    ]);
    expect(error.reason).toBe("import");
    expect(error.frame).toContain("> 1 | import { htpp, chek");
    expect(error.more[3]?.hint).toMatch(/^It exports http, check, .*, uuidv4, and types\.$/);
  });

  it("is told its syntax error where it imports loadmesh, too", async () => {
    const error = await refused({ "script.ts": `import { htpp } from "loadmesh";\nconst a = ;` });
    expect(error).toMatchObject({ reason: "syntax", line: 2, column: 11 });
  });

  it("is told each package that is not there, and how to install it", async () => {
    const error = await refused({
      "node_modules/bold/package.json": `{"name":"bold","version":"1.0.0"}`,
      "script.ts": `import _ from "lodahs";
import sub from "@scope/name/sub.js";
import gone from "bold/gone.js";
import "#inner";
import "./other";
export default async () => [_, sub, gone, await import("lazy")];`,
      "other.ts": `const x = require("required");\nexport default x;`,
    });
    const all = [error, ...error.more];
    expect(
      all.map(({ file, line, column, message, hint }) => [
        `${file.replace(/^.*\//, "")}:${line}:${column}`,
        message.replace(/^.* import /, ""),
        hint,
      ]),
    ).toEqual([
      ["script.ts:1:15", '"lodahs"', "Install it beside the script: npm install lodahs"],
      [
        "script.ts:2:17",
        '"@scope/name/sub.js"',
        "Check the path, or install the package beside the script: npm install @scope/name",
      ],
      [
        "script.ts:3:18",
        '"bold/gone.js"',
        "Check the path, or install the package beside the script: npm install bold",
      ],
      ["script.ts:4:8", '"#inner"', 'Check "paths" in tsconfig.json, or "imports" in package.json.'],
      ["script.ts:6:56", '"lazy"', "Install it beside the script: npm install lazy"],
      ["other.ts:1:19", '"required"', "Install it beside the script: npm install required"],
    ]);
    expect(all.every(({ reason, frame }) => reason === "import" && frame.includes("^"))).toBe(true);
  });

  it("may import packages that try out what is not there, and types of what is not there", async () => {
    const own = { "node_modules/bold/package.json": `{"name":"bold","version":"1.0.0"}` };
    const { script } = decodeArtifact(
      (
        await bundled({
          ...own,
          "node_modules/bold/index.js": `const x = require("not-there"); module.exports = () => x;`,
          "script.ts": `import bold from "bold";
import type { A } from "only-types";
import { B } from "types-without-the-word";
let mine; try { mine = require("optional"); } catch {}
export default (): A | B => bold(mine);`,
        })
      ).bytes,
    );
    expect(script["script.js"]).toContain(`require("optional")`);
  });

  it("is told when it does not exist", async () => {
    expect(await bundleScript("/nowhere/script.ts")).toMatchObject({
      reason: "not-found",
      file: "/nowhere/script.ts",
    });
  });
});
