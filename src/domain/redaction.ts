/**
 * Takes secret values out of texts, in every form in which they commonly travel: as they are, line by line, in JSON, in
 * URLs, and in base64 wherever in the encoded text they begin. What a script encrypts, cuts or turns around is its own affair.
 */

/** What stands in the place of a secret; k6's word. */
export const REDACTED = "***SECRET_REDACTED***";

/** Shorter values would be found by accident, in figures and words, and are refused as secrets. */
export const SECRET_MIN_LENGTH = 8;

export class Redaction {
  /** Characters of the longest text that is taken out; 0 where there is none. */
  readonly longest: number;
  readonly #pattern: RegExp | undefined;

  constructor(values: Iterable<string>) {
    const forms = new Set([...values].flatMap(formsOf));
    // The longest first: a form may hold another.
    const parts = [...forms].toSorted((a, b) => b.length - a.length).map(escapeRegExp);
    this.longest = Math.max(0, ...[...forms].map(({ length }) => length));
    this.#pattern = parts.length === 0 ? undefined : new RegExp(parts.join("|"), "g");
  }

  /** True when there is nothing to take out of anything. */
  get isEmpty(): boolean {
    return this.#pattern === undefined;
  }

  text(text: string): string {
    return this.#pattern === undefined ? text : text.replace(this.#pattern, REDACTED);
  }

  /** A value of JSON's kinds with all of its texts redacted, names of fields as well. */
  all<T>(value: T): T {
    return this.#pattern === undefined ? value : (this.#inside(value) as T);
  }

  #inside(value: unknown): unknown {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((inner) => this.#inside(inner));
    if (value === null || typeof value !== "object") return value;
    const entries = Object.entries(value).map(([name, inner]) => [this.text(name), this.#inside(inner)]);
    return Object.fromEntries(entries);
  }
}

/** Texts are redacted line by line, so each line of a long value is one of its forms. */
function formsOf(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).map((line) => line.trim());
  return [value, ...lines].flatMap(writtenAs).filter((form) => form.length >= SECRET_MIN_LENGTH);
}

function writtenAs(value: string): readonly string[] {
  const json = JSON.stringify(value).slice(1, -1);
  const base64 = [0, 1, 2].map((offset) => base64At(value, offset));
  const base64Url = base64.map((each) => each.replaceAll("+", "-").replaceAll("/", "_"));
  const inUrl = urlForms(value).flatMap((form) => [
    form,
    form.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase()),
  ]);
  const twice = JSON.stringify(json).slice(1, -1);
  return [value, json, twice, ...inUrl, ...base64, ...base64Url, ...base64.map(encodeURIComponent)];
}

/** As scripts encode it, and as parsers of URLs and forms write it. */
function urlForms(value: string): readonly string[] {
  const text = value.toWellFormed();
  const url = new URL("http://x/");
  url.search = text;
  url.pathname = text;
  const form = new URLSearchParams({ v: text }).toString().slice("v=".length);
  const component = encodeURIComponent(text);
  return [
    component,
    component.replaceAll("%20", "+"),
    encodeURI(text),
    form,
    url.search.slice(1),
    url.pathname.slice(1),
  ];
}

/** The digits that follow from the value alone when it stands so many bytes into what is encoded. */
function base64At(value: string, offset: number): string {
  const bytes = new TextEncoder().encode(value);
  const binary = "\0".repeat(offset) + Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  const from = Math.ceil((offset * 8) / 6);
  return btoa(binary).slice(from, Math.floor((binary.length * 8) / 6));
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
