/**
 * Provisioning: makes the server hold what `streams/` defines. It compares field by field, creates what is
 * missing, updates what may be updated, and refuses a change that would lose messages. Newer servers echo every
 * setting they understand; one that does not come back was silently ignored, and that is an error here.
 * In a cluster everything is kept on several servers.
 */
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  type JetStreamClient,
  type JetStreamManager,
  type StreamConfig,
} from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/nats-core";
import { Objm } from "@nats-io/obj";
import * as Effect from "effect/Effect";
import { type Asset, type AssetConfig, seconds } from "../../streams/asset.ts";
import { assets, durables } from "../../streams/assets.ts";
import { NATS_SERVER_MINIMUM } from "../../streams/version.ts";
import { ACK_PENDING_MAX, ACK_WAIT_SECONDS, filtersOf, sourceOf } from "../ports/server-terms.ts";
import { type Admin, ServerError } from "../ports/server.ts";
import { MemoryStreams } from "./memory-streams.ts";
import { apiCode, codeOf, toServerError } from "./nats-errors.ts";
import { copiesAt } from "./server-domain.ts";
import { streamName } from "./stream-names.ts";

export function natsAdmin(connection: NatsConnection, js: JetStreamClient, jsm: JetStreamManager): Admin {
  const inMemory = new MemoryStreams(connection);
  const copies = copiesAt(connection);
  return {
    provision: (scope, zone) =>
      Effect.forEach(
        Object.values(assets as Record<string, Asset>).filter((asset) => asset.scope === scope),
        (asset) => {
          const make = () => ensure(js, jsm, asset, zone, copies);
          if (asset.config.storage === "memory") inMemory.keep(asset.name(zone), make);
          return Effect.tryPromise({
            try: make,
            catch: (error) => toServerError("provision", asset.name(zone), tooFewServers(error) ?? error),
          });
        },
        { discard: true, concurrency: "unbounded" },
      ),
    durable: (durable, zone, agent) =>
      Effect.tryPromise({
        try: () => ensureDurable(jsm, durable, zone, agent),
        catch: (error) => toServerError("provision the durable", `${durable} ${zone} ${agent}`, error),
      }),
    purge: (where, subjects) =>
      Effect.tryPromise({
        try: async () => {
          await jsm.streams.purge(streamName(where), { filter: subjects });
        },
        catch: (error) => toServerError("purge", subjects, error),
      }),
    subjects: (where, pattern) =>
      Effect.tryPromise({
        try: async () => {
          const info = await jsm.streams.info(streamName(where), { subjects_filter: pattern });
          return Object.keys(info.state.subjects ?? {});
        },
        catch: (error) => toServerError("list", pattern, error),
      }),
  };
}

async function ensure(
  js: JetStreamClient,
  jsm: JetStreamManager,
  asset: Asset,
  zone: string,
  copies: number,
): Promise<void> {
  const name = asset.name(zone);
  const given = { description: asset.why, num_replicas: copies };
  const made = { description: asset.why, replicas: copies };
  if (asset.kind === "key-value") {
    await new Kvm(js).create(name, { ...made, markerTTL: MARKER_TTL_MS, history: 1 });
    const wanted = { max_msgs_per_subject: 1, subject_delete_marker_ttl: MARKER_TTL_MS * 1e6 };
    await settle(jsm, `KV_${name}`, { ...asset.config, ...wanted, ...given });
  } else if (asset.kind === "object-store") {
    const max_age = asset.config.max_age ?? 0;
    await new Objm(js).create(name, { ...made, ttl: max_age });
    await settle(jsm, `OBJ_${name}`, { ...asset.config, max_age, ...given });
  } else {
    const wanted = { ...asset.config, subjects: [...asset.subjects(zone)], ...given };
    if (!(await settle(jsm, name, wanted))) {
      assertEchoed(name, wanted, await create(jsm, { name, ...wanted }));
    }
  }
}

const MARKER_TTL_MS = 60_000;

/** Settings of a stream that we care for; what else it has stays as it is. */
type Wanted = AssetConfig & {
  readonly subjects?: string[];
  readonly description: string;
  readonly num_replicas: number;
};

/** Brings a stream that is there to what is wanted; false when it is not there. */
async function settle(jsm: JetStreamManager, name: string, wanted: Wanted): Promise<boolean> {
  const found = await jsm.streams.info(name).catch((error: unknown) => {
    if (codeOf(error) === apiCode.streamNotFound) return undefined;
    throw error;
  });
  if (found === undefined) return false;
  const changes = differences(wanted, found.config);
  if (changes.length === 0) return true;
  const destructive = changes.filter((change) => change.loses);
  if (destructive.length > 0) throw lossy(name, destructive.map((change) => change.words).join("; "));
  const updated = await jsm.streams.update(name, {
    ...found.config,
    ...(wanted as Partial<StreamConfig>),
  });
  assertEchoed(name, wanted, updated.config);
  return true;
}

/** Another node may create the same stream at the same moment: that is success, too. */
async function create(
  jsm: JetStreamManager,
  config: Record<string, unknown> & { name: string },
): Promise<StreamConfig> {
  for (let attempt = 1; ; attempt++) {
    try {
      return (await jsm.streams.add(config)).config;
    } catch (error) {
      // 10049: the server is still removing a store of that name (`nats.md` S1).
      if (codeOf(error) !== apiCode.storeBusy || attempt === 20) throw error;
    }
  }
}

interface Difference {
  readonly words: string;
  readonly loses: boolean;
}

/** What differs, and whether applying it would drop messages that are kept now. */
export function differences(wanted: Wanted, found: Partial<StreamConfig>): Difference[] {
  return Object.entries(wanted).flatMap(([field, want]) => {
    const have = found[field as keyof StreamConfig];
    if (JSON.stringify(want) === JSON.stringify(have)) return [];
    // More copies than we ask for are somebody's decision.
    if (field === "num_replicas" && Number(have) >= Number(want)) return [];
    return [
      {
        words: `${field}: ${JSON.stringify(have)} on the server, ${JSON.stringify(want)} wanted`,
        loses: loses(field, want, have),
      },
    ];
  });
}

function loses(field: string, want: unknown, have: unknown): boolean {
  if (field === "storage") return true;
  if (field === "subjects")
    return (have as string[]).some((subject) => !(want as string[]).includes(subject));
  if (field === "max_age" || field === "max_bytes" || field === "max_msgs_per_subject") {
    const unlimited = (value: unknown) =>
      typeof value !== "number" || value <= 0 ? Number.POSITIVE_INFINITY : value;
    return unlimited(want) < unlimited(have);
  }
  return false;
}

/** A cluster that is starting, or has lost servers, has no room for the copies: others may come. */
const tooFewServers = (error: unknown): Error | undefined =>
  codeOf(error) === apiCode.noPeers
    ? new Error("what a cluster keeps needs three servers that answer: start the others (mesh server DIR)")
    : undefined;

const refusal = (name: string, detail: string): ServerError =>
  new ServerError({ operation: "provision", address: name, reason: "refused", detail });

const lossy = (name: string, words: string): ServerError =>
  refusal(
    name,
    `the change would lose stored messages (${words}); back the stream up and delete it, or use the version of Mesh that made it`,
  );

function assertEchoed(name: string, wanted: Wanted, echoed: Partial<StreamConfig>): void {
  const missing = differences(wanted, echoed);
  if (missing.length === 0) return;
  const words = missing.map((each) => each.words).join("; ");
  throw refusal(name, `the server ignored ${words}: is it ${NATS_SERVER_MINIMUM} or newer?`);
}

async function ensureDurable(
  jsm: JetStreamManager,
  durable: keyof typeof durables,
  zone: string,
  agent: string,
): Promise<void> {
  const wanted: Partial<ConsumerConfig> = {
    durable_name: durables[durable].name(agent),
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: seconds(ACK_WAIT_SECONDS),
    max_ack_pending: ACK_PENDING_MAX,
    filter_subjects: [...filtersOf(durable, zone, agent)],
    // Agents come and go under names that may never return; theirs is created again when one joins.
    ...(durable === "agent" ? { inactive_threshold: seconds(86_400) } : {}),
  };
  const stream = streamName(sourceOf(durable, zone));
  await jsm.consumers.add(stream, wanted).catch(async (error: unknown) => {
    if (codeOf(error) !== apiCode.consumerExists) throw error;
    // Another version of Mesh made it. What may not be changed – where it began, how it acknowledges – the server names.
    await jsm.consumers.update(stream, durables[durable].name(agent), wanted);
  });
}
