/**
 * The zones that a node hears, root or a zone: when each was heard last, by the node's own monotonic clock, and for how
 * long each has named a run that the node does not lead. What follows from that is decided elsewhere.
 */
import type { Beat, ZoneBelow } from "../../streams/messages/live.ts";
import { BELOW_MAX } from "../domain/zone/bounded-beat.ts";
import { PROTOCOL } from "../../streams/version.ts";

/** A zone that was not heard for this long is not offered new runs. */
export const HEARD_WITHIN_MS = 3000;
/** A run that nobody above leads is named by a zone for this long before it is told to forget it. */
const STRAY_AFTER_MS = 3000;
/** So many are remembered of a zone, and seen to with one heartbeat: each costs messages, and a zone may name any. */
const STRAYS_KEPT = 1000;
const STRAYS_AT_ONCE = 16;

interface Heard {
  readonly beat: Beat;
  readonly atMs: number;
}

export class HeardZones {
  readonly #heard = new Map<string, Heard>();
  /** Zones below those, by who tells of them: when each was heard last. None takes another one's room. */
  readonly #below = new Map<string, Map<string, number>>();
  /** The most levels of zones that each has had below it: one that is not heard there is not told of. */
  readonly #levels = new Map<string, number>();
  readonly #refused = new Set<string>();
  #since: number;
  /** When a zone first named a run that nobody led, by zone and run; `Infinity` once that has been seen to. */
  readonly #strays = new Map<string, Map<string, number>>();

  readonly #elapsedMs: () => number;

  /** `elapsedMs` is the node's own monotonic clock. */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
    this.#since = elapsedMs();
  }

  /** Notes a heartbeat: of a zone whose link must be set up, of one that is known, or of one of another protocol (said once). */
  hear(beat: Beat): "new" | "known" | "refused" | "ignored" {
    if (beat.protocol !== PROTOCOL) {
      const first = !this.#refused.has(beat.node);
      this.#refused.add(beat.node);
      return first ? "refused" : "ignored";
    }
    const known = this.#heard.has(beat.node);
    const now = this.#elapsedMs();
    this.#heard.set(beat.node, { beat, atMs: now });
    this.#levels.set(beat.node, Math.max(this.#levels.get(beat.node) ?? 0, levelsIn(beat)));
    this.#hearBelow(beat.node, beat.below ?? [], now);
    return known ? "known" : "new";
  }

  #hearBelow(teller: string, zones: readonly ZoneBelow[], now: number): void {
    const below = this.#below.get(teller) ?? new Map<string, number>();
    this.#below.set(teller, below);
    for (const { silentMs, zone } of zones) {
      if (below.has(zone) || below.size < BELOW_MAX) below.set(zone, now - silentMs);
    }
  }

  heard(): readonly string[] {
    return [...this.#heard.keys()].filter((zone) => this.silentMs(zone) < HEARD_WITHIN_MS).sort();
  }

  /** The last heartbeat of each zone that is heard, by name. */
  beats(): readonly Beat[] {
    return this.heard().flatMap((zone) => this.#heard.get(zone)?.beat ?? []);
  }

  silentMs(zone: string): number {
    return this.#elapsedMs() - (this.#heard.get(zone)?.atMs ?? this.#since);
  }

  /** Whether a zone has told of one below it. */
  tellsOf(teller: string, zone: string): boolean {
    return this.#below.get(teller)?.has(zone) ?? false;
  }

  /** Of a zone that is somewhere below `teller`. What others say of a zone never counts as its own word. */
  silentBelowMs(teller: string, zone: string): number {
    return this.#elapsedMs() - (this.#below.get(teller)?.get(zone) ?? this.#since);
  }

  /** Levels of zones below one; undefined while nothing was heard of it. */
  levelsBelow(zone: string): number | undefined {
    return this.#levels.get(zone);
  }

  /**
   * Runs that a zone still holds and the node above does not lead, until they are seen to. Only after a moment, because a zone
   * names a run that has just ended until it has heard of the end; and a few with each heartbeat, whatever it names.
   */
  strays({ node, runs }: Beat, isLed: (run: string) => boolean): readonly string[] {
    const now = this.#elapsedMs();
    const before = this.#strays.get(node);
    const unled = runs.filter((run) => !isLed(run)).slice(0, STRAYS_KEPT);
    // What it does not name any more is let go of.
    const strays = new Map(unled.map((run) => [run, before?.get(run) ?? now]));
    this.#strays.set(node, strays);
    const due = unled.filter((run) => now - (strays.get(run) ?? now) >= STRAY_AFTER_MS);
    return due.slice(0, STRAYS_AT_ONCE);
  }

  seenTo(zone: string, run: string): void {
    this.#strays.get(zone)?.set(run, Number.POSITIVE_INFINITY);
  }

  /** Heartbeats that could not arrive must not count against the zones. */
  excuse(gapMs: number): void {
    const now = this.#elapsedMs();
    this.#since = Math.min(now, this.#since + gapMs);
    for (const [zone, { beat, atMs }] of this.#heard) {
      this.#heard.set(zone, { beat, atMs: Math.min(now, atMs + gapMs) });
    }
    for (const below of this.#below.values()) {
      for (const [zone, atMs] of below) below.set(zone, Math.min(now, atMs + gapMs));
    }
  }

  /** A zone that was never heard counts from here: nobody is silent while nobody listens. */
  beginListening(): void {
    this.#since = this.#elapsedMs();
  }
}

/** Each zone is told of before those below itself. */
function levelsIn({ below = [], node }: Beat): number {
  const levels = new Map([[node, 0]]);
  for (const { parent, zone } of below) levels.set(zone, (levels.get(parent) ?? 0) + 1);
  return Math.max(...levels.values());
}
