/**
 * The server's clock, from the timestamps of messages it stored: publish, fetch it back, compare with the middle of
 * the round trip (Cristian), keep the fastest of several. It does not depend on how busy a responder is, and half
 * the fastest round trip bounds the error. Measured once; then only our monotonic clock counts.
 */
import type { JetStreamManager } from "@nats-io/jetstream";
import * as Effect from "effect/Effect";
import { type Asked, type ServerClock, ServerError } from "../ports/server.ts";
import { toServerError } from "./nats-errors.ts";
import { Nobody, type Publisher } from "./publisher.ts";
import { microseconds } from "./stored.ts";
import { streamOf } from "./stream-names.ts";

const SAMPLES = 8;
/** Two tries: whoever waits for a server hears of it within seconds. */
const SAMPLE_WITHIN_MS = 4000;

const nowNs = (): bigint => process.hrtime.bigint();

interface Sample {
  /** Server time at the middle of the round trip, and our monotonic clock there. */
  readonly serverUs: number;
  readonly atNs: bigint;
  readonly tripNs: bigint;
}

export function natsClock(jsm: JetStreamManager, publisher: Publisher, subject: string): Asked<ServerClock> {
  return Effect.tryPromise({
    try: async () => {
      const stream = streamOf(subject);
      const samples: Sample[] = [];
      for (let i = 0; i < SAMPLES; i++) samples.push(...(await sample(jsm, publisher, stream, subject)));
      if (samples.length === 0) throw new Error("another node speaks on the same subject all the time");
      return clockFrom(samples.reduce((best, next) => (next.tripNs < best.tripNs ? next : best)));
    },
    catch: (error) =>
      error instanceof Nobody
        ? notProvisioned(subject)
        : toServerError("measure the clock through", subject, error),
  });
}

const notProvisioned = (subject: string): ServerError =>
  new ServerError({
    operation: "measure the clock through",
    address: subject,
    reason: "not-provisioned",
    detail: "nobody keeps it",
  });

/**
 * One sample, or none when somebody else's last word has replaced ours before we could fetch it. It asks by subject and not
 * by sequence: whoever may read nothing but its own last word may measure.
 */
async function sample(
  jsm: JetStreamManager,
  publisher: Publisher,
  stream: string,
  subject: string,
): Promise<readonly Sample[]> {
  const message = {
    envelope: { id: "", type: "", version: 0, time: 0, epoch: 0, actor: "", correlation: "", causation: "" },
    data: new Uint8Array(),
  };
  const before = nowNs();
  const seq = await publisher.publish(subject, message, { endsWithNobody: true, withinMs: SAMPLE_WITHIN_MS });
  const tripNs = nowNs() - before;
  const stored = await jsm.direct.getMessage(stream, { last_by_subj: subject });
  if (stored?.seq !== seq) return [];
  return [{ serverUs: microseconds(stored.timestamp), atNs: before + tripNs / 2n, tripNs }];
}

function clockFrom({ serverUs, atNs, tripNs }: Sample): ServerClock {
  const instantUs = (monotonicNs: bigint) => serverUs + Number((monotonicNs - atNs) / 1000n);
  const now = () => instantUs(nowNs());
  return {
    now,
    monotonicNs: (instantUs) => atNs + BigInt(instantUs - serverUs) * 1000n,
    instantUs,
    elapsedMs: () => performance.now(),
    offsetUs: Math.round(now() - (performance.timeOrigin + performance.now()) * 1000),
    errorUs: Number(tripNs / 2000n),
  };
}
