/**
 * What one memory server holds: streams, durables, objects, leases, and who listens right now. Several connections
 * (`memoryServer`) meet on it, as several nodes meet on one nats-server. Its time is Effect's Clock, so a test may
 * turn it; it knows no disk and no network.
 */
import * as Clock from "effect/Clock";
import * as Effect from "effect/Effect";
import { assets, type AssetName } from "../../streams/assets.ts";
import type { Asset, Scope } from "../../streams/asset.ts";
import type { Outgoing } from "../domain/log/codec.ts";
import type { MemoryDurable } from "./memory-durable.ts";
import { MemoryStream } from "./memory-stream.ts";
import { type Asked, type AssetRef, ServerError } from "./server.ts";
import { matches } from "./subject-match.ts";

export interface Hearer {
  readonly pattern: string;
  readonly hear: (subject: string, message: Outgoing) => void;
}

export interface Held {
  readonly holder: string;
  readonly revision: number;
  readonly until: number;
}

interface NamedStream {
  readonly subjects: readonly string[];
  readonly stream: MemoryStream;
}

export class MemoryHub {
  readonly hearers = new Set<Hearer>();
  readonly durables = new Map<string, MemoryDurable>();
  /** By store, then by name. */
  readonly objects = new Map<string, Map<string, Uint8Array>>();
  readonly leases = new Map<string, Held>();
  leaseRevision = 0;
  readonly #streams = new Map<string, NamedStream>();
  #originNs: bigint | undefined;

  /** Creates what is missing of a scope; what is there stays as it is. */
  provision(scope: Scope, zone: string): void {
    for (const asset of Object.values(assets as Record<string, Asset>)) {
      if (asset.scope !== scope) continue;
      const name = asset.name(zone);
      if (asset.kind === "object-store" && !this.objects.has(name)) this.objects.set(name, new Map());
      if (asset.kind !== "stream" || this.#streams.has(name)) continue;
      this.#streams.set(name, { subjects: asset.subjects(zone), stream: new MemoryStream(asset.config) });
    }
  }

  /** The stream that keeps a subject. */
  streamOf(subject: string): MemoryStream | undefined {
    for (const { subjects, stream } of this.#streams.values()) {
      if (subjects.some((pattern) => matches(pattern, subject))) return stream;
    }
    return undefined;
  }

  /** As after a kill of the server: what was only in memory is gone, and nobody listens any more. */
  restart(): void {
    this.hearers.clear();
    for (const { stream } of this.#streams.values()) stream.restart();
  }

  /** The stream of an asset, with what is too old taken out. */
  stream(operation: string, { asset, zone }: AssetRef): Asked<MemoryStream> {
    const name = nameOf(asset, zone);
    return Effect.flatMap(this.nowUs, (now) => {
      const found = this.#streams.get(name)?.stream;
      found?.expire(now);
      return found === undefined ? notProvisioned(operation, name) : Effect.succeed(found);
    });
  }

  /** The objects of an asset. */
  store(operation: string, { asset, zone }: AssetRef): Asked<Map<string, Uint8Array>> {
    const name = nameOf(asset, zone);
    return Effect.suspend(() => {
      const found = this.objects.get(name);
      return found === undefined ? notProvisioned(operation, name) : Effect.succeed(found);
    });
  }

  /** Whoever listens hears a message, whether or not a stream keeps it. */
  say(subject: string, message: Outgoing): void {
    for (const { pattern, hear } of this.hearers) if (matches(pattern, subject)) hear(subject, message);
  }

  /** Server time, µs since the Unix epoch; it never jumps with a wall clock. */
  get nowUs(): Effect.Effect<number> {
    return Clock.clockWith((clock) => Effect.sync(() => this.timeUs(clock)));
  }

  timeUs(clock: Clock.Clock): number {
    return Number((this.originNs(clock) + clock.monotonicTimeNanosUnsafe()) / 1000n);
  }

  /** What to add to the monotonic clock to get server time, ns. */
  originNs(clock: Clock.Clock): bigint {
    this.#originNs ??= clock.currentTimeNanosUnsafe() - clock.monotonicTimeNanosUnsafe();
    return this.#originNs;
  }
}

export const nameOf = (asset: AssetName, zone: string): string => assets[asset].name(zone);

const notProvisioned = (operation: string, address: string) =>
  new ServerError({ operation, address, reason: "not-provisioned", detail: "not found" }).pipe(Effect.fail);
