/** Lines of `mesh events`: every type of event has one, with what a person looks for in it. */
import { describe, expect, it } from "vitest";
import { eventText, intervalText, logLine } from "../../../src/cli/runs/event-text.ts";
import type { IntervalHead } from "../../../src/domain/interval/frame.ts";
import { samples } from "../../golden/samples.ts";

const events = samples["run event"];

describe("event text", () => {
  it.each(Object.values(events).map((event) => [event.type, event] as const))(
    "of %s is one line without a hole",
    (_, event) => {
      const text = eventText(event);
      expect(text).not.toMatch(/\n|undefined|\[object|NaN/);
      const isBare = event.type === "RunReady" || event.type === "RunDraining";
      expect(text.length > 0).toBe(!isBare);
    },
  );

  it("names cause, kind and who", () => {
    const cause = { kind: "person", message: "enough", by: "ada@desk" } as const;
    expect(eventText({ type: "RunStopping", cause })).toBe("person: enough (ada@desk)");
  });

  it("names the plain fields of an event that has no words of its own", () => {
    expect(eventText({ type: "LandingAttempted", attempt: 2 })).toBe("attempt 2");
    expect(eventText({ type: "RunDraining" })).toBe("");
  });

  it("says where a stage failed", () => {
    const failure = { kind: "threw", message: "no login", file: "a.ts", line: 3, column: 7 } as const;
    expect(eventText({ type: "StageEnded", stage: "setup", result: "failed", failure })).toBe(
      "setup failed: no login at a.ts:3:7",
    );
  });
});

describe("interval text", () => {
  it("says number, window, what it adds, and who is in it", () => {
    const head: IntervalHead = {
      source: "root.0",
      number: 3,
      window: 2,
      final: true,
      expected: 4,
      present: 3,
      adds: [
        { source: "eu.1", ranges: [[2, 4]] },
        { source: "us.1", ranges: [[3, 3]] },
      ],
      through: [],
      health: [],
    };
    expect(intervalText(head)).toBe("number 3, window 2, adds eu.1 2-4, us.1 3, 3 of 4 workers, final");
    expect(intervalText({ ...head, adds: [], final: false })).toBe(
      "number 3, window 2, adds nothing, 3 of 4 workers",
    );
  });
});

describe("log line", () => {
  it("has columns, and nothing behind its last word", () => {
    expect(logLine(7, 1_790_000_000_123_456, "RunReady", "")).toMatch(
      /^ {5}7 {2}\d\d:\d\d:\d\d\.123 {2}RunReady$/,
    );
  });
});
