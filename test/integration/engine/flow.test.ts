/** What steers a script, where a script steers it wrongly. */
import { describe, expect, it } from "vitest";
import { checkOf, groupOf } from "../../../src/script/flow.ts";
import { openHttp } from "./http-bench.ts";

describe("groups", () => {
  it("that run at once are told, and those that follow have their own tags again", async () => {
    const { of, told, vu } = openHttp();
    const group = groupOf(vu);
    const first = Promise.withResolvers<void>();
    const second = Promise.withResolvers<void>();
    const both = [group("first", () => first.promise), group("second", () => second.promise)];
    first.resolve();
    await both[0];
    second.resolve();
    await both[1];
    await group("third", () => undefined);
    expect(told).toEqual([expect.stringMatching(/^group "first" ended while another/), expect.anything()]);
    expect(of("group_duration").at(-1)?.tags["group"]).toBe("::third");
  });

  it("inside each other, and after each other, are told nothing", async () => {
    const { of, told, vu } = openHttp();
    const group = groupOf(vu);
    await group("a", () => group("b", async () => undefined));
    await group("c", () => undefined);
    expect(told).toEqual([]);
    expect(of("group_duration").map(({ tags }) => tags["group"])).toEqual(["::a::b", "::a", "::c"]);
  });
});

describe("a check", () => {
  it("whose condition gives a promise is a mistake, not a pass", () => {
    const { of, vu } = openHttp();
    const check = checkOf(vu);
    expect(() => check(1, { "is two": async (value) => value === 2 })).toThrow(
      'check "is two": its condition gave a promise',
    );
    expect(of("checks")).toEqual([]);
  });
});
