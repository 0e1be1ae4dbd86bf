/**
 * Text that somebody else chose – a zone, an agent, a server, a script – as a terminal may show it: it moves no cursor,
 * colours nothing, turns no line around, and has an end. Every renderer takes it from here; which characters these are is
 * known nowhere else. Pure.
 */

/** Characters of a name, or of anything else that is short where nobody means harm. */
const NAME_LONGEST = 200;
/** Characters of a whole line. */
const LINE_LONGEST = 10_000;

/** Control and format characters, line and paragraph separators. Letters of some scripts need the two joiners. */
const UNPRINTABLE = String.raw`[\p{Cc}\p{Zl}\p{Zp}]|(?!\u200c|\u200d)\p{Cf}`;
const UNPRINTABLE_IN_LINES = String.raw`(?![\n\t])(?:${UNPRINTABLE})`;

const SINGLE = new RegExp(UNPRINTABLE, "gu");
const SINGLE_IN_LINES = new RegExp(UNPRINTABLE_IN_LINES, "gu");
const RUNS = new RegExp(`(?:${UNPRINTABLE})+`, "gu");
const RUNS_IN_LINES = new RegExp(`(?:${UNPRINTABLE_IN_LINES})+`, "gu");
/** As terminals are told to change colours and weights, and nothing else. */
const COLOUR = new RegExp(String.raw`(\u001b\[[\d;]*m)`, "u");

const CONTROL = /\p{Cc}/u;

/** Text that is one line as it stands, with nothing in it that a terminal obeys. */
export const isOneLine = (text: string): boolean => !CONTROL.test(text);

/** In one line, and cut, with an ellipsis, where it is longer than `longest`. */
export function printable(text: string, longest = NAME_LONGEST): string {
  const flat = text.replaceAll(RUNS, " ");
  return flat.length <= longest ? flat : `${flat.slice(0, Math.max(0, longest - 1))}…`;
}

/** A line that holds such text among our own words. */
export const printableLine = (line: string): string => printable(line, LINE_LONGEST);

/** Text of several lines, which stay: only for what may look like lines of our own. Nothing is cut. */
export const printableLines = (text: string): string => text.replaceAll(RUNS_IN_LINES, " ");

/** The same, in the colours that a script gave it. */
export const printableColours = (text: string): string =>
  text
    .split(COLOUR)
    .map((part, index) => (index % 2 === 1 ? part : printableLines(part)))
    .join("");

/** For those with a form of their own for such characters: each as `escape` writes it. */
export const escapedIn = (text: string, escape: (character: string) => string): string =>
  text.replaceAll(SINGLE, escape);

/** A value as JSON; what JSON itself would leave as it is stands escaped, and means the same to whoever parses it. */
export const printableJson = (value: unknown, indent?: number): string =>
  escapedJson(JSON.stringify(value, undefined, indent));

/** The same for what is JSON already. */
export const escapedJson = (json: string): string =>
  json.replaceAll(SINGLE_IN_LINES, (character) => character.split("").map(unitEscape).join(""));

/** JSON knows halves of pairs only. */
const unitEscape = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
