/** The names that scripts may import are those that an editor is shown, and the values those that a VU is given. */
import { readFileSync } from "node:fs";
import { parseAst } from "rolldown/parseAst";
import { expect, it } from "vitest";
import { CONFIG_ONLY, TYPES, VALUES } from "../../../src/bundle/loadmesh-names.ts";
import * as shown from "../../../src/script/index.ts";
import { TagScope } from "../../../src/script/tag-scope.ts";
import { VuState } from "../../../src/script/vu-state.ts";
import { makeWorld } from "../../../src/script/world.ts";
import { workerSettings } from "../../support/worker-settings.ts";

function world(): object {
  const nothing = () => undefined;
  const sink = { nowUs: () => 0, series: () => 0, add: nothing };
  const settings = workerSettings({ sink });
  const identity = {
    idInTest: 1,
    idInInstance: 1,
    scenario: "a",
    executor: "" as const,
    scenarioStartMs: 0,
  };
  const vu = new VuState(settings, identity, new TagScope(sink, {}));
  return makeWorld(vu, { request: () => Promise.reject(new Error("no requests here")) }, new Map());
}

/** Exported names of a module that are types. */
function typesIn(source: string): readonly string[] {
  return parseAst(source, { lang: "ts" }).body.flatMap((statement) => {
    if (statement.type !== "ExportNamedDeclaration") return [];
    const { declaration, exportKind, specifiers } = statement;
    if (declaration?.type === "TSInterfaceDeclaration" || declaration?.type === "TSTypeAliasDeclaration")
      return [declaration.id.name];
    return specifiers.flatMap((each) =>
      (exportKind === "type" || each.exportKind === "type") && "name" in each.exported
        ? [each.exported.name]
        : [],
    );
  });
}

it("values are what a VU is given", () => {
  const given = Object.keys(world()).filter((name) => name !== "__esModule");
  expect(VALUES.toSorted()).toEqual(given.toSorted());
});

it("values and types are what an editor is shown", () => {
  const source = readFileSync(new URL("../../../src/script/index.ts", import.meta.url), "utf8");
  expect(Object.keys(shown).toSorted()).toEqual([...VALUES, CONFIG_ONLY].toSorted());
  expect(TYPES.toSorted()).toEqual(typesIn(source).toSorted());
  expect(TYPES).toContain("Options");
});
