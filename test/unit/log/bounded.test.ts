/** What comes from below is cut to what a copy of it may hold. */
import { describe, expect, it } from "vitest";
import { boundedWord, cutTexts, TEXT_MAX } from "../../../src/domain/log/bounded.ts";
import { STAGE_VALUE_BYTES } from "../../../src/domain/run/stages.ts";
import type { ZoneEvent } from "../../../streams/events/zone.ts";

const long = "x".repeat(100_000);

describe("a word from below", () => {
  it("is cut wherever somebody wrote a text", () => {
    const cut = cutTexts({ a: [long, { [long]: long, n: 7, no: null, is: true }], short: "as it is" }, 5);
    expect(cut).toEqual({ a: ["xxxx…", { xxxxx: "xxxx…", n: 7, no: null, is: true }], short: "as i…" });
  });

  it("keeps all that an honest one says", () => {
    const cause = { kind: "script", message: "x".repeat(TEXT_MAX), by: "agent a1" } as const;
    const said: ZoneEvent = { type: "AbortRequested", run: "r", agent: "a1", cause };
    expect(boundedWord(said, 9000)).toEqual(said);
    expect(boundedWord({ ...said, cause: { ...cause, message: long } }, 100_000).cause.message).toHaveLength(
      TEXT_MAX,
    );
  });

  it("has what a stage returned whole, or as a failure", () => {
    const done = {
      type: "StageReported",
      run: "r",
      stage: "setup",
      agent: "a1",
      incarnation: 1,
      intervals: 0,
    } as const;
    const token = "x".repeat(STAGE_VALUE_BYTES - 2);
    const said: ZoneEvent = { ...done, value: { token: [token] } };
    expect(boundedWord(said, STAGE_VALUE_BYTES + 200)).toEqual(said);
    const failure = { kind: "invalid", message: expect.stringContaining("longer than a script may return") };
    expect(boundedWord(said, 2 * STAGE_VALUE_BYTES)).toEqual({ ...done, failure });
  });
});
