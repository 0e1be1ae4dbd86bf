/** NATS subject patterns: `*` stands for one token, a final `>` for one or more. */

export function matches(pattern: string, subject: string): boolean {
  if (pattern === subject) return true;
  const [want, have] = [pattern.split("."), subject.split(".")];
  const isOpen = want.at(-1) === ">";
  if (isOpen ? have.length < want.length : have.length !== want.length) return false;
  const fixed = isOpen ? want.slice(0, -1) : want;
  return fixed.every((token, i) => token === "*" || token === have[i]);
}
