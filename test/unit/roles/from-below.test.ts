/** What cannot be taken of those below: it is named and passed over, and everything else goes its way. */
import * as Effect from "effect/Effect";
import { describe, expect, it } from "vitest";
import { ServerError } from "../../../src/ports/server.ts";
import { passOver, readWord } from "../../../src/roles/from-below.ts";
import { outgoing } from "../../../src/roles/outgoing.ts";

const failing = (reason: ServerError["reason"]) =>
  Effect.fail(new ServerError({ operation: "append to", address: "x", reason, detail: "no" }));

const taken = async (taking: Effect.Effect<void, ServerError>) => {
  const notes: string[] = [];
  const done: string[] = [];
  const after = (reason: string) => Effect.sync(() => void done.push(reason));
  const note = (line: string) => void notes.push(line);
  const end = await Effect.runPromise(
    Effect.result(taking.pipe(passOver("a fact of zone fra", note, after))),
  );
  return { end: end._tag, notes, done };
};

describe("a message from below", () => {
  it("that meets a defect is passed over, with what to do then", async () => {
    const { done, end, notes } = await taken(Effect.die(new Error("the sum is\n no number")));
    expect([end, notes]).toEqual([
      "Success",
      ["passed over a fact of zone fra: it meets a fault of this program (the sum is no number)"],
    ]);
    expect(done).toHaveLength(1);
  });

  it("whose copy is longer than a server takes is passed over", async () => {
    expect((await taken(failing("too-large"))).notes).toEqual([
      "passed over a fact of zone fra: append to x: no",
    ]);
  });

  it("is not passed over for what the server fails in", async () => {
    for (const reason of ["conflict", "unavailable", "lost"] as const)
      expect(await taken(failing(reason))).toEqual({ end: "Failure", notes: [], done: [] });
    expect(await taken(Effect.void)).toEqual({ end: "Success", notes: [], done: [] });
  });

  it("is read with its texts cut, and not at all where it is none of ours", () => {
    const notes: string[] = [];
    const read = (cause: object) => {
      const body = { type: "ShareRefused", run: "r", cause };
      const message = outgoing({ id: "1", time: 1, actor: "fra" }, body);
      return readWord("zone event", message, (line) => void notes.push(line));
    };
    const said = read({ kind: "guard-refused", message: "x".repeat(100_000), by: "" });
    expect(said?.type === "ShareRefused" && said.cause.message.length).toBe(8192);
    expect(read({ kind: "made-up", message: "", by: "" })).toBeUndefined();
    expect(notes).toEqual([expect.stringMatching(/^passed over a zone event of fra: /)]);
  });
});
