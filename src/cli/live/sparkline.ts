/** A row of values as a row of characters: how something moved, second by second. From 0 to the highest in view. */

const BLOCKS = "▁▂▃▄▅▆▇█";
const ASCII = "_.-:=+*#";

/** The last `width` values, right-aligned; what is not there is a blank. */
export function sparkline(values: readonly (number | undefined)[], width: number, utf8: boolean): string {
  const levels = utf8 ? BLOCKS : ASCII;
  const shown = values.slice(-width);
  const highest = Math.max(0, ...shown.map((value) => value ?? 0));
  const character = (value: number | undefined): string => {
    if (value === undefined) return " ";
    const level = highest === 0 ? 0 : Math.round((value / highest) * (levels.length - 1));
    return levels[level] ?? " ";
  };
  return shown.map(character).join("").padStart(width);
}

/** A bar of that width, filled by a share of it. */
export function bar(share: number, width: number, utf8: boolean): readonly [full: string, empty: string] {
  const filled = Math.max(0, Math.min(width, Math.floor(share * width)));
  const [full, empty] = utf8 ? ["━", "─"] : ["=", "-"];
  return [full.repeat(filled), empty.repeat(width - filled)];
}
