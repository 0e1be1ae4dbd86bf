/** The server's clock as a client measures it: from the time at which a message was stored, in the middle of a trip. */
import * as Effect from "effect/Effect";
import { type Asked, type ServerClock, ServerError } from "../../../src/ports/server.ts";
import { EPOCH_US } from "../kernel/kernel.ts";
import type { Process } from "../kernel/process.ts";
import type { Connection } from "./connection.ts";
import { publish } from "./publish.ts";

const SAMPLES = 3;

/** What a measurement says: that somebody is here, and nothing else. */
const SILENCE = {
  envelope: { id: "", type: "", version: 0, time: 0, epoch: 0, actor: "", correlation: "", causation: "" },
  data: new Uint8Array(),
};

interface Sample {
  readonly serverUs: number;
  readonly middleUs: number;
  readonly tripUs: number;
}

export const measureClock = (connection: Connection, subject: string): Asked<ServerClock> =>
  Effect.gen(function* () {
    const samples: Sample[] = [];
    for (let count = 0; count < SAMPLES; count += 1) samples.push(...(yield* sample(connection, subject)));
    const best = samples.toSorted((a, b) => a.tripUs - b.tripUs)[0];
    if (best !== undefined) return clockFrom(connection.client, best);
    const failure = {
      operation: "measure the clock through",
      address: subject,
      reason: "unavailable",
    } as const;
    return yield* new ServerError({ ...failure, detail: "another node speaks on it all the time" });
  });

const sample = Effect.fnUntraced(function* (connection: Connection, subject: string) {
  const { client, host } = connection;
  const beforeUs = client.monotonicUs;
  const sequence = yield* publish(connection, subject, SILENCE, undefined);
  const tripUs = client.monotonicUs - beforeUs;
  const stored = host.hub.streamOf(subject)?.at(sequence);
  if (stored === undefined) return [];
  return [{ serverUs: stored.at, middleUs: beforeUs + Math.floor(tripUs / 2), tripUs }];
});

function clockFrom(client: Process, { middleUs, serverUs, tripUs }: Sample): ServerClock {
  const aheadUs = serverUs - middleUs;
  const wallUs = EPOCH_US + client.kernel.nowUs + client.machine.wallOffsetUs;
  return {
    now: () => client.monotonicUs + aheadUs,
    monotonicNs: (instantUs) => BigInt(instantUs - aheadUs) * 1000n,
    instantUs: (monotonicNs) => Number(monotonicNs / 1000n) + aheadUs,
    elapsedMs: () => client.monotonicUs / 1000,
    offsetUs: client.monotonicUs + aheadUs - wallUs,
    errorUs: Math.floor(tripUs / 2),
  };
}
