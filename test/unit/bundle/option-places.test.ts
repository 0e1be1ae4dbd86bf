/** Where options stand in a script: literals, names that stand for literals, spreads, and what cannot be known. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { optionPlaces } from "../../../src/bundle/option-places.ts";

async function placesOf(text: string, paths: readonly string[], name = "script.ts") {
  const folder = mkdtempSync(join(tmpdir(), "mesh-places-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, name), text);
  const places = await optionPlaces(join(folder, name));
  return paths.map(places);
}

describe("the place of an option", () => {
  it("is that of its key, however deep", async () => {
    const text = `import type { Options } from "loadmesh";
// Käse: letters that are two bytes long are one column wide
export const options: Options = {
  scenarios: {
    "a b": { executor: "x", tags: { "ü": 1 as never }, rate: -1 },
  },
  thresholds: {
    'http_req_duration{scenario:"a"}': ["p95<3", { threshold: "oops" }],
  },
} satisfies Options;
`;
    const paths = [
      "options",
      "options.scenarios",
      'options.scenarios["a b"].tags["ü"]',
      'options.scenarios["a b"].rate',
      'options.thresholds["http_req_duration{scenario:\\"a\\"}"][0]',
      'options.thresholds["http_req_duration{scenario:\\"a\\"}"][1].threshold',
    ];
    expect(await placesOf(text, paths)).toEqual(["3:14", "4:3", "5:37", "5:56", "8:41", "8:52"]);
  });

  it("is that of the object where an option is missing", async () => {
    const text = `export const options = {\n  scenarios: {\n    a: { executor: "constant-vus" },\n  },\n};\n`;
    expect(await placesOf(text, ["options.scenarios.a.duration", "options.scenarios.b"])).toEqual([
      "3:5",
      "2:3",
    ]);
  });

  it("is found behind names and spreads; the last of a name counts", async () => {
    const text = `const base = { vus: 0, tags: { a: "1" } };
const steady = { executor: "constant-vus", vus: -1 };
const load = { ...base, scenarios: { steady }, tags: { a: 1 }, ["com" + "puted"]: 1 };
export { load as options };
`;
    const paths = ["options.vus", "options.scenarios.steady.vus", "options.tags.a", "options.computed"];
    expect(await placesOf(text, paths)).toEqual(["1:16", "2:44", "3:56", "3:7"]);
  });

  it("is the nearest that is written down where the rest is computed", async () => {
    const text = `const again = again2;\nconst again2 = again;\nexport const options = { scenarios: make(), thresholds: again, tags: [...x, 1] };\n`;
    const paths = ["options.scenarios.a.rate", "options.thresholds.a", "options.tags[1]"];
    expect(await placesOf(text, paths)).toEqual(["3:26", "3:45", "3:64"]);
  });

  it("is found in JavaScript", async () => {
    const text = `export let options = {\n  vus: 'ten',\n};\nexport default function () { return a < b > (c); }\n`;
    expect(await placesOf(text, ["options.vus"], "script.js")).toEqual(["2:3"]);
  });

  it("is unknown for flags, for options of another module, and for a file that cannot be read", async () => {
    const text = `export { options } from "./other.ts";\n`;
    expect(await placesOf(text, ["options.vus", "--vus", "zones[0]", ""])).toEqual(Array(4).fill(undefined));
    const places = await optionPlaces("/nowhere/script.ts");
    expect(places("options.vus")).toBeUndefined();
  });
});
