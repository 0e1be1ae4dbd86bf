/** The table of imports, held against every import statement of `src` and `streams`. */
import { describe, expect, it } from "vitest";
import { adapters, emptyNames, importTable, type ImportRule, withoutEffect } from "./import-table.ts";
import { type Import, importsOf, resolveImport, type SourceFile, sourceFiles } from "./source-files.ts";

const files = sourceFiles("src", "streams");
const byPath = new Map(files.map((file) => [file.path, file]));

const inside = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`);

/** The key of the rule for a path: the longest that matches. */
function ruleKey(path: string): string | undefined {
  return Object.keys(importTable)
    .filter((key) => inside(path, key))
    .toSorted((a, b) => b.length - a.length)[0];
}

/** What is wrong with one import, in words; undefined when nothing is. */
function fault(path: string, { specifier, typeOnly }: Import): string | undefined {
  const key = ruleKey(path);
  const rule = importTable[key ?? ""];
  if (key === undefined || rule === undefined)
    return `${path}: no rule for this folder in test/tidy/import-table.ts`;
  if (allowed(path, key, rule, { specifier, typeOnly })) return undefined;
  return `${path} imports ${specifier}${typeOnly ? " (type)" : ""}, which ${key} may not`;
}

function allowed(path: string, key: string, rule: ImportRule, { specifier, typeOnly }: Import): boolean {
  const target = resolveImport(path, specifier);
  if (target !== undefined) {
    const folders = [key, ...rule.from, ...(typeOnly ? (rule.types ?? []) : [])];
    return folders.some((folder) => inside(target, folder));
  }
  if (specifier.startsWith("node:")) return rule.node === "any" || rule.node.includes(specifier);
  const packages = [...rule.packages, ...(typeOnly ? (rule.typePackages ?? []) : [])];
  return packages.some((name) =>
    name.endsWith("/") ? specifier.startsWith(name) : specifier === name || specifier.startsWith(`${name}/`),
  );
}

/** Files that a file imports, types included. */
function targetsOf({ path, text }: SourceFile, runtimeOnly: boolean): readonly string[] {
  return importsOf(text)
    .filter((one) => !runtimeOnly || !one.typeOnly)
    .flatMap((one) => resolveImport(path, one.specifier) ?? [])
    .filter((target) => byPath.has(target));
}

/** The first cycle found, as the paths along it. */
function findCycle(): readonly string[] | undefined {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    const file = byPath.get(path);
    if (done.has(path) || file === undefined) return undefined;
    for (const target of targetsOf(file, false)) {
      const cycle = visit(target, [...trail, path]);
      if (cycle !== undefined) return cycle;
    }
    done.add(path);
    return undefined;
  };
  for (const { path } of files) {
    const cycle = visit(path, []);
    if (cycle !== undefined) return cycle;
  }
  return undefined;
}

/** The way from a file to its first run-time import of `effect`, or undefined. */
function wayToEffect(start: string): readonly string[] | undefined {
  const ways: (readonly string[])[] = [[start]];
  const seen = new Set([start]);
  for (let way = ways.shift(); way !== undefined; way = ways.shift()) {
    const file = byPath.get(way.at(-1) ?? "");
    if (file === undefined) continue;
    const effect = importsOf(file.text).find((one) => !one.typeOnly && /^effect(\/|$)/.test(one.specifier));
    if (effect !== undefined) return [...way, effect.specifier];
    for (const target of targetsOf(file, true)) {
      if (seen.has(target)) continue;
      seen.add(target);
      ways.push([...way, target]);
    }
  }
  return undefined;
}

describe("imports", () => {
  it("follow the table", () => {
    const faults = files.flatMap(({ path, text }) =>
      importsOf(text).flatMap((one) => fault(path, one) ?? []),
    );
    expect(faults).toEqual([]);
  });

  it("name files that exist, with their extension", () => {
    const missing = files.flatMap(({ path, text }) =>
      importsOf(text)
        .map((one) => resolveImport(path, one.specifier))
        .filter((target) => target?.endsWith(".ts") === true && !byPath.has(target))
        .map((target) => `${path}: ${target}`),
    );
    expect(missing).toEqual([]);
  });

  it("have no cycle", () => {
    expect(findCycle()?.join(" → ")).toBeUndefined();
  });

  it.each(withoutEffect)("of %s reach no effect at run time", (folder) => {
    const ways = files
      .filter(({ path }) => inside(path, folder))
      .flatMap(({ path }) => wayToEffect(path)?.join(" → ") ?? []);
    expect(ways).toEqual([]);
  });
});

describe("table of imports", () => {
  it("lets adapters know neither each other nor the roles", () => {
    for (const adapter of adapters) {
      const others = [...adapters.filter((one) => one !== adapter), "src/roles", "src/cli", "src/wiring.ts"];
      expect(
        importTable[adapter]?.from.filter((path) => others.includes(path)),
        adapter,
      ).toEqual([]);
    }
  });

  it("lets only the wiring name a port and an adapter together", () => {
    const both = Object.entries(importTable)
      .filter(([key]) => !(adapters as readonly string[]).includes(key))
      .filter(
        ([, { from }]) => from.includes("src/ports") && adapters.some((adapter) => from.includes(adapter)),
      )
      .map(([key]) => key);
    expect(both).toEqual(["src/wiring.ts"]);
  });

  it("refuses what it does not list, whatever the form of the import", () => {
    const text = [
      'import { Effect } from "effect";',
      'import type { Asset } from "../../streams/asset.ts";',
      'export {\n  a,\n  type B,\n} from "../nats/connect.ts";',
      'import "./side-effect.ts";',
      '// import { no } from "commented";',
      'const later = await import("undici");',
      'type Undici = typeof import("undici");',
    ].join("\n");
    expect(importsOf(text).map((one) => [one.specifier, one.typeOnly])).toEqual([
      ["effect", false],
      ["../../streams/asset.ts", true],
      ["../nats/connect.ts", false],
      ["./side-effect.ts", false],
      ["undici", false],
      ["undici", true],
    ]);
    expect(importsOf(text).flatMap((one) => fault("src/domain/x.ts", one) ?? [])).toHaveLength(4);
    expect(fault("src/nowhere/x.ts", { specifier: "effect", typeOnly: false })).toMatch(/no rule/);
  });
});

describe("folders", () => {
  it("have names that say what is inside", () => {
    const empty = sourceFiles("src", "streams", "test", "bench", "examples")
      .map(({ path }) => path)
      .filter((path) => path.split(/[/.]/).some((part) => (emptyNames as readonly string[]).includes(part)));
    expect(empty).toEqual([]);
  });
});
