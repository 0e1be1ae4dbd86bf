/**
 * An answer on standard output: as a table, as an array of JSON objects, as CSV, or as it comes. Numbers are never parsed,
 * so none is ever rounded. Writes no faster than the reader reads.
 */
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { escapedJson } from "../../domain/printable.ts";
import { SqlTable } from "./table.ts";

async function print(text: string): Promise<void> {
  if (text !== "" && !process.stdout.write(text)) await once(process.stdout, "drain");
}

const linesOf = (body: Readable) => createInterface({ input: body, crlfDelay: Infinity });

export async function printTable(body: Readable): Promise<void> {
  const table = new SqlTable();
  for await (const line of linesOf(body)) {
    if (line !== "") await print(table.add(JSON.parse(line) as readonly (string | null)[]));
  }
  await print(table.end());
}

export async function printJson(body: Readable): Promise<void> {
  let isFirst = true;
  for await (const line of linesOf(body)) {
    if (line === "") continue;
    await print(`${isFirst ? "[\n" : ",\n"}  ${escapedJson(line)}`);
    isFirst = false;
  }
  await print(isFirst ? "[]\n" : "\n]\n");
}

export const printCsv = (body: Readable): Promise<void> => printRaw(body);

export const printRaw = (body: Readable): Promise<void> => pipeline(body, process.stdout, { end: false });
