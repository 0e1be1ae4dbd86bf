/** Versions as servers and packages print them. */
import { describe, expect, it } from "vitest";
import { compareVersions, parseVersion, versionText } from "../../../src/keeper/program-version.ts";

const version = (text: string) => parseVersion(text) ?? expect.fail(`no version in ${text}`);

describe("program version", () => {
  it.each([
    ["nats-server: v2.15.1\n", "2.15.1"],
    ["2.10.27-1+b2", "2.10.27"],
    ["nats-server: v2.15.0-RC.1", "2.15.0-preview"],
    ["2.15.0~rc1-1", "2.15.0-preview"],
    ["2.15.1-linux-x64", "2.15.1"],
  ])("is found in %j", (text, expected) => {
    expect(versionText(version(text))).toBe(expected);
  });

  it("is undefined where there is none", () => {
    expect(parseVersion("nats-server: unknown option --version")).toBeUndefined();
  });

  it("compares by number, not by letter, and a preview comes before its release", () => {
    const ordered = ["2.9.10", "2.10.27", "2.15.0-RC.1", "2.15.0", "2.15.1", "3.0.0"].map(version);
    const shuffled = [3, 0, 5, 1, 4, 2].map((place) => ordered[place]!);
    expect(shuffled.toSorted(compareVersions)).toEqual(ordered);
    expect(compareVersions(version("v2.15.1"), version("2.15.1-1"))).toBe(0);
  });
});
