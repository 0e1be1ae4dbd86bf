/** What a server tells its clients about the others of its cluster: scripts are kept from all of them. */
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import { describe, expect, it } from "vitest";
import { natsServer } from "../../../src/nats/nats-server.ts";
import { freePorts } from "../../support/free-ports.ts";
import { startNats } from "../../support/nats.ts";

/** An election, and the word of a route that is made or lost. */
const again = { times: 200, schedule: Schedule.spaced("100 millis") };

const hostsOf = (...servers: readonly { readonly url: string }[]) =>
  servers.map(({ url }) => new URL(url).host).toSorted();

describe("a server that tells of its cluster", () => {
  it("names the members that there are now", async () => {
    const first = await freePorts(2);
    const [one, other] = await Promise.all(
      [0, 1].map((n) =>
        startNats({
          name: `n${n}`,
          config: `cluster { name: c, listen: "127.0.0.1:${first + n}", routes: ["nats-route://127.0.0.1:${first + 1 - n}"] }\n`,
        }),
      ),
    );
    if (one === undefined || other === undefined) throw new Error("there are two");
    const program = Effect.gen(function* () {
      const { members } = yield* Effect.retry(natsServer({ url: one.url, name: "test" }), again);
      const named = () => (members?.() ?? []).toSorted();
      /** What it names once it names these, or in the end. */
      const namedWhen = (wanted: readonly string[]) =>
        Effect.suspend(() => (named().join() === wanted.join() ? Effect.void : Effect.fail("not yet"))).pipe(
          Effect.retry(again),
          Effect.ignore,
          Effect.map(named),
        );
      expect(yield* namedWhen(hostsOf(one, other))).toEqual(hostsOf(one, other));
      yield* Effect.promise(() => other.stop());
      expect(yield* namedWhen(hostsOf(one))).toEqual(hostsOf(one));
    });
    try {
      await Effect.runPromise(Effect.scoped(program));
    } finally {
      await Promise.all([one.stop(), other.stop()]);
    }
  });
});
