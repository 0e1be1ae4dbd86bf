/**
 * Writes a schema in short, as people write types: `{agent: token, workers: count}[]`. Relies on the syntax trees of
 * effect/Schema; a schema that is exported from `streams/schema` goes by its name. It validates nothing.
 */
import type { SchemaAST } from "effect";
import { Cause, CauseKind, Failure, Origin, Outcome, Stage } from "./schema/cause.ts";
import { AgentFinish, AgentLoss } from "./schema/finish.ts";
import { Count, RunId, Sha256 } from "./schema/ids.ts";
import { Tallies, Tally } from "./schema/ledger.ts";
import {
  ConstantArrivalRate,
  ConstantVus,
  OnAgentLoss,
  OnSilence,
  PerVuIterations,
  Plan,
  PlanRequest,
  Problem,
  Scenario,
  SharedIterations,
  Threshold,
  ZoneWeight,
} from "./schema/plan.ts";
import { Division, Share } from "./schema/share.ts";

/** Schemas with a name of their own, told in full in the README's glossary. */
export const namedSchemas = {
  Plan,
  PlanRequest,
  Scenario,
  ConstantVus,
  SharedIterations,
  PerVuIterations,
  ConstantArrivalRate,
  Threshold,
  OnSilence,
  OnAgentLoss,
  ZoneWeight,
  Problem,
  Share,
  Division,
  Cause,
  CauseKind,
  Failure,
  Stage,
  Outcome,
  Origin,
  AgentFinish,
  AgentLoss,
  Tallies,
  Tally,
} as const;

/** Scalars of `schema/ids.ts`. Several names share one rule there, so the rule is what is shown. */
const scalars = { token: RunId, sha256: Sha256, count: Count } as const;

type Tree = SchemaAST.AST;

const names = new Map<Tree, string>(
  [...Object.entries(scalars), ...Object.entries(namedSchemas)].map(([name, schema]) => [schema.ast, name]),
);

/** The schema in short; names of `namedSchemas` stand for themselves, except for the schema itself. */
export function describeSchema(schema: { readonly ast: Tree }): string {
  return describeTree(schema.ast);
}

/** The fields of a body without its `type`, each with its type in short; `?` marks those that may be missing. */
export function describeFields(schema: { readonly ast: Tree }): readonly string[] {
  return fieldsOf(schema.ast).filter((field) => !field.startsWith("type:"));
}

function describe(tree: Tree): string {
  return knownName(tree) ?? describeTree(tree);
}

/** Optional fields are copies of their schema with another context, so names are also found by their parts. */
function knownName(tree: Tree): string | undefined {
  const direct = names.get(tree);
  if (direct !== undefined || tree.context === undefined) return direct;
  return [...names].find(([known]) => sameParts(known, tree))?.[1];
}

function sameParts(a: Tree, b: Tree): boolean {
  if (a._tag === "Objects" && b._tag === "Objects") {
    return a.propertySignatures === b.propertySignatures && a.indexSignatures === b.indexSignatures;
  }
  if (a._tag === "Arrays" && b._tag === "Arrays") return a.rest === b.rest && a.elements === b.elements;
  if (a._tag === "Union" && b._tag === "Union") return a.types === b.types;
  return a._tag === b._tag && a.checks !== undefined && a.checks === b.checks;
}

function describeTree(tree: Tree): string {
  switch (tree._tag) {
    case "Objects":
      return describeObject(tree);
    case "Arrays":
      return describeArray(tree);
    case "Union":
      return tree.types.map(describe).join(" | ");
    case "Literal":
      return typeof tree.literal === "string" ? tree.literal : String(tree.literal);
    case "Number":
      return describeNumber(tree);
    case "TemplateLiteral":
      return tree.parts.map((part) => (part._tag === "Literal" ? String(part.literal) : "…")).join("");
    default:
      return tree._tag.toLowerCase();
  }
}

function describeObject(tree: SchemaAST.Objects): string {
  const index = tree.indexSignatures[0];
  if (index !== undefined) return `{[${describe(index.parameter)}]: ${describe(index.type)}}`;
  return `{${fieldsOf(tree).join(", ")}}`;
}

function describeArray(tree: SchemaAST.Arrays): string {
  if (tree.elements.length > 0) return `[${tree.elements.map(describe).join(", ")}]`;
  const item = tree.rest.map(describe).join(", ");
  return item.includes(" | ") && !item.startsWith("{") ? `(${item})[]` : `${item}[]`;
}

/** `Schema.Int` and its narrower kin are whole numbers; `positive` is at least 1. */
function describeNumber(tree: Tree): string {
  const ids = (tree.checks ?? []).map((check) => JSON.stringify(check.annotations ?? {}));
  if (ids.some((id) => id.includes("isGreaterThanOrEqualTo"))) return "count";
  if (ids.some((id) => id.includes("isGreaterThan"))) return "positive";
  return ids.some((id) => id.includes("isInt")) ? "integer" : "number";
}

function fieldsOf(tree: Tree): readonly string[] {
  if (tree._tag !== "Objects") return [];
  return tree.propertySignatures.map((property) => {
    const optional = property.type.context?.isOptional === true ? "?" : "";
    return `${String(property.name)}${optional}: ${describe(property.type)}`;
  });
}
