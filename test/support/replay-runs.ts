/**
 * Lives every ended run of a store again and compares it with what is stored: each test that makes a run is a test of
 * the replay, too.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as Effect from "effect/Effect";
import { parseSubject, patterns } from "../../streams/subjects.ts";
import { natsServer } from "../../src/nats/nats-server.ts";
import type { Server } from "../../src/ports/server.ts";
import { replayRun } from "../../src/roles/door/replay-run.ts";
import { startNats } from "./nats.ts";

const RUN_EVENTS = { asset: "runEvents", zone: "" } as const;

/** What differs in any run at this server, in words; nothing in a sound one. */
export const replayDifferences = (url: string, credsFile?: string): Promise<readonly string[]> =>
  Effect.runPromise(
    Effect.scoped(Effect.flatMap(natsServer({ url, credsFile, name: "replay" }), differencesAt)),
  );

const differencesAt = (server: Server) =>
  Effect.gen(function* () {
    const found = yield* server.admin
      .subjects(RUN_EVENTS, patterns.runEventsOf("VerdictGiven"))
      .pipe(Effect.orElseSucceed(() => [])); // a mesh that no root ever led has no streams
    const runs = found.flatMap((subject) => parseSubject(subject)?.run ?? []);
    const replayed = yield* Effect.forEach(runs, (run) =>
      Effect.map(replayRun(server, run), ({ differences }) =>
        differences.map(({ message }) => `run ${run}: ${message}`),
      ),
    );
    return replayed.flat();
  });

/** The same of the embedded servers' store in a state directory whose servers are down. */
export async function replayDifferencesIn(home: string): Promise<readonly string[]> {
  const store = join(home, "nats", "js");
  if (!existsSync(store)) return [];
  const config = `jetstream { store_dir: ${JSON.stringify(store)}, max_file_store: 1TB }\n`;
  await using nats = await startNats({ jetstream: false, config });
  return await replayDifferences(nats.url);
}
