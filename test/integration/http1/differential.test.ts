import { expect, it } from "vitest";
import { randomFrom } from "../../property/random.ts";
import { byMesh, byUndici, rawAnswer, serve } from "./raw-answers.ts";

const CASES = Number(process.env["HTTP1_CASES"] ?? 600);

it("takes whatever a server sends as undici takes it", { timeout: 60_000 }, async () => {
  const random = randomFrom(Number(process.env["HTTP1_SEED"] ?? 1));
  const answers = Array.from({ length: CASES }, () => rawAnswer(random));
  const origin = await serve(answers);
  const differences: unknown[] = [];
  for (const [index, { method, parts }] of answers.entries()) {
    const url = `${origin}/${index}`;
    const [ours, theirs] = await Promise.all([byMesh(url, method), byUndici(url, method)]);
    if (JSON.stringify(ours) !== JSON.stringify(theirs)) {
      differences.push({ index, method, parts: parts.map((part) => part.toString("latin1")), ours, theirs });
    }
  }
  expect(differences).toEqual([]);
});
