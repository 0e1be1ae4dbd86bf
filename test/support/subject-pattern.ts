/**
 * NATS subject patterns as the server reads them: `*` is one token, a final `>` one or more. Written from the NATS
 * rules, not from `streams/subjects.ts`, so that it can judge those.
 */

/** True when every subject of `inner` is also a subject of `outer`; `inner` may be a plain subject. */
export function covers(outer: string, inner: string): boolean {
  const [a, b] = [outer.split("."), inner.split(".")];
  const tail = a.at(-1) === ">" ? a.length - 1 : undefined;
  if (tail !== undefined ? b.length <= tail : a.length !== b.length || b.at(-1) === ">") return false;
  return a.slice(0, tail).every((token, i) => b[i] !== ">" && (token === "*" || token === b[i]));
}

/** True when some subject belongs to both patterns: the server refuses two such streams. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [one.split("."), other.split(".")];
  for (let i = 0; ; i++) {
    const [x, y] = [a[i], b[i]];
    if (x === undefined || y === undefined) return x === y;
    if (x === ">" || y === ">") return true;
    if (x !== "*" && y !== "*" && x !== y) return false;
  }
}
