/** A cluster of three: what is kept how often, and a reader whose consumer's server is killed. */
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import { connect as connectPlain } from "@nats-io/transport-node";
import * as Deferred from "effect/Deferred";
import * as Effect from "effect/Effect";
import * as Schedule from "effect/Schedule";
import { describe, expect, it } from "vitest";
import { subjects } from "../../../streams/subjects.ts";
import { natsServer } from "../../../src/nats/nats-server.ts";
import { streamName } from "../../../src/nats/stream-names.ts";
import { freePorts } from "../../support/free-ports.ts";
import { note, textOf } from "../../support/messages.ts";
import { type PrivateNats, startNats } from "../../support/nats.ts";

const WHERE = { asset: "runEvents", zone: "" } as const;
/** Three elections on a busy machine. */
const TEST_MS = 90_000;

async function startCluster(): Promise<readonly PrivateNats[]> {
  const first = await freePorts(3);
  const routes = [0, 1, 2].map((n) => `nats-route://127.0.0.1:${first + n}`).join(", ");
  return Promise.all(
    [0, 1, 2].map((n) =>
      startNats({
        name: `n${n}`,
        config: `cluster { name: c, listen: "127.0.0.1:${first + n}", no_advertise: true, routes: [${routes}] }\n`,
      }),
    ),
  );
}

/** Name of the server that keeps the one consumer of the stream. */
async function consumersServer(jsm: JetStreamManager): Promise<string> {
  const [consumer] = await jsm.consumers.list(streamName(WHERE)).next();
  expect(consumer?.config.num_replicas).toBe(1);
  return consumer?.cluster?.leader ?? "";
}

const again = { times: 60, schedule: Schedule.spaced("500 millis") };

/** Follows a run's log, has the server of its consumer killed, and says more. */
const program = Effect.fnUntraced(function* (
  url: string,
  jsm: JetStreamManager,
  kill: (name: string) => void,
) {
  const { admin, log } = yield* natsServer({ url, name: "test" });
  yield* Effect.retry(admin.provision("hub", ""), again);
  const [before, after] = [yield* Deferred.make<void>(), yield* Deferred.make<void>()];
  const seen: string[] = [];
  const heard = (text: string) => {
    seen.push(text);
    return Deferred.succeed(seen.length === 1 ? before : after, undefined);
  };
  const follow = log.follow(WHERE, [subjects.runLog("r")], 1, (stored) =>
    heard(textOf(stored)).pipe(Effect.asVoid),
  );
  yield* Effect.forkScoped(follow);
  yield* log.append(subjects.runEvent("r", "A"), note("before"));
  yield* Deferred.await(before);
  kill(yield* Effect.promise(() => consumersServer(jsm)));
  yield* Effect.retry(log.append(subjects.runEvent("r", "B"), note("after")), again);
  yield* Deferred.await(after);
  return seen;
});

describe("a cluster of three servers", () => {
  it(
    "keeps everything three times, and a reader goes on when its consumer's server is killed",
    { timeout: TEST_MS },
    async () => {
      const servers = await startCluster();
      const urls = servers.map((each) => each.url);
      const plain = await connectPlain({ servers: urls, maxReconnectAttempts: -1, reconnectTimeWait: 250 });
      try {
        const jsm = await jetstreamManager(plain, { checkAPI: false });
        const kill = (name: string) => servers[Number(name.slice(1))]?.signal("SIGKILL");
        const seen = await Effect.runPromise(Effect.scoped(program(urls.join(","), jsm, kill)));
        expect(seen).toEqual(["before", "after"]);
        const streams = await jsm.streams.list().next();
        expect(streams.length).toBeGreaterThan(5);
        for (const { config } of streams) expect(config.num_replicas, config.name).toBe(3);
      } finally {
        await plain.close();
        await Promise.all(servers.map((each) => each.stop()));
      }
    },
  );
});
