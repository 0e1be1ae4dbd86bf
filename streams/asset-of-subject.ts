/**
 * Which asset keeps a subject: it follows from the definitions alone, so that nobody has to ask a server for it. Over a
 * leaf link nobody may ask.
 */
import type { Asset } from "./asset.ts";
import { type AssetName, assets } from "./assets.ts";
import { parseSubject, subjectKind } from "./subjects.ts";

export interface SubjectAsset {
  readonly asset: AssetName;
  /** "" where there is one per hub. */
  readonly zone: string;
}

/** Every pattern of every stream, with its zones taken out as `subjectKind` does. */
const patterns = Object.entries(assets as Record<AssetName, Asset>).flatMap(([asset, { subjects }]) =>
  subjects("*").map((pattern) => ({ asset: asset as AssetName, pattern })),
);

/** The stream that keeps a subject of ours; undefined for any other, and for patterns. */
export function assetOfSubject(subject: string): SubjectAsset | undefined {
  const kind = subjectKind(subject);
  const found = kind === undefined ? undefined : patterns.find(({ pattern }) => takesIn(pattern, kind));
  if (found === undefined) return undefined;
  const { scope } = assets[found.asset];
  return { asset: found.asset, zone: scope === "hub" ? "" : (parseSubject(subject)?.zone ?? "") };
}

const takesIn = (pattern: string, kind: string): boolean =>
  pattern.endsWith(".>") ? kind.startsWith(pattern.slice(0, -1)) : kind === pattern;
