/**
 * Tries what a login may do at a server, and how the link to the server above is. Everything it does is a question, or
 * listening for a moment; it leaves nothing there.
 */
import type { NatsConnection } from "@nats-io/nats-core";
import { assets, durables } from "../../streams/assets.ts";
import { domainOfZone, UPPER_API } from "../../streams/leaf.ts";
import { type ConnectOptions, openConnection } from "./connect.ts";
import { isNoResponders, isViolation } from "./nats-errors.ts";
import { domainOf } from "./server-domain.ts";
import { microseconds } from "./stored.ts";
import { type Holder, type Trial, trialsFor } from "../domain/access/trials.ts";

const CONNECT_WITHIN_MS = 4000;
const ASK_WITHIN_MS = 1500;
/** The fastest of so many round trips tells most. */
const SAMPLES = 3;

/** `allowed`: a server answered, whatever it said · `nobody`: it was let through, and nobody is there to answer. */
export type Outcome = "allowed" | "denied" | "nobody";

export interface Tried extends Trial {
  readonly outcome: Outcome;
}

export interface LinkProbe {
  /** False: nobody above answers. */
  readonly isUp: boolean;
  readonly rttMs: number;
  /** Server above, as far as its answer names it. */
  readonly version: string | undefined;
  /** Clock of the server above minus ours, and the bound of its error; undefined where it says no time. */
  readonly clock: { readonly offsetMs: number; readonly errorMs: number } | undefined;
  /** What it said where it knows no such zone yet. */
  readonly refusal: string | undefined;
}

export interface Probe {
  /** JetStream domain of the server. */
  readonly domain: string | undefined;
  /** Undefined where the login is none of ours. */
  readonly tried: readonly Tried[] | undefined;
  /** Undefined where this login has no business above, or one server holds both ends. */
  readonly link: LinkProbe | undefined;
}

/** Rejects with ConnectFailure. */
export async function probeNats(options: ConnectOptions, holder: Holder | undefined): Promise<Probe> {
  const { connection } = await openConnection({
    ...options,
    withinMs: options.withinMs ?? CONNECT_WITHIN_MS,
  });
  try {
    const domain = domainOf(connection);
    const trials = holder === undefined ? undefined : trialsFor(holder);
    const hasLink = holder?.role === "zone" && domain === domainOfZone(holder.zone);
    const [tried, link] = await Promise.all([
      trials && tryAll(connection, trials),
      hasLink ? linkOf(connection, holder.zone) : undefined,
    ]);
    return { domain, tried, link };
  } finally {
    await connection.close();
  }
}

/** One after the other: a violation names a subject, and two at once could be mistaken for each other. */
async function tryAll(connection: NatsConnection, trials: readonly Trial[]): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  for (const trial of trials) {
    const { kind, subject } = trial;
    const outcome = await (kind === "ask" ? question(connection, subject) : listen(connection, subject));
    tried.push({ ...trial, outcome });
  }
  return tried;
}

async function question(connection: NatsConnection, subject: string): Promise<Outcome> {
  try {
    await connection.request(subject, "", { timeout: ASK_WITHIN_MS });
    return "allowed";
  } catch (error) {
    if (isViolation(error)) return "denied";
    if (isNoResponders(error) || (error as Error).name === "TimeoutError") return "nobody";
    throw error;
  }
}

/** A server says no before it answers the next ping. What it lets through is not read. */
async function listen(connection: NatsConnection, subject: string): Promise<Outcome> {
  let denied = false;
  const subscription = connection.subscribe(subject, {
    callback: (error) => {
      if (error !== null) denied = true;
    },
  });
  await connection.flush();
  subscription.unsubscribe();
  await connection.flush();
  return denied ? "denied" : "allowed";
}

/** What a parent answers a zone that looks at its own durable there. */
interface Answer {
  readonly ts?: string;
  readonly error?: { readonly description?: string };
  readonly config?: { readonly metadata?: Readonly<Record<string, string>> };
}

async function linkOf(connection: NatsConnection, zone: string): Promise<LinkProbe> {
  const subject = `${UPPER_API}.CONSUMER.INFO.${assets.down.name(zone)}.${durables.zone.name()}`;
  const samples: LinkProbe[] = [];
  for (let i = 0; i < SAMPLES; i++) {
    const beforeMs = performance.now();
    const answer = await connection
      .request(subject, "", { timeout: ASK_WITHIN_MS })
      .then((message) => message.json<Answer>())
      .catch((error: unknown) => {
        if (isNoResponders(error) || (error as Error).name === "TimeoutError") return undefined;
        throw error;
      });
    if (answer === undefined) break;
    samples.push(linkFrom(answer, beforeMs, performance.now() - beforeMs));
  }
  const [first, ...others] = samples;
  if (first === undefined) return DOWN;
  return others.reduce((best, next) => (next.rttMs < best.rttMs ? next : best), first);
}

const DOWN: LinkProbe = {
  isUp: false,
  rttMs: 0,
  version: undefined,
  clock: undefined,
  refusal: undefined,
};

function linkFrom({ config, error, ts }: Answer, beforeMs: number, rttMs: number): LinkProbe {
  const middleMs = performance.timeOrigin + beforeMs + rttMs / 2;
  const clock =
    ts === undefined ? undefined : { offsetMs: microseconds(ts) / 1000 - middleMs, errorMs: rttMs / 2 };
  const version = config?.metadata?.["_nats.ver"];
  return { isUp: true, rttMs, version, clock, refusal: error?.description };
}
