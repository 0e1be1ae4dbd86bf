/**
 * The bundle as it is stored: one canonical JSON document whose SHA-256 is its name. Source maps travel beside it
 * and are never hashed, since they name files of one machine. The engine reads it (`src/engine/artifact.ts`).
 */
import { createHash } from "node:crypto";
import type { Artifact } from "../engine/inspect-main.ts";

/** A script with everything it imports, ready to be sent to agents. */
export interface Bundle {
  /** SHA-256 of `bytes`, lower-case hex: the bundle's name everywhere. */
  readonly sha256: string;
  readonly bytes: Uint8Array;
  /** JSON: source maps (v3) by chunk name. */
  readonly sourceMap: string;
  /** File name of the script, as the user gave it. */
  readonly script: string;
  /** Its folder, as the user gave it: data files are looked for there. */
  readonly folder: string;
}

const sorted = (chunks: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(chunks).sort(([a], [b]) => (a < b ? -1 : 1)));

/** Canonical bytes: the same chunks give the same bytes. */
export function encodeArtifact(artifact: Artifact): Uint8Array {
  const { format, script, packages } = artifact;
  return new TextEncoder().encode(
    JSON.stringify({ format, packages: sorted(packages), script: sorted(script) }),
  );
}

/** Lower-case hex. */
export const sha256Hex = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
