/** What stages return travels in messages: it is bounded by its bytes, whatever alphabet it is written in. */
import * as Effect from "effect/Effect";
import * as Queue from "effect/Queue";
import { describe, expect, it } from "vitest";
import type { Part } from "../../../src/roles/agent/part.ts";
import type { Agent, Input } from "../../../src/roles/agent/self.ts";
import { STAGE_VALUE_BYTES } from "../../../src/domain/run/stages.ts";
import { runStage } from "../../../src/roles/agent/stage.ts";
import type { Plan } from "../../../streams/schema/plan.ts";
import { planOf } from "../plan/request.ts";

/** What an agent reports of a setup that returned this. */
async function reportOf(value: unknown, plan: Plan = planOf({}, { exports: ["default", "setup"] })) {
  const worker = {
    name: "a.0/w0",
    lost: new Promise(() => {}),
    runStage: () => Promise.resolve({ kind: "done", value }),
  };
  const part = { run: "r", incarnation: 0, asked: { plan }, workers: [worker], lost: new Map() };
  const mailbox = Effect.runSync(Queue.unbounded<Input>());
  const merger = { intervals: 0 };
  await Effect.runPromise(
    runStage({ mailbox } as unknown as Agent, { ...part, merger } as unknown as Part, {
      type: "RunStage",
      run: "r",
      stage: "setup",
      agent: "a",
      incarnation: 0,
    }),
  );
  const said = await Effect.runPromise(Queue.take(mailbox));
  return said.type === "StageOver" ? said.report : undefined;
}

const quotes = 2;

describe("what setup returned", () => {
  it("travels up to the bound", async () => {
    const value = "a".repeat(STAGE_VALUE_BYTES - quotes);
    expect(await reportOf(value)).toMatchObject({ type: "StageDone", stage: "setup", value });
  });

  it.each([
    ["a", 1],
    ["é", 2],
    ["字", 3],
  ])("is refused beyond it, in bytes: of %s, which has %i", async (letter, bytes) => {
    const count = Math.ceil((STAGE_VALUE_BYTES - quotes + 1) / bytes);
    const report = await reportOf(letter.repeat(count));
    expect(report?.value).toBeUndefined();
    expect(report?.failure?.message).toMatch(
      new RegExp(`^setup returned ${count * bytes + quotes} bytes of JSON; at most ${STAGE_VALUE_BYTES} `),
    );
  });
});
