/** Versions as servers and packages print them, and what a server calls now: one too old must not pass for a new one. */
import { describe, expect, it } from "vitest";
import {
  compareVersions,
  isNewEnough,
  parseVersion,
  versionText,
} from "../../../src/domain/program-version.ts";
import { shownUrl } from "../../../src/domain/server-url.ts";
import { microseconds } from "../../../src/nats/stored.ts";

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

  it.each(["nats-server: unknown option --version", "unknown", ""])("is not found in %j", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });

  it("compares by number, not by letter, and a preview comes before its release", () => {
    const ordered = ["2.9.10", "2.10.27", "2.15.0-RC.1", "2.15.0", "2.15.1", "3.0.0"].map(version);
    const shuffled = [3, 0, 5, 1, 4, 2].map((place) => ordered[place]!);
    expect(shuffled.toSorted(compareVersions)).toEqual(ordered);
    expect(compareVersions(version("v2.15.1"), version("2.15.1-1"))).toBe(0);
  });

  it.each(["2.14.9", "2.9.10", "1.99.99", "2.15.0-RC.1"])("%s is too old", (text) => {
    expect(isNewEnough(version(text))).toBe(false);
  });

  it.each(["2.15.0", "2.15.1", "2.100.0", "3.0.0"])("%s is new enough", (text) => {
    expect(isNewEnough(version(text))).toBe(true);
  });
});

describe("address of a server, as shown", () => {
  it.each([
    ["nats://127.0.0.1:4222", "nats://127.0.0.1:4222"],
    ["127.0.0.1:4222", "127.0.0.1:4222"],
    ["nats://ann:s3cret@hub:4222", "nats://hub:4222"],
    ["ann:s3cret@hub:4222", "hub:4222"],
    ["tls://tok@n/with@signs,too@hub", "tls://hub"],
    ["nats://a:b@one:4222,nats://c:d@two", "nats://one:4222,nats://two"],
  ])("%s is %s", (url, shown) => {
    expect(shownUrl(url)).toBe(shown);
  });
});

describe("timestamp of a server", () => {
  it.each([
    ["2026-11-22T00:00:00Z", 1_795_305_600_000_000],
    ["2026-11-22T00:00:00.5Z", 1_795_305_600_500_000],
    ["2026-11-22T00:00:00.000001999Z", 1_795_305_600_000_001],
    ["2026-11-22T01:00:00.123456789+01:00", 1_795_305_600_123_456],
  ])("%s is %d µs", (timestamp, us) => {
    expect(microseconds(timestamp)).toBe(us);
  });
});
