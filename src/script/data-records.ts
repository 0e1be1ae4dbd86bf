/**
 * A data file as records, by its name: `.csv` and `.tsv` by their header, `.json` a list, `.ndjson` a value per line,
 * `.txt` a text per line. Records are frozen, since all VUs of a worker read the same ones.
 */
import type { DataFileOptions } from "./api.ts";
import { CsvMistake, type CsvRow, readCsv } from "./csv.ts";
import { DataFileError } from "./data-file-error.ts";

type Read = (name: string, text: string, options: DataFileOptions) => readonly unknown[];

const separated =
  (usual: string): Read =>
  (name, text, { delimiter = usual, columns }) => {
    const [header, ...rows] = rowsOf(name, text, delimiter, columns);
    const keys = header?.fields ?? [];
    checkKeys(name, header, keys);
    return rows.map((row) => recordOf(name, row, keys));
  };

const formats: Readonly<Record<string, Read>> = {
  csv: separated(","),
  tsv: separated("\t"),
  json: (name, text) => listIn(name, jsonOf(name, text, 1)),
  ndjson: lines((name, line, number) => jsonOf(name, line, number)),
  jsonl: lines((name, line, number) => jsonOf(name, line, number)),
  txt: lines((_name, line) => line),
};

/** @throws DataFileError */
export function recordsOf(name: string, bytes: Uint8Array, options: DataFileOptions): readonly unknown[] {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  const read = formats[ending];
  if (read === undefined) {
    const known = Object.keys(formats).map((format) => `.${format}`);
    throw new DataFileError(
      `dataFile("${name}"): its name must end in one of ${known.join(", ")}; for others there is open()`,
    );
  }
  const records = read(name, textOf(name, bytes), options);
  if (records.length === 0) throw mistake(name, 1, 1, "the file has no records");
  return deepFreeze(records) as readonly unknown[];
}

/** Freezes a value of JSON's kinds, with all that is in it. */
export function deepFreeze(value: unknown): unknown {
  if (value !== null && typeof value === "object" && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

const mistake = (file: string, line: number, column: number, message: string): DataFileError =>
  new DataFileError(message, { file, line, column });

function textOf(name: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw mistake(name, 1, 1, "the file is not text in UTF-8");
  }
}

/** With the header as the first row, wherever it comes from. */
function rowsOf(
  name: string,
  text: string,
  delimiter: string,
  columns: readonly string[] | undefined,
): readonly CsvRow[] {
  try {
    const rows = readCsv(text, delimiter);
    return columns === undefined ? rows : [{ fields: columns, line: 0 }, ...rows];
  } catch (error) {
    if (error instanceof CsvMistake) throw mistake(name, error.line, error.column, error.message);
    throw error;
  }
}

function checkKeys(name: string, header: CsvRow | undefined, keys: readonly string[]): void {
  const twice = keys.find((key, index) => keys.indexOf(key) < index);
  if (twice !== undefined) throw mistake(name, header?.line ?? 1, 1, `the column "${twice}" is there twice`);
}

function recordOf(name: string, { fields, line }: CsvRow, keys: readonly string[]): Record<string, string> {
  if (fields.length !== keys.length) {
    throw mistake(
      name,
      line,
      1,
      `the row has ${counted(fields.length)}, but there are ${keys.length} columns`,
    );
  }
  return Object.fromEntries(keys.map((key, index) => [key, fields[index] ?? ""]));
}

const counted = (fields: number): string => (fields === 1 ? "1 field" : `${fields} fields`);

function lines(one: (name: string, line: string, number: number) => unknown): Read {
  return (name, text) =>
    text.split(/\r?\n/).flatMap((line, index) => (line.trim() === "" ? [] : [one(name, line, index + 1)]));
}

function listIn(name: string, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value as readonly unknown[];
  throw mistake(name, 1, 1, "the file must hold a list: [ … ]");
}

/** @param firstLine the line of the file at which `text` begins */
function jsonOf(name: string, text: string, firstLine: number): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const before = text.slice(0, positionOf(message) ?? firstWrong(text)).split("\n");
    const line = firstLine + before.length - 1;
    const what = message.replace(/(?:, .*)? is not valid JSON$|(?: in JSON)? at position.*$/s, "");
    throw mistake(name, line, (before.at(-1)?.length ?? 0) + 1, `the file is not JSON: ${what}`);
  }
}

function positionOf(message: string): number | undefined {
  const [, position] = /at position (\d+)/.exec(message) ?? [];
  return position === undefined ? undefined : Number(position);
}

/** V8 does not always say where it stopped: the shortest beginning that is more than unfinished tells, found by halves. */
function firstWrong(text: string): number {
  let [right, wrong] = [0, text.length + 1];
  while (wrong - right > 1) {
    const middle = Math.floor((right + wrong) / 2);
    if (isUnfinished(text.slice(0, middle))) right = middle;
    else wrong = middle;
  }
  return right;
}

function isUnfinished(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as Error;
    return message.includes("end of JSON input") || positionOf(message) === text.length;
  }
}
