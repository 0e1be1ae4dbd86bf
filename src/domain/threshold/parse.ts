/**
 * The grammar of a threshold, k6's: `method operator number`, for example `p(95)<500` or `rate>=0.99`, and behind it
 * what k6 does not have, a timeframe: `for 10s`. Also says which methods a kind of metric has. Pure; nothing here knows
 * a value.
 */
import { KIND_NAMES, kindOf } from "../metric/cell.ts";
import type { Kind } from "../metric/definition.ts";
import type { Method } from "../metric/kind.ts";
import { parseTimeframe, startsWithLogic, type Timeframe } from "./timeframe.ts";

export type Operator = ">" | ">=" | "<" | "<=" | "==" | "===" | "!=";

export interface ThresholdExpression {
  readonly method: Method;
  readonly operator: Operator;
  readonly limit: number;
  /** The whole run where there is none. */
  readonly timeframe?: Timeframe;
}

export type ParsedThreshold =
  | ({ readonly ok: true } & ThresholdExpression)
  | { readonly ok: false; readonly message: string };

const ALL_METHODS = [...new Set(KIND_NAMES.flatMap((kind) => kindOf(kind).methods))].join(", ");
const OPERATORS = "<, <=, >, >=, ==, === or !=";
const EXPECTED = `expected a method (${ALL_METHODS}), then ${OPERATORS}, then a number`;
const FORM = /^\s*([A-Za-z]+)\s*(?:\(([^)]*)\))?\s*(>=|<=|===|==|!=|>|<)\s*(\S+)(?:\s+(\S.*?))?\s*$/s;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** Reads a threshold, or says what is wrong with it and what is allowed. */
export function parseThreshold(text: string): ParsedThreshold {
  const match = FORM.exec(text);
  if (match === null) return refuse(text, startsWithLogic(text) ?? EXPECTED);
  const [, name, argument, operator, limit, behind] = match as unknown as [
    string,
    string,
    string | undefined,
    Operator,
    string,
    string | undefined,
  ];
  const method = parseMethod(name, argument);
  if (typeof method === "string") return refuse(text, method);
  if (!NUMBER.test(limit)) return refuse(text, `"${limit}" is not a number`);
  const expression = { ok: true, method, operator, limit: Number(limit) } as const;
  if (behind === undefined) return expression;
  const timeframe = parseTimeframe(behind);
  return typeof timeframe === "string" ? refuse(text, timeframe) : { ...expression, timeframe };
}

function refuse(text: string, reason: string): ParsedThreshold {
  return { ok: false, message: `"${text}" is not a threshold: ${reason}` };
}

/** A method, or what is wrong with it. */
function parseMethod(name: string, argument: string | undefined): Method | string {
  if (name === "p") return parsePercentile(argument);
  if (!ALL_METHODS.split(", ").includes(name)) return `"${name}" is not a method; there are ${ALL_METHODS}`;
  if (argument !== undefined) return `"${name}" takes no argument`;
  return { name: name as Exclude<Method["name"], "p"> };
}

function parsePercentile(argument: string | undefined): Method | string {
  const text = argument?.trim() ?? "";
  const percent = Number(text);
  if (NUMBER.test(text) && percent >= 0 && percent <= 100) return { name: "p", percent };
  return "a percentile is written p(N) with N from 0 to 100, for example p(95)";
}

/** What is wrong with using a method on a kind of metric; undefined when it fits. */
export function methodProblem(method: Method, metric: string, kind: Kind): string | undefined {
  const name = method.name === "p" ? "p(N)" : method.name;
  const { methods } = kindOf(kind);
  if (methods.includes(name)) return undefined;
  return `"${metric}" is a ${kind}, which has no ${name}; it has ${methods.join(", ")}`;
}
