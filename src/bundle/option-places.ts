/**
 * Where in the script an option stands, for problems that are named by their path (`options.scenarios.a.rate`). Relies on
 * rolldown's parser and reads the script's own file only: what is computed, or comes from another module, has the place of
 * the nearest thing that is written down.
 */
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { placeAt } from "./source-place.ts";

/** `line:column` of what is at a path, both from 1; undefined where the path is not of the script's options. */
export type OptionPlaces = (path: string) => string | undefined;

/** A node of the syntax tree, as far as it is read here. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

const STEP = /\.?([\w$-]+)|\[("(?:[^"\\]|\\.)*")\]|\[(\d+)\]/y;
const LANGUAGES: Readonly<Record<string, "ts" | "tsx" | "jsx">> = {
  ".tsx": "tsx",
  ".jsx": "jsx",
  ".js": "jsx",
};
/** What stands around a value and does not change it. */
const WRAPPERS = new Set([
  "TSAsExpression",
  "TSSatisfiesExpression",
  "TSNonNullExpression",
  "TSTypeAssertion",
  "ParenthesizedExpression",
]);
/** Names that stand for each other are followed so often: a circle ends, too. */
const NAMES_MAX = 20;

/** The places of the options of the script in `file`; knows none where it cannot be read. */
export async function optionPlaces(file: string): Promise<OptionPlaces> {
  try {
    const { parseAst } = await import("rolldown/parseAst");
    const source = readFileSync(file, "utf8");
    const tree = parseAst(source, { lang: LANGUAGES[extname(file)] ?? "ts" }) as unknown as Node;
    return placesIn(source, listOf(tree, "body"));
  } catch {
    return () => undefined;
  }
}

function placesIn(source: string, body: readonly Node[]): OptionPlaces {
  const declared = new Map(body.flatMap(declarationsOf));
  const exported = declared.get(exportedAs(body, "options"));
  return (path) => {
    const [first, ...steps] = stepsOf(path);
    if (first !== "options" || exported === undefined) return undefined;
    const walk = new Walk(declared);
    return lineColumn(source, walk.find(exported.init, steps, exported.start));
  };
}

interface Declared {
  readonly start: number;
  readonly init: Node;
}

/** What a statement of the module gives names to. */
function declarationsOf(statement: Node): readonly (readonly [string, Declared])[] {
  const declaration = (statement["declaration"] ?? statement) as Node;
  return listOf(declaration, "declarations").flatMap((each) => {
    const [id, init] = [each["id"] as Node, each["init"] as Node | null];
    return init === null || id.type !== "Identifier"
      ? []
      : [[nameOf(id), { start: id.start, init }] as const];
  });
}

/** What the module itself calls the export of that name: `export { load as options }`. */
function exportedAs(body: readonly Node[], name: string): string {
  const specifiers = body.flatMap((each) =>
    each["source"] === null || each["source"] === undefined ? listOf(each, "specifiers") : [],
  );
  const found = specifiers.find((each) => each["exported"] && nameOf(each["exported"] as Node) === name);
  return found === undefined ? name : nameOf(found["local"] as Node);
}

class Walk {
  readonly #declared: ReadonlyMap<string, Declared>;
  #names = 0;

  constructor(declared: ReadonlyMap<string, Declared>) {
    this.#declared = declared;
  }

  /** Offset of what is at the end of the steps from a value, or of the last step that is written down. */
  find(value: Node, [step, ...rest]: readonly string[], at: number): number {
    if (step === undefined) return at;
    const found = this.#entry(value, step);
    return found === undefined ? at : this.find(found.value, rest, found.at);
  }

  #entry(value: Node, step: string): { readonly value: Node; readonly at: number } | undefined {
    const plain = this.#plain(value);
    if (plain?.type === "ObjectExpression") return this.#property(plain, step);
    if (plain?.type !== "ArrayExpression") return undefined;
    const elements = (plain["elements"] as (Node | null)[]).slice(0, Number(step) + 1);
    const element = elements[Number(step)];
    const isCounted = elements.every((each) => each?.type !== "SpreadElement");
    return element && isCounted ? { value: element, at: element.start } : undefined;
  }

  /** The last of that name counts, as it does when the script runs; a spread gives what it has. */
  #property(object: Node, step: string): { readonly value: Node; readonly at: number } | undefined {
    for (const each of listOf(object, "properties").toReversed()) {
      if (each.type === "SpreadElement") {
        const found = this.#entry(each["argument"] as Node, step);
        if (found !== undefined) return found;
        continue;
      }
      const key = each["key"] as Node;
      if (each["computed"] === false && nameOf(key) === step)
        return { value: each["value"] as Node, at: key.start };
    }
    return undefined;
  }

  #plain(value: Node): Node | undefined {
    if (WRAPPERS.has(value.type)) return this.#plain(value["expression"] as Node);
    if (value.type !== "Identifier") return value;
    const meant = this.#declared.get(nameOf(value));
    return meant === undefined || ++this.#names > NAMES_MAX ? undefined : this.#plain(meant.init);
  }
}

const listOf = (node: Node, field: string): readonly Node[] => (node[field] as readonly Node[]) ?? [];
const nameOf = (node: Node): string => String(node["name"] ?? node["value"]);

/** `options.a["b c"][0]` → options, a, b c, 0. */
function stepsOf(path: string): readonly string[] {
  return [...path.matchAll(new RegExp(STEP, "gy"))].map(
    ([, name, quoted, index]) => name ?? index ?? String(JSON.parse(quoted ?? '""')),
  );
}

function lineColumn(source: string, offset: number): string {
  const { line, column } = placeAt(source, offset);
  return `${line}:${column}`;
}
