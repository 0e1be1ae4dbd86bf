/**
 * A rolldown plugin that finds names which "loadmesh" does not export: it is outside of the bundle, so they would be
 * undefined at run time. Only the user's own modules that mention it are parsed; `import * as mesh` is not followed.
 */
import type { Plugin, PluginContext } from "rolldown";
import { nearest } from "../domain/plan/nearest.ts";
import type { ForbiddenImport } from "./forbidden-imports.ts";
import { CONFIG_ONLY, TYPES, VALUES } from "./loadmesh-names.ts";
import { placeAt } from "./source-place.ts";

type Tree = ReturnType<PluginContext["parse"]>;
type Language = "js" | "jsx" | "ts" | "tsx";

const KNOWN: readonly string[] = [...VALUES, ...TYPES];

interface Imported {
  readonly name: string;
  readonly start: number;
}

type Kinds = { readonly importKind?: string } | { readonly exportKind?: string };
const kindOf = (node: Kinds) =>
  "importKind" in node ? node.importKind : "exportKind" in node && node.exportKind;

/** Names that are taken from "loadmesh" one by one, other than by `import type`. */
function namesTaken(tree: Tree | undefined): readonly Imported[] {
  return (tree?.body ?? []).flatMap((statement) => {
    if (statement.type !== "ImportDeclaration" && statement.type !== "ExportNamedDeclaration") return [];
    if (statement.source?.value !== "loadmesh") return [];
    return statement.specifiers.flatMap((each) => {
      if (each.type === "ImportDefaultSpecifier" || each.type === "ImportNamespaceSpecifier") return [];
      if (kindOf(statement) === "type" || kindOf(each) === "type") return [];
      const taken = "imported" in each ? each.imported : each.local;
      return { name: "name" in taken ? taken.name : taken.value, start: taken.start };
    });
  });
}

function refusalOf(name: string): Pick<ForbiddenImport, "message" | "hint"> {
  const message = `loadmesh exports no \`${name}\``;
  if (name === CONFIG_ONLY) return { message: `${message} to scripts`, hint: "It is for mesh.config.ts." };
  const meant = nearest(name, KNOWN);
  if (meant !== undefined) return { message: `${message}; did you mean \`${meant}\`?`, hint: undefined };
  const all = VALUES.filter((known) => known !== "default").join(", ");
  return { message, hint: `It exports ${all}, and types.` };
}

/** What does not parse is told by the build itself, with its place. */
function treeOf(code: string, lang: Language, { parse }: Pick<PluginContext, "parse">): Tree | undefined {
  try {
    return parse(code, { lang });
  } catch {
    return undefined;
  }
}

/** @param onWrong is told of each wrong name; the build goes on */
export function wrongNames(onWrong: (found: ForbiddenImport) => void): Plugin {
  return {
    name: "mesh:wrong-names",
    transform: {
      filter: {
        id: { exclude: /[\\/]node_modules[\\/]/ },
        moduleType: ["js", "jsx", "ts", "tsx"],
        code: "loadmesh",
      },
      handler(code, importer, { moduleType }) {
        for (const { name, start } of namesTaken(treeOf(code, moduleType as Language, this))) {
          if (KNOWN.includes(name)) continue;
          onWrong({ reason: "import", ...refusalOf(name), importer, ...placeAt(code, start) });
        }
        return null;
      },
    },
  };
}
