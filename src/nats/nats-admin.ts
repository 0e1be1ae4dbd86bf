/**
 * Provisioning: makes the server hold what `streams/` defines. It compares field by field, creates what is
 * missing, updates what may be updated, and refuses a change that would lose messages. Newer servers echo every
 * setting they understand; one that does not come back was silently ignored, and that is an error here.
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
import { Objm } from "@nats-io/obj";
import * as Effect from "effect/Effect";
import { type Asset, type AssetConfig, seconds } from "../../streams/asset.ts";
import { assets, durables } from "../../streams/assets.ts";
import { ACK_PENDING_MAX, ACK_WAIT_SECONDS, filterOf, sourceOf } from "../ports/server-terms.ts";
import { type Admin, ServerError } from "../ports/server.ts";
import { apiCode, codeOf, toServerError } from "./nats-errors.ts";
import { streamName } from "./nats-log.ts";

export function natsAdmin(js: JetStreamClient, jsm: JetStreamManager): Admin {
  return {
    provision: (scope, zone) =>
      Effect.forEach(
        Object.values(assets as Record<string, Asset>).filter((asset) => asset.scope === scope),
        (asset) =>
          Effect.tryPromise({
            try: () => ensure(js, jsm, asset, zone),
            catch: (error) => toServerError("provision", asset.name(zone), error),
          }),
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

async function ensure(js: JetStreamClient, jsm: JetStreamManager, asset: Asset, zone: string): Promise<void> {
  if (asset.kind === "key-value") {
    await new Kvm(js).create(asset.name(zone), { description: asset.why, markerTTL: 60_000, history: 1 });
  } else if (asset.kind === "object-store") {
    await new Objm(js).create(asset.name(zone), { description: asset.why, ttl: asset.config.max_age ?? 0 });
  } else await ensureStream(jsm, asset, zone);
}

async function ensureStream(jsm: JetStreamManager, asset: Asset, zone: string): Promise<void> {
  const wanted = { ...asset.config, subjects: [...asset.subjects(zone)], description: asset.why };
  const name = asset.name(zone);
  const found = await jsm.streams.info(name).catch((error: unknown) => {
    if (codeOf(error) === apiCode.streamNotFound) return undefined;
    throw error;
  });
  if (found === undefined) return assertEchoed(name, wanted, await create(jsm, { name, ...wanted }));
  const changes = differences(wanted, found.config);
  if (changes.length === 0) return;
  const destructive = changes.filter((change) => change.loses);
  if (destructive.length > 0) throw refusal(name, destructive.map((change) => change.words).join("; "));
  await jsm.streams.update(name, { ...found.config, ...(wanted as Partial<StreamConfig>) });
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
export function differences(
  wanted: AssetConfig & { subjects: string[] },
  found: Partial<StreamConfig>,
): Difference[] {
  return Object.entries(wanted).flatMap(([field, want]) => {
    const have = found[field as keyof StreamConfig];
    if (JSON.stringify(want) === JSON.stringify(have)) return [];
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

function refusal(name: string, words: string): ServerError {
  return new ServerError({
    operation: "provision",
    address: name,
    reason: "refused",
    detail: `the change would lose stored messages (${words}); back the stream up and delete it, or use the version of Mesh that made it`,
  });
}

function assertEchoed(name: string, wanted: object, echoed: StreamConfig): void {
  const missing = differences(wanted as AssetConfig & { subjects: string[] }, echoed);
  if (missing.length > 0) throw refusal(name, `the server ignored ${missing.map((m) => m.words).join("; ")}`);
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
    filter_subjects: [filterOf(durable, zone, agent)],
  };
  await jsm.consumers.add(streamName(sourceOf(durable, zone)), wanted);
}
