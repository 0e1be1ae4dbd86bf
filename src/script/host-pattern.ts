/** Host names with `*.` in front, as options have them: every name below, and not the name itself. */

export const hostMatches = (pattern: string, host: string): boolean => {
  if (pattern === "*") return true;
  return pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern;
};
