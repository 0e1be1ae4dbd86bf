/** Reading a log while somebody purges it: it ends, whatever was still there. */
import * as Effect from "effect/Effect";
import { expect, it } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import { note } from "../../support/messages.ts";
import { startNats } from "../../support/nats.ts";
import { connect, provisioned, run } from "./on-server.ts";

const ROUNDS = 3;

it("reading a log ends although the log is purged meanwhile", async () => {
  await using nats = await startNats();
  const lengths = await run(
    Effect.gen(function* () {
      const { log, admin } = yield* provisioned(nats);
      const reader = yield* connect(nats, "reader");
      const where = { asset: "zoneEvents", zone: "z" } as const;
      const subject = subjects.zoneEvent("z", "A");
      const round = Effect.fnUntraced(function* (n: number) {
        const texts = Array.from({ length: 50 }, (_, i) => `${n}.${i}`);
        yield* Effect.forEach(texts, (text) => log.append(subject, note(text)), { concurrency: 50 });
        const purge = admin.purge(where, subject).pipe(Effect.delay(n));
        const [found] = yield* Effect.all([reader.log.read(where, [subject]), purge], { concurrency: 2 });
        return found.length;
      });
      return yield* Effect.forEach(
        Array.from({ length: ROUNDS }, (_, n) => n),
        round,
      );
    }),
  );
  expect(lengths).toHaveLength(ROUNDS);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(50);
});
