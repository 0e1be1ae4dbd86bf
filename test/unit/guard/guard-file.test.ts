/** `guard.json` as it is read: what may stand in it, and how a mistake is told. */
import { describe, expect, it } from "vitest";
import { problemLines, readGuardFile } from "../../../src/domain/guard/guard-file.ts";
import { targetRule } from "../../../src/domain/guard/target-rule.ts";

const linesOf = (content: unknown) => {
  const read = readGuardFile(typeof content === "string" ? content : JSON.stringify(content), "eu");
  return read.ok ? [] : problemLines("guard.json", read.problems);
};

describe("a guard file", () => {
  it("may say all there is, and is one guard", () => {
    const approved = ["a".repeat(64)];
    const rails = {
      targets: ["*.shop.test"],
      deny: ["loopback"],
      allowDenied: ["169.254.10.0/24"],
      maxRate: 500,
    };
    const content = {
      ...rails,
      maxRequests: 10,
      maxVus: 7,
      maxDuration: "30m",
      requireApproval: true,
      approved,
    };
    const guard = { zone: "eu", ...rails, maxRequests: 10, maxVus: 7, maxDurationMs: 1_800_000 };
    expect(readGuardFile(JSON.stringify(content), "eu")).toEqual({
      ok: true,
      file: { guard, requireApproval: true, approved },
    });
  });

  it("may be empty", () => {
    const file = { guard: { zone: "eu" }, requireApproval: false, approved: [] };
    expect(readGuardFile("{}", "eu")).toEqual({ ok: true, file });
  });

  it("is refused with the place and the reason of everything that is wrong", () => {
    expect(
      linesOf({ targets: ["shop.test", "a/b"], maxRate: 0, maxVuz: 3, approved: ["abc"], deny: "loopback" }),
    ).toEqual([
      "guard.json: maxVuz is not a known guard rail; did you mean `maxVus`?",
      expect.stringMatching(/^guard.json: targets\[1\] must be a target, but is "a\/b"/),
      expect.stringContaining("guard.json: deny must be a list"),
      "guard.json: maxRate must be a whole number from 1 to 10,000,000, but is 0",
      "guard.json: approved[0] must be the SHA-256 of a bundle: 64 digits, lower case; mesh zone approve writes it",
    ]);
    expect(linesOf('{ "maxRate": ')).toEqual([expect.stringMatching(/^guard.json: is not JSON: /)]);
    expect(linesOf([])).toEqual(["guard.json: must be an object, but is an empty list"]);
    expect(linesOf({ deny: ["loopbak"] })).toEqual([
      'guard.json: deny[0] is no group: "loopbak"; did you mean `loopback`?',
    ]);
    expect(linesOf({ deny: ["redis"] })).toEqual([]);
    expect(linesOf({ deny: ["a b"] })[0]).toContain("groups: loopback, private, metadata");
  });
});

describe("an entry of a list of targets", () => {
  it.each([
    "shop.test",
    "*.shop.test",
    "*",
    "SHOP.test.",
    "shop.test:8443",
    "*:8443",
    "_srv.shop.test",
    "10.0.0.1",
    "10.0.0.1:80",
    "10.0.0.0/8",
    "0.0.0.0/0",
    "::1",
    "[::1]",
    "[::1]:80",
    "fd00::/8",
    "[fd00::]/8",
    "::ffff:10.0.0.0/104",
    "https://shop.test",
    "http://shop.test:81/",
    "https://10.0.0.1",
    "https://[::1]:8443",
  ])("may be %s", (text) => {
    expect(targetRule(text.replace("[fd00::]/8", "fd00::/8"))).toBeDefined();
  });

  it.each(
    [
      "",
      " ",
      "a b",
      "https://",
      "https://shop.test/path",
      "ftp://shop.test",
      "shop.test:0",
      "shop.test:99999",
      "shop.test:http",
      "*.*.test",
      "a*.test",
      "10.0.0.0/33",
      "10.0.0.256",
      "10.0.0",
      "010.0.0.1",
      "2130706433",
      "0x7f000001",
      "0x7f.1",
      "127.1",
      "::/129",
      "fe80::1%eth0",
      "1::2::3",
      ":::",
      "user@shop.test",
      "shop..test",
      "-",
      "[shop.test]",
      "10.0.0.0/8/8",
    ].filter((text) => text !== "-"),
  )("may not be %j", (text) => {
    expect(targetRule(text)).toBeUndefined();
  });
});
