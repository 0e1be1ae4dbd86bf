/** Who follows a run that is over already gets all of both logs, whichever of them comes first. */
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import { describe, expect, it } from "vitest";
import { MemoryHub, memoryServer } from "../../../src/ports/memory-server.ts";
import type { Server } from "../../../src/ports/server.ts";
import { followRun, type View } from "../../../src/roles/door/follow-run.ts";
import { recordRun, storeRun } from "../../support/recorded-run.ts";

type Asset = "runEvents" | "runIntervals";

/** The same server, one of whose logs is read only when the other has given the message numbered `after`. */
const lateIn = (asset: Asset, after: number, server: Server, isThere: Deferred.Deferred<void>): Server => ({
  ...server,
  log: {
    ...server.log,
    follow: (log, filter, from, handle) => {
      if (log.asset === asset) {
        const behind = Effect.andThen(Deferred.await(isThere), Effect.yieldNow);
        return Effect.andThen(behind, server.log.follow(log, filter, from, handle));
      }
      return server.log.follow(log, filter, from, (stored) => {
        const tell = stored.sequence === after ? Deferred.succeed(isThere, undefined) : Effect.void;
        return Effect.andThen(tell, handle(stored));
      });
    },
  },
});

function followed(asset: Asset, after: number) {
  const hub = new MemoryHub();
  hub.provision("hub", "");
  const server = memoryServer(hub);
  const recorded = recordRun({ run: "r", windows: 5 });
  const seen: string[] = [];
  const follower = {
    onEvent: ({ type }: { readonly type: string }) => void seen.push(type),
    onInterval: ({ state }: View) => void seen.push(`interval of ${state.plan?.script}`),
  };
  const test = Effect.gen(function* () {
    yield* storeRun(server, recorded);
    const late = lateIn(asset, after, server, yield* Deferred.make<void>());
    const view = yield* followRun(late, "r", follower);
    return { recorded, seen, view };
  });
  return Effect.runPromise(test);
}

describe("followRun", () => {
  it.each([
    ["comes after the verdict", "runIntervals", 4],
    ["comes before the plan", "runEvents", 1],
  ] as const)("has every interval and event where the interval log %s", async (_, late, after) => {
    const { recorded, seen, view } = await followed(late, after);
    expect(seen.filter((each) => !each.startsWith("interval"))).toEqual(
      recorded.events.map(({ type }) => type),
    );
    expect(seen.filter((each) => each === "interval of script.ts")).toHaveLength(5);
    expect(view.metrics?.log.windows.total).toBe(5);
    expect(view.state.verdict?.exitCode).toBe(99);
  });
});
