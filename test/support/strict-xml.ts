/**
 * Reads the XML that JUnit files are made of, and refuses anything that XML 1.0 does not allow there: a character, a bare
 * sign, an unknown entity, an attribute twice, a tag left open. No namespaces, comments, CDATA or DTD: we write none.
 */

export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All text directly inside, entities resolved. */
  readonly text: string;
}

const ILLEGAL = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u;
const NAMED: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/** The root element; throws an Error that says where the text is not well formed. */
export function readXml(text: string): XmlElement {
  const illegal = ILLEGAL.exec(text);
  if (illegal !== null) throw new Error(`character ${illegal[0].codePointAt(0)} at ${illegal.index}`);
  const head = /^<\?xml version="1\.0" encoding="UTF-8"\?>\n/.exec(text)?.[0] ?? fail("no declaration", 0);
  const { at, element } = readElement(text, head.length);
  if (text.slice(at).trim() !== "") fail("text behind the root", at);
  return element;
}

function fail(what: string, at: number): never {
  throw new Error(`${what} at ${at}`);
}

const OPEN = /<([A-Za-z][\w.-]*)((?:\s+[A-Za-z][\w.-]*="[^"<]*")*)\s*(\/?)>/y;

function readElement(text: string, from: number): { readonly element: XmlElement; readonly at: number } {
  OPEN.lastIndex = from;
  const [whole, name = "", given = "", closes] = OPEN.exec(text) ?? fail("no tag", from);
  const attributes = readAttributes(given, from);
  const children: XmlElement[] = [];
  let at = from + whole.length;
  if (closes === "/") return { element: { name, attributes, children, text: "" }, at };
  let inner = "";
  for (;;) {
    const next = text.indexOf("<", at);
    if (next < 0) fail(`<${name}> is left open`, from);
    inner += resolve(text.slice(at, next), at);
    if (text.startsWith(`</${name}>`, next)) {
      return { element: { name, attributes, children, text: inner }, at: next + name.length + 3 };
    }
    const child = readElement(text, next);
    children.push(child.element);
    at = child.at;
  }
}

function readAttributes(given: string, at: number): Readonly<Record<string, string>> {
  const pairs = [...given.matchAll(/([A-Za-z][\w.-]*)="([^"]*)"/g)];
  const names = pairs.map(([, name]) => name);
  if (new Set(names).size < names.length) fail("an attribute twice", at);
  return Object.fromEntries(
    // A parser makes spaces of line breaks and tabs that are not written as references.
    pairs.map(([, name = "", value = ""]) => [name, resolve(value.replaceAll(/[\t\n\r]/g, " "), at)]),
  );
}

function resolve(text: string, at: number): string {
  if (text.includes("]]>")) fail("]]> in text", at);
  return text.replaceAll(/&([^;]{0,10};?)/g, (_, reference: string) => {
    const number = /^#(\d+);$/.exec(reference)?.[1];
    if (number !== undefined) return String.fromCodePoint(Number(number));
    return NAMED[reference.slice(0, -1)] ?? fail(`&${reference} is no entity`, at);
  });
}
