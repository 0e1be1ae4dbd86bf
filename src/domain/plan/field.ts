/**
 * A small table-driven reader of typed fields: a table says which fields an object may have, of what type, with what
 * default, and `readObject` reports everything that is wrong with it. `null` counts as not given, as in k6.
 */
import { nearest } from "./nearest.ts";
import { type Place, shown } from "./place.ts";

/** Reads one value; on a problem reports it to the place and returns undefined. */
export type Reader<T> = (value: unknown, at: Place) => T | undefined;

export interface Field<T> {
  readonly read: Reader<T>;
  /** What an absent field means. */
  readonly otherwise: T | typeof REQUIRED;
}

const REQUIRED: unique symbol = Symbol("required");

type Table = Readonly<Record<string, Field<unknown>>>;
export type FieldsOf<T extends Table> = { readonly [K in keyof T]: T[K] extends Field<infer V> ? V : never };

/** A field that must be given. */
export function required<T>(read: Reader<T>): Field<T> {
  return { read, otherwise: REQUIRED };
}

/** A field that may be left out. */
export function optional<T>(read: Reader<T>): Field<T | undefined> {
  return { read, otherwise: undefined };
}

/** A field with a default. */
export function defaulted<T>(read: Reader<T>, otherwise: T): Field<T> {
  return { read, otherwise };
}

/** What an object may hold. */
export interface Shape<T extends Table> {
  readonly fields: T;
  /** What one field is called: "option", "option of constant-vus". */
  readonly noun: string;
  /** Names that k6 has and we do not have yet, each with what to do instead. */
  readonly notYet: Readonly<Record<string, string>>;
  /** Who else has a field of that name, for an unknown one: `ramping-vus`. */
  readonly elsewhere?: (name: string) => readonly string[];
  /** Looks at fields together, whichever could be read; reports and returns false if they contradict each other. */
  check?(fields: Partial<FieldsOf<T>>, at: Place): boolean;
}

/**
 * The fields of an object by its shape, defaults filled in; undefined if anything in it is wrong. Every wrong, missing
 * and unknown field is reported.
 */
export function readObject<T extends Table>(
  shape: Shape<T>,
  value: unknown,
  at: Place,
): FieldsOf<T> | undefined {
  if (!isObject(value)) return at.report(`must be an object, but is ${shown(value)}`);
  let complete = reportUnknown(shape, value, at);
  const fields: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(shape.fields)) {
    const read = readField(field, value[name], at.in(name));
    if (read === undefined) complete = false;
    else fields[name] = read.value;
  }
  const consistent = shape.check?.(fields as Partial<FieldsOf<T>>, at) ?? true;
  return complete && consistent ? (fields as FieldsOf<T>) : undefined;
}

function readField<T>(field: Field<T>, value: unknown, at: Place): { value: T } | undefined {
  if (!isGiven(value)) {
    if (field.otherwise === REQUIRED) return at.report("is required");
    return { value: field.otherwise };
  }
  const read = field.read(value, at);
  return read === undefined ? undefined : { value: read };
}

/** False of `null` and `undefined`. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

/** True if every name is one of the shape's. */
function reportUnknown(shape: Shape<Table>, value: Readonly<Record<string, unknown>>, at: Place): boolean {
  const unknown = Object.keys(value).filter(
    (name) => isGiven(value[name]) && !Object.hasOwn(shape.fields, name),
  );
  for (const name of unknown) reportName(shape, name, at.in(name));
  return unknown.length === 0;
}

function reportName({ elsewhere, fields, noun, notYet }: Shape<Table>, name: string, at: Place): void {
  if (Object.hasOwn(notYet, name)) {
    return at.report("is an option of k6 that is not supported yet", notYet[name]);
  }
  const owners = elsewhere?.(name) ?? [];
  if (owners.length > 0) return at.report(`is not an ${noun}`, `it is one of ${owners.join(" and ")}`);
  const known = Object.keys(fields);
  const meant = nearest(name, known);
  at.report(
    `is not a known ${noun}`,
    meant === undefined ? `known: ${known.join(", ")}` : `did you mean \`${meant}\`?`,
  );
}

/** True of what JSON calls an object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
