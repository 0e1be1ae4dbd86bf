/**
 * Says what in a value JSON cannot carry, and where. JSON itself would drop or change it without a word.
 */

/** @returns undefined when the value is plain JSON, else a sentence that names the path */
export function jsonProblem(
  value: unknown,
  path: string,
  above: readonly unknown[] = [],
): string | undefined {
  if (value === null || value === undefined || typeof value === "string" || typeof value === "boolean")
    return undefined;
  if (typeof value === "number") {
    return Number.isFinite(value) ? undefined : `${path} is ${value}; options must be plain JSON values`;
  }
  if (typeof value !== "object") return `${path} is a ${typeof value}; options must be plain JSON values`;
  if (above.includes(value)) return `${path} contains itself; options must be plain JSON values`;
  const within = [...above, value];
  if (Array.isArray(value)) {
    return value.map((item, index) => jsonProblem(item, `${path}[${index}]`, within)).find((found) => found);
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    return `${path} is a ${value.constructor.name}; options must be plain JSON values`;
  }
  return Object.entries(value)
    .map(([key, item]) => jsonProblem(item, `${path}.${key}`, within))
    .find((found) => found);
}
