/**
 * Rows of separated values, by RFC 4180: quoted fields may hold separators, doubled quotes and line breaks. Each row
 * knows the line that it begins at, so that what is wrong with it can be found. Knows nothing of headers or files.
 */

export interface CsvRow {
  readonly fields: readonly string[];
  /** From 1. */
  readonly line: number;
}

/** What is wrong, and where: line and column from 1. */
export class CsvMistake extends Error {
  override name = "CsvMistake";
  readonly line: number;
  readonly column: number;
  constructor(message: string, line: number, column: number) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

/** Walks over a text once, field by field. */
class Reader {
  readonly #text: string;
  readonly #delimiter: string;
  #at = 0;
  #line = 1;
  /** Where the line begins. */
  #start = 0;

  constructor(text: string, delimiter: string) {
    this.#text = text;
    this.#delimiter = delimiter;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  row(): CsvRow {
    const line = this.#line;
    const fields = [this.#field()];
    while (this.#text.startsWith(this.#delimiter, this.#at)) {
      this.#at += this.#delimiter.length;
      fields.push(this.#field());
    }
    if (!this.isAtEnd && !this.#takeBreak()) {
      throw this.#mistake("something follows the closing quote of a field", this.#line, this.#at);
    }
    return { fields, line };
  }

  #field(): string {
    return this.#text[this.#at] === '"' ? this.#quoted() : this.#plain();
  }

  #plain(): string {
    const from = this.#at;
    while (!this.isAtEnd && !this.#isBreak() && !this.#text.startsWith(this.#delimiter, this.#at)) this.#at++;
    return this.#text.slice(from, this.#at);
  }

  #quoted(): string {
    const opened = { line: this.#line, at: this.#at, start: this.#start };
    let field = "";
    for (;;) {
      const from = ++this.#at;
      while (!this.isAtEnd && this.#text[this.#at] !== '"') if (!this.#takeBreak()) this.#at++;
      if (this.isAtEnd) {
        const column = opened.at - opened.start + 1;
        throw new CsvMistake("a quoted field begins here and never ends", opened.line, column);
      }
      field += this.#text.slice(from, this.#at++);
      if (this.#text[this.#at] !== '"') return field;
      field += '"';
    }
  }

  #isBreak(): boolean {
    const char = this.#text[this.#at];
    return char === "\n" || (char === "\r" && this.#text[this.#at + 1] === "\n");
  }

  #takeBreak(): boolean {
    if (!this.#isBreak()) return false;
    this.#at += this.#text[this.#at] === "\n" ? 1 : 2;
    this.#line++;
    this.#start = this.#at;
    return true;
  }

  #mistake(message: string, line: number, at: number): CsvMistake {
    return new CsvMistake(message, line, at - this.#start + 1);
  }
}

const isBlank = ({ fields }: CsvRow): boolean => fields.length === 1 && fields[0]?.trim() === "";

/** All rows but blank ones. @throws CsvMistake */
export function readCsv(text: string, delimiter: string): readonly CsvRow[] {
  const reader = new Reader(text, delimiter);
  const rows: CsvRow[] = [];
  while (!reader.isAtEnd) {
    const row = reader.row();
    if (!isBlank(row)) rows.push(row);
  }
  return rows;
}
