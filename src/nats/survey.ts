/**
 * Looks at a server for a person who wants to know whether it serves: version, limits, round trip, what is stored, our
 * assets against their definitions, and how far our clocks are apart. Reads only, and leaves nothing at the server.
 */
import { type JetStreamManager, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/transport-node";
import type { Asset, AssetConfig } from "../../streams/asset.ts";
import { type AssetName, assets } from "../../streams/assets.ts";
import { type ConnectOptions, openConnection } from "./connect.ts";
import { differences } from "./nats-admin.ts";
import { apiCode, codeOf, isViolation } from "./nats-errors.ts";
import { copiesAt, domainOf, ownerOf } from "./server-domain.ts";
import { microseconds } from "./stored.ts";
import { streamName } from "./stream-names.ts";

const CONNECT_WITHIN_MS = 4000;
const ASK_WITHIN_MS = 2000;
/** The fastest of so many round trips tells the clock best. */
const CLOCK_SAMPLES = 4;

export interface Survey {
  readonly version: string;
  readonly serverName: string;
  /** The zone whose own server it is. */
  readonly zone: string | undefined;
  readonly maxPayloadBytes: number;
  readonly rttMs: number;
  /** What the account of this login stores; undefined where it may not ask. */
  readonly storage: StorageSurvey | undefined;
  readonly assets: AssetSurvey;
  /** Undefined where nothing is stored whose description could tell the time. */
  readonly clock: ClockSurvey | undefined;
}

export interface StorageSurvey {
  readonly fileBytes: number;
  /** Undefined: no limit of the account. */
  readonly fileLimitBytes: number | undefined;
  readonly streams: number;
  /** What JetStream at this server can do, as a number that grows. */
  readonly apiLevel: number;
}

/** The assets of a hub, or of the zone that owns the server: how many are there as this program defines them, and what is different about the others. */
export interface AssetSurvey {
  readonly present: number;
  readonly missing: number;
  /** This login may not ask about so many. */
  readonly hidden: number;
  readonly different: readonly string[];
}

export interface ClockSurvey {
  /** Server clock minus ours, and the bound of its error. */
  readonly offsetMs: number;
  readonly errorMs: number;
}

/** Connects, looks, leaves. Rejects with ConnectFailure, or with what a question was answered. */
export async function surveyNats(options: ConnectOptions): Promise<Survey> {
  const { connection } = await openConnection({
    ...options,
    withinMs: options.withinMs ?? CONNECT_WITHIN_MS,
  });
  try {
    return await look(connection);
  } finally {
    await connection.close();
  }
}

async function look(connection: NatsConnection): Promise<Survey> {
  const { max_payload = 0, server_name = "", version = "" } = connection.info ?? {};
  const rttMs = await connection.rtt();
  const jsm = await jetstreamManager(connection, { timeout: ASK_WITHIN_MS, checkAPI: false });
  const storage = await storageOf(jsm);
  const [zone, copies] = [ownerOf(domainOf(connection)), copiesAt(connection)];
  const found = await Promise.all(
    assetsOf(zone).map((asset) => surveyAsset(jsm, asset, { zone: zone ?? "", copies })),
  );
  const there = found.filter(({ state }) => state !== "missing" && state !== "hidden");
  const hidden = found.filter(({ state }) => state === "hidden").length;
  const different = there
    .filter(({ state }) => state !== "same")
    .map(({ name, state }) => `${name}: ${state}`);
  return {
    version,
    serverName: server_name,
    zone,
    maxPayloadBytes: max_payload,
    rttMs,
    storage,
    assets: { present: there.length, missing: found.length - there.length - hidden, hidden, different },
    clock: there[0] === undefined ? undefined : await clockThrough(jsm, there[0].name),
  };
}

async function storageOf(jsm: JetStreamManager): Promise<StorageSurvey | undefined> {
  const info = await jsm.getAccountInfo().catch(() => undefined);
  if (info === undefined) return undefined;
  const limit = info.limits.max_storage;
  return {
    fileBytes: info.storage,
    fileLimitBytes: limit > 0 ? limit : undefined,
    streams: info.streams,
    apiLevel: info.api.level ?? 0,
  };
}

/** At a zone's own server its own, elsewhere those of a hub. */
const assetsOf = (zone: string | undefined): readonly AssetName[] =>
  (Object.keys(assets) as AssetName[]).filter(
    (name) => assets[name].scope === (zone === undefined ? "hub" : "zone"),
  );

interface Expected {
  readonly zone: string;
  readonly copies: number;
}

async function surveyAsset(jsm: JetStreamManager, asset: AssetName, { copies, zone }: Expected) {
  const name = streamName({ asset, zone });
  const info = await jsm.streams.info(name).catch((error: unknown) => {
    if (codeOf(error) === apiCode.streamNotFound) return undefined;
    if (isViolation(error)) return "hidden" as const;
    throw error;
  });
  if (info === undefined || info === "hidden") return { name, state: info ?? "missing" };
  const { config, kind, subjects, why }: Asset = assets[asset];
  const own: AssetConfig & { subjects?: string[] } =
    kind === "stream" ? { ...config, subjects: [...subjects(zone)] } : config;
  const changes = differences({ ...own, description: why, num_replicas: copies }, info.config);
  return { name, state: changes.length === 0 ? "same" : changes.map(({ words }) => words).join("; ") };
}

/** A server says in each description of a stream when it gave it; the middle of the round trip is that moment here. */
async function clockThrough(jsm: JetStreamManager, stream: string): Promise<ClockSurvey | undefined> {
  const samples: ClockSurvey[] = [];
  for (let i = 0; i < CLOCK_SAMPLES; i++) {
    const beforeMs = performance.now();
    const { ts } = (await jsm.streams.info(stream)) as { ts?: string };
    const tripMs = performance.now() - beforeMs;
    if (ts === undefined) return undefined;
    const middleMs = performance.timeOrigin + beforeMs + tripMs / 2;
    samples.push({ offsetMs: microseconds(ts) / 1000 - middleMs, errorMs: tripMs / 2 });
  }
  return samples.reduce((best, next) => (next.errorMs < best.errorMs ? next : best));
}
