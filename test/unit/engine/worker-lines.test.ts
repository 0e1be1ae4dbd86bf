/** What a worker writes, line by line, and what is taken out of it before anything is cut. */
import { Readable } from "node:stream";
import { describe, expect, it } from "vitest";
import { Redaction } from "../../../src/domain/redaction.ts";
import { WorkerLines } from "../../../src/engine/worker-lines.ts";

const SECRET = "canary-7f3a91c2";

async function linesOf(chunks: readonly string[], secrets: readonly string[]): Promise<string> {
  const lines = new WorkerLines();
  lines.redaction = new Redaction(secrets);
  const pipe = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  const ended = new Promise((resolve) => pipe.once("end", resolve));
  lines.read(pipe);
  await ended;
  return lines.last.join("");
}

describe("the lines of a worker", () => {
  it.each(Array.from({ length: SECRET.length + 1 }, (_, at) => at))(
    "hold no half of a secret that a pipe cut after %i characters, in a line without an end",
    async (at) => {
      const chunks = ["x".repeat(5_000) + SECRET.slice(0, at), `${SECRET.slice(at)}y`, "z".repeat(5_000)];
      const text = await linesOf(chunks, [SECRET]);
      for (const half of [SECRET.slice(0, 6), SECRET.slice(-6)]) expect(text).not.toContain(half);
      expect(text).toContain("_REDACTED***y");
    },
  );

  it("without an end are passed on where there are no secrets", async () => {
    expect(await linesOf(["a".repeat(4_001), "b"], [])).toBe(`${"a".repeat(4_000)}…b`);
  });
});
