/** The picture of a terminal: characters on a grid, in the colours of their ANSI codes. */
import { describe, expect, it } from "vitest";
import { svgOf } from "../../../docs/session/ansi-svg.ts";

const texts = (svg: string) =>
  [...svg.matchAll(/<text x="([\d.]+)" y="(\d+)"[^>]* fill="([^"]+)"([^>]*)>([^<]*)</g)].map(
    ([, x, y, fill, look, text]) => ({ x: Number(x), y: Number(y), fill, look, text }),
  );

describe("a terminal's picture", () => {
  it("puts each word where it stood, whatever came before it", () => {
    const [a, b, c] = texts(svgOf("ab  cd\n  ef", "t"));
    expect([a?.text, b?.text, c?.text]).toEqual(["ab", "cd", "ef"]);
    expect((b?.x ?? 0) - (a?.x ?? 0)).toBeCloseTo(4 * 8.4, 1);
    expect(c?.x).toBeCloseTo((a?.x ?? 0) + 2 * 8.4, 1);
    expect((c?.y ?? 0) - (a?.y ?? 0)).toBe(18);
  });

  it("takes colours of 16, of 256 and of all, bold and dim, over the end of a line until they are reset", () => {
    const screen =
      "\u001b[32mgreen\u001b[39m plain\n\u001b[38;5;196mred\u001b[0m \u001b[1;2mboth\n\u001b[22m\u001b[38;2;1;2;255mblue";
    expect(texts(svgOf(screen, "t")).map(({ fill, look, text }) => [text, fill, look])).toEqual([
      ["green", "#98c379", ""],
      ["plain", "#d7dae0", ""],
      ["red", "#ff0000", ""],
      ["both", "#d7dae0", ' font-weight="bold" opacity="0.6"'],
      ["blue", "#0102ff", ""],
    ]);
  });

  it("is well-formed whatever the screen says, and skips codes that are no colours", () => {
    const svg = svgOf("\u001b[2Ka < b && c > d\u001b[K\u001b(B", 'say "<hi>"');
    expect(texts(svg).map(({ text }) => text)).toEqual(["a &lt; b &amp;&amp; c &gt; d"]);
    expect(svg).toContain('<title>say "&lt;hi&gt;"</title>');
  });
});
