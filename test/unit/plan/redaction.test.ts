import { describe, expect, it } from "vitest";
import { REDACTED, Redaction } from "../../../src/domain/redaction.ts";

const SECRET = `p@ss "wörd"/?+=&%'`;
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("a redaction", () => {
  const redaction = new Redaction([SECRET, "line-one-xyz\nline-two-xyz"]);

  it.each([
    ["as it is", SECRET],
    ["in JSON", JSON.stringify({ token: SECRET })],
    ["in a URL", `https://x.example/?t=${encodeURIComponent(SECRET)}&u=1`],
    [
      "in a URL as its parser writes it",
      `https://x.example/?${new URLSearchParams({ t: SECRET }).toString()}`,
    ],
    ["in a URL with small digits", encodeURIComponent(SECRET).replace(/%../g, (hex) => hex.toLowerCase())],
    ["in base64", base64(SECRET)],
    ["in base64 behind a name", `Basic ${base64(`ada:${SECRET}`)}`],
    ["in base64 behind another name", `Basic ${base64(`bob1:${SECRET}:x`)}`],
    ["in base64 for URLs", Buffer.from(`xx${SECRET}`).toString("base64url")],
    ["one line of it", "the key is line-two-xyz"],
  ])("takes a secret out: %s", (_what, text) => {
    const shown = redaction.text(`before ${text} after`);
    expect(shown).toContain(REDACTED);
    expect(shown).toMatch(/^before .* after$/s);
    expect(shown).not.toContain(SECRET);
    expect(Buffer.from(shown.replace(/.* /, ""), "base64").toString()).not.toContain("wörd");
  });

  it("goes into every text of a value, names too, and leaves the rest as it was", () => {
    const value = { [SECRET]: [SECRET, 1, null, true], at: undefined };
    expect(redaction.all(value)).toEqual({ [REDACTED]: [REDACTED, 1, null, true], at: undefined });
    expect(redaction.text("nothing here")).toBe("nothing here");
  });

  it("without secrets gives back what it was given", () => {
    const value = { a: ["b"] };
    expect(new Redaction([]).all(value)).toBe(value);
  });
});
