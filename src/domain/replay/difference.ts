/**
 * What a replay found that should not be: a place in a log, or a path in the summary, with what was stored and what
 * came out again. Data and its words; where to look is decided elsewhere.
 */
import type { Envelope } from "../../../streams/envelope.ts";
import { canonicalJson } from "../summary/document.ts";

/** A message of a log, as much as a replay needs of it. */
export interface Entry {
  readonly sequence: number;
  readonly envelope: Envelope;
  readonly data: Uint8Array;
}

export interface Difference {
  readonly in: "run log" | "interval log" | "evidence" | "summary" | "verdict";
  /** One sentence for a person, with the place in it. */
  readonly message: string;
  /** The event or interval at which it shows. */
  readonly sequence?: number;
  readonly type?: string;
  readonly id?: string;
  /** Where in the summary or the verdict, and both values. */
  readonly path?: string;
  readonly stored?: unknown;
  readonly replayed?: unknown;
}

export function atEntry(log: "run log" | "interval log", entry: Entry, fault: string): Difference {
  const { id, type } = entry.envelope;
  const place = `${log}, sequence ${entry.sequence}, ${type} (id ${id})`;
  return { in: log, message: `${place}: ${fault}`, sequence: entry.sequence, type, id };
}

/** Every path at which two JSON values differ, in the order of sorted keys. */
export function differencesIn(
  where: "evidence" | "summary" | "verdict",
  stored: unknown,
  replayed: unknown,
): readonly Difference[] {
  return walk(plain(stored), plain(replayed), "").map(({ path, ...values }) => ({
    in: where,
    message: `${where}, ${path || "as a whole"}: stored ${short(values.stored)}, replayed ${short(values.replayed)}`,
    path,
    ...values,
  }));
}

/** As JSON has it: fields that are undefined are not there. */
const plain = (value: unknown): unknown =>
  value === undefined ? undefined : (JSON.parse(canonicalJson(value)) as unknown);

interface Apart {
  readonly path: string;
  readonly stored: unknown;
  readonly replayed: unknown;
}

function walk(stored: unknown, replayed: unknown, path: string): readonly Apart[] {
  if (canonicalJson(stored) === canonicalJson(replayed)) return [];
  if (!isBranch(stored) || !isBranch(replayed) || Array.isArray(stored) !== Array.isArray(replayed)) {
    return [{ path, stored, replayed }];
  }
  const keys = [...new Set([...Object.keys(stored), ...Object.keys(replayed)])];
  const inOrder = Array.isArray(stored) ? keys : keys.toSorted();
  return inOrder.flatMap((key) => walk(stored[key], replayed[key], join(path, key, Array.isArray(stored))));
}

const isBranch = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;

function join(path: string, key: string, isIndex: boolean): string {
  if (isIndex) return `${path}[${key}]`;
  if (!/^[A-Za-z_]\w*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === "" ? key : `${path}.${key}`;
}

const SHORT_CHARACTERS = 80;

function short(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = canonicalJson(value);
  return text.length <= SHORT_CHARACTERS ? text : `${text.slice(0, SHORT_CHARACTERS)}…`;
}
