/**
 * What a statement may not name, before it runs. The embedded engine is one that trusts whoever uses it: its scalar
 * function `file` reads every file of the machine, and no grant and no profile stops it. So the server itself says what a
 * statement names: by its tree, and by its text in one form, for the tree leaves out parts of some statements (SHOW …
 * WHERE, APPLY). Whoever may not pass is told; nothing of the statement has run by then.
 */

/** Runs a statement of ours as the person who asks; the answer as text. */
export type Ask = (query: string, params: Readonly<Record<string, string>>) => Promise<string>;

/** By its name alone, too: `arrayMap(file, …)` calls it. */
const IN_TREE = /^ *(?:Function|Identifier) file(?: \(|$)/im;
const STRING_OR_QUOTED = /'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/gs;
const IN_TEXT = /\bfile\b/i;

/** Whether a statement names the function `file`. Rejects with the server's error when it can make nothing of it. */
export async function namesFile(ask: Ask, statement: string): Promise<boolean> {
  // This one first: the places in its errors are those of the statement, with no word of ours before it.
  const text = await ask("SELECT formatQuerySingleLine({statement:String})", { statement });
  return namesFileInText(text) || IN_TREE.test(await ask(`EXPLAIN AST ${statement}`, {}));
}

/** Of the text as the server writes it: no comments, strings in single quotes, names plain or in backticks. */
export const namesFileInText = (text: string): boolean =>
  IN_TEXT.test(text.replaceAll(STRING_OR_QUOTED, (part) => (part.startsWith("'") ? "''" : part)));
