/**
 * The identity of a series: the first 8 bytes of the SHA-256 of its canonical form. Relies on node:crypto for
 * hashing only. The canonical form is on disk for ever: sorted keys, no spaces.
 */
import { createHash } from "node:crypto";
import { KIND_NAMES } from "./cell.ts";
import type { SeriesDefinition, Unit } from "./definition.ts";

/** 64 bits, unsigned. A bigint inside (measured: as fast as a string as a map key, and it sorts like its bytes). */
export type SeriesId = bigint;

/** Deterministic JSON of a definition; tag names are sorted by code unit. */
export function canonicalSeries(definition: SeriesDefinition): string {
  const { kind, metric, tags, unit } = definition;
  // Pairs, not an object: an object would put integer-like tag names first.
  const pairs = Object.entries(tags).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const tagText = pairs.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(",");
  return `{"kind":"${kind}","metric":${JSON.stringify(metric)},"tags":{${tagText}},"unit":"${unit}"}`;
}

/** The id of a canonical form. */
export function idOfCanonical(canonical: string): SeriesId {
  return createHash("sha256").update(canonical, "utf8").digest().readBigUInt64BE(0);
}

/** The id of a definition. */
export function seriesIdOf(definition: SeriesDefinition): SeriesId {
  return idOfCanonical(canonicalSeries(definition));
}

/** 16 lower-case hex characters, for people, JSON and SQL. */
export function seriesIdText(id: SeriesId): string {
  return id.toString(16).padStart(16, "0");
}

const KINDS: ReadonlySet<unknown> = new Set(KIND_NAMES);
const UNITS: ReadonlySet<unknown> = new Set<Unit>(["default", "time", "data"]);

/** Reads a canonical form back; undefined when it is not one (also when its keys or tags are not in order). */
export function parseCanonical(canonical: string): SeriesDefinition | undefined {
  const value = parseJson(canonical);
  if (typeof value !== "object" || value === null) return undefined;
  const { kind, metric, tags, unit } = value as Record<string, unknown>;
  if (!KINDS.has(kind) || !UNITS.has(unit) || typeof metric !== "string") return undefined;
  if (typeof tags !== "object" || tags === null) return undefined;
  if (Object.values(tags).some((tag) => typeof tag !== "string")) return undefined;
  const definition = { metric, kind, unit, tags } as SeriesDefinition;
  return canonicalSeries(definition) === canonical ? definition : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** k6's id of a group or check in the summary's tree: the MD5 of its path, a name and not a safeguard. */
export function treeId(path: string): string {
  return createHash("md5").update(path, "utf8").digest("hex");
}
