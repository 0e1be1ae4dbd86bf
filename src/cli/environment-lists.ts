/** Flags that may be given several times, as one environment variable: `MESH_ENV=A=1,B=2`. */

/** The parts of a comma list, none where the variable is not set. A value with a comma in it needs the flag. */
export const listIn = (variable: string): readonly string[] =>
  (process.env[variable] ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/** A map of the config file as the flags would say it. */
export const pairs = (map: Readonly<Record<string, string>> = {}): readonly string[] =>
  Object.entries(map).map(([name, value]) => `${name}=${value}`);
