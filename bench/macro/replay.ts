/**
 * Replay of a long run from a real server, as `mesh replay` does it: events per second of a run log of 100,000 events
 * (read, chain checked, decoded, folded), and root's intervals of a run of one hour with ten trends. Beside them what an
 * ordered consumer alone reads from the same stream in the same run: the limit.
 *
 * Run: npm run bench:replay -- [rounds]
 */
import { jetstream, jetstreamManager, DeliverPolicy } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import * as Effect from "effect/Effect";
import type { RunEvent } from "../../streams/events/run.ts";
import { subjects } from "../../streams/subjects.ts";
import { link } from "../../src/domain/log/chain.ts";
import { encodeBody, encodeEnvelope } from "../../src/domain/log/codec.ts";
import { builtin } from "../../src/domain/metric/builtin.ts";
import { Recorder } from "../../src/engine/recorder.ts";
import { natsServer } from "../../src/nats/nats-server.ts";
import { replayRun } from "../../src/roles/door/replay-run.ts";
import { startNats } from "../../test/support/nats.ts";
import { planned, ready, assigned, started } from "../../test/unit/run/fixture.ts";

const rounds = Number(process.argv[2] ?? 5);
const EVENTS = 100_000;
const WINDOWS = 3600;
const SERIES = 10;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** The beginning of a run and then what a long one sees again and again, each a little different. */
function eventAt(index: number): RunEvent {
  const beginning = [planned(), assigned, ...ready, started];
  const first = beginning[index];
  if (first !== undefined) return first;
  if (index % 3 === 0) return { type: "LeaderChanged", root: `root-${index}`, epoch: index };
  if (index % 3 === 1) return { type: "StageEnded", stage: "setup", result: "succeeded", value: { index } };
  return { type: "ZoneLost", zone: "iad", reason: `not heard for ${index} ms` };
}

type Publish = (subject: string, headers: readonly (readonly [string, string])[], data: Uint8Array) => void;

function storeEvents(run: string, publish: Publish): void {
  let previous = "";
  for (let index = 0; index < EVENTS; index += 1) {
    const event = eventAt(index);
    const data = encodeBody(event);
    const { type } = event;
    const place = { id: `${run}.${index}.1`, type, version: 1, time: index, epoch: 1, actor: "root-1" };
    const envelope = link({ ...place, correlation: run, causation: "" }, data, previous);
    previous = envelope.hash ?? "";
    publish(subjects.runEvent(run, type), encodeEnvelope(envelope), data);
  }
}

function storeIntervals(run: string, publish: Publish): void {
  const recorder = new Recorder("root.0", {});
  const handles = Array.from({ length: SERIES }, (_, n) =>
    recorder.series(builtin("http_req_duration"), { name: `endpoint ${n}` }),
  );
  for (let window = 0; window < WINDOWS; window += 1) {
    for (const handle of handles) {
      for (let sample = 0; sample < 300; sample += 1) {
        recorder.add(handle, Math.round(5000 * Math.exp(Math.random() * 2 - 1)));
      }
    }
    publish(subjects.runInterval(run), [], recorder.close(window, { final: false, health: [] }));
  }
}

/** Reads all of a subject with a bare ordered consumer; messages per second. */
async function rawRate(url: string, stream: string, subject: string, count: number): Promise<number> {
  const connection = await connect({ servers: url });
  const consumer = await jetstream(connection).consumers.get(stream, {
    filter_subjects: [subject],
    deliver_policy: DeliverPolicy.All,
  });
  const began = performance.now();
  let seen = 0;
  const messages = await consumer.consume({ max_messages: 2000 });
  for await (const _ of messages) {
    seen += 1;
    if (seen === count) break;
  }
  const rate = (count * 1000) / (performance.now() - began);
  await connection.close();
  return rate;
}

await using nats = await startNats();
const connection = await connect({ servers: nats.url });
await Effect.runPromise(
  Effect.scoped(
    Effect.flatMap(natsServer({ url: nats.url, name: "bench" }), (server) =>
      server.admin.provision("hub", ""),
    ),
  ),
);
const { headers } = await import("@nats-io/nats-core");
const publish: Publish = (subject, lines, data) => {
  const envelope = headers();
  for (const [name, value] of lines) envelope.set(name, value);
  connection.publish(subject, data, { headers: envelope });
};
storeEvents("events", publish);
await connection.flush();
storeIntervals("hour", publish);
await connection.flush();
const manager = await jetstreamManager(connection);
const stored = await manager.streams.info("MESH_RUN_EVENTS");
if (stored.state.messages !== EVENTS) throw new Error(`stored ${stored.state.messages} events`);

/** Seconds of one replay. */
const replaySeconds = (run: string): Promise<number> =>
  Effect.runPromise(
    Effect.scoped(
      Effect.gen(function* () {
        const server = yield* natsServer({ url: nats.url, name: "bench" });
        const began = performance.now();
        const { differences } = yield* replayRun(server, run);
        const odd = differences.filter(({ message }) => !message.includes("VerdictGiven"));
        if (run === "events" && odd.length > 0) throw new Error(odd[0]?.message);
        return (performance.now() - began) / 1000;
      }),
    ),
  );

const runs = { events: [] as number[], hour: [] as number[], raw: [] as number[] };
for (let round = 0; round < rounds; round += 1) {
  runs.events.push(EVENTS / (await replaySeconds("events")));
  runs.raw.push(await rawRate(nats.url, "MESH_RUN_EVENTS", subjects.runLog("events"), EVENTS));
  runs.hour.push(WINDOWS / (await replaySeconds("hour")));
}
await connection.close();
const [events, raw, hour] = [median(runs.events), median(runs.raw), median(runs.hour)];
const shown = (n: number) => Math.round(n).toLocaleString("en");
console.log(
  `replay of ${shown(EVENTS)} events: ${shown(events)} events/s (${runs.events.map(shown).join(" ")})`,
);
console.log(`an ordered consumer alone: ${shown(raw)} messages/s; ratio ${(events / raw).toFixed(2)}`);
console.log(
  `goal 100,000 events/s: ${(events / 100_000).toFixed(2)} ×; intervals of one hour: ${shown(hour)}/s, ` +
    `the hour in ${(WINDOWS / hour).toFixed(2)} s`,
);
