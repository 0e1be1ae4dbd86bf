/**
 * Turns places in the bundle (`mesh:script.js:12:5`) into places in the user's own files, by the source maps that
 * travel beside the bundle. Maps are read on first use: a script that never throws pays nothing.
 */
import { SourceMap, type SourceMapPayload } from "node:module";
import type { ScriptFailure, SourcePlace } from "../ports/workers.ts";

/** Prefix of every chunk's file name in stack traces. */
export const CHUNK_SCHEME = "mesh:";

const PLACE = /mesh:([\w.-]+\.js):(\d+):(\d+)/;
const PLACES = new RegExp(PLACE, "g");

export class SourcePlaces {
  readonly #json: string | undefined;
  #maps: Map<string, SourceMap> | undefined;

  /** @param json source maps by chunk name, or nothing: places then stay as they are */
  constructor(json: string | undefined) {
    this.#json = json;
  }

  /** Every place in `text` replaced by the author's. */
  mapText(text: string): string {
    if (!text.includes(CHUNK_SCHEME)) return text;
    return text.replace(PLACES, (whole, chunk: string, line: string, column: string) => {
      const place = this.#find(chunk, Number(line), Number(column));
      return place ? `${place.file}:${place.line}:${place.column}` : whole;
    });
  }

  /** The first place of the author's own modules in a stack (not of a package); undefined if there is none. */
  firstIn(stack: string): SourcePlace | undefined {
    const places = stack.split("\n").flatMap((line) => {
      const [, chunk, row, column] = PLACE.exec(line) ?? [];
      const place = chunk ? this.#find(chunk, Number(row), Number(column)) : undefined;
      return place ? [place] : [];
    });
    return places.find((place) => !place.file.includes("node_modules")) ?? places[0];
  }

  /** Anything that a script threw, as a failure. */
  describe(thrown: unknown): ScriptFailure {
    if (!(thrown instanceof Error))
      return { name: "Error", message: textOf(thrown), stack: "", place: undefined };
    const stack = typeof thrown.stack === "string" ? thrown.stack : "";
    const frames = stack.split("\n").filter((line) => /^\s+at /.test(line) && line.includes(CHUNK_SCHEME));
    const mapped = frames.map((line) => this.mapText(line)).join("\n");
    const cause = thrown.cause === undefined ? "" : ` (cause: ${textOf(thrown.cause)})`;
    return {
      name: thrown.name,
      message: `${thrown.message}${cause}`,
      stack: mapped,
      place: this.firstIn(stack),
    };
  }

  #find(chunk: string, line: number, column: number): SourcePlace | undefined {
    const entry = this.#load()
      .get(chunk)
      ?.findEntry(line - 1, column - 1);
    if (!entry || !("originalSource" in entry) || entry.originalSource === undefined) return undefined;
    return { file: entry.originalSource, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  }

  #load(): Map<string, SourceMap> {
    if (this.#maps) return this.#maps;
    const payloads =
      this.#json === undefined ? {} : (JSON.parse(this.#json) as Record<string, SourceMapPayload>);
    this.#maps = new Map(Object.entries(payloads).map(([chunk, payload]) => [chunk, new SourceMap(payload)]));
    return this.#maps;
  }
}

function textOf(value: unknown): string {
  if (value instanceof Error) return value.message;
  try {
    return typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  } catch {
    // Even `String` may throw, and a failure that cannot be told would hold its VU for ever.
    return Object.prototype.toString.call(value);
  }
}

/** One line for people: `TypeError: x is not a function (checkout.ts:12:5)`. */
export function failureText({ name, message, place }: ScriptFailure): string {
  const at = place ? ` (${place.file}:${place.line}:${place.column})` : "";
  return `${name === "" ? "Error" : name}: ${message}${at}`;
}
