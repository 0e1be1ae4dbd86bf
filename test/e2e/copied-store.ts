/**
 * A copy of a run on a server of its own, to be spoiled: the messages of the run log and of root's interval log, as
 * they came, or dropped, edited and moved on the way.
 */
import * as Effect from "effect/Effect";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { assets } from "../../streams/assets.ts";
import { subjects } from "../../streams/subjects.ts";
import { natsServer } from "../../src/nats/nats-server.ts";
import type { Server, Stored } from "../../src/ports/server.ts";
import type { PrivateNats } from "../support/nats.ts";

export interface RunCopy {
  readonly events: readonly Stored[];
  readonly intervals: readonly Stored[];
}

const EVENTS = { asset: "runEvents", zone: "" } as const;
const INTERVALS = { asset: "runIntervals", zone: "" } as const;

interface Where {
  readonly url: string;
  readonly credsFile?: string;
}

const at = <A>(where: Where, use: (server: Server) => Effect.Effect<A, unknown>): Promise<A> =>
  Effect.runPromise(Effect.scoped(Effect.flatMap(natsServer({ ...where, name: "copy" }), use)));

export const readRun = (where: Where, run: string): Promise<RunCopy> =>
  at(where, (server) =>
    Effect.all({
      events: server.log.read(EVENTS, [subjects.runLog(run)]),
      intervals: server.log.read(INTERVALS, [subjects.runInterval(run)]),
    }),
  );

/** Puts a run into a server that has no other: what was there before is gone, with the ids that it remembered. */
export async function storeRun(nats: PrivateNats, { events, intervals }: RunCopy): Promise<void> {
  const connection = await connect({ servers: nats.url });
  const streams = (await jetstreamManager(connection)).streams;
  for (const { asset } of [EVENTS, INTERVALS]) await streams.delete(assets[asset].name()).catch(() => false);
  await connection.close();
  await at({ url: nats.url }, (server) =>
    Effect.gen(function* () {
      yield* server.admin.provision("hub", "");
      for (const { data, envelope, subject } of [...events, ...intervals]) {
        yield* server.log.append(subject, { envelope, data });
      }
    }),
  );
}

const typeIs = (type: string) => (stored: Stored) => stored.envelope.type === type;

/** Without the first event of this type. */
export const without = (events: readonly Stored[], type: string): readonly Stored[] =>
  events.toSpliced(events.findIndex(typeIs(type)), 1);

/** With the body of the first event of this type changed. */
export function edited(
  events: readonly Stored[],
  type: string,
  change: (body: string) => string,
): readonly Stored[] {
  const index = events.findIndex(typeIs(type));
  const event = events[index];
  if (event === undefined) throw new Error(`no ${type} in the log`);
  const body = new TextDecoder().decode(event.data);
  const data = new TextEncoder().encode(change(body));
  return events.with(index, { ...event, data });
}

/** With the first event of this type and the one after it in each other's place. */
export function swapped(events: readonly Stored[], type: string): readonly Stored[] {
  const index = events.findIndex(typeIs(type));
  const [first, second] = [events[index], events[index + 1]];
  if (first === undefined || second === undefined) throw new Error(`nothing to swap with ${type}`);
  return events.with(index, second).with(index + 1, first);
}
