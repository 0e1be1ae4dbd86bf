/**
 * The bundle as workers read it: CommonJS function bodies of the user's own modules (instantiated per VU) and of the
 * npm packages (instantiated once per worker). `src/bundle` writes it; the format is in every stored bundle.
 */

/** File name of the chunk that a run starts with. */
export const ENTRY = "script.js";

/** Chunks by file name. `script` and `packages` usually hold one chunk each. */
export interface Artifact {
  readonly format: 1;
  readonly script: Readonly<Record<string, string>>;
  readonly packages: Readonly<Record<string, string>>;
}

/** @throws Error when the bytes are not an artifact of this format */
export function decodeArtifact(bytes: Uint8Array): Artifact {
  const artifact = JSON.parse(new TextDecoder().decode(bytes)) as Artifact;
  if (artifact.format !== 1) {
    throw new Error(`bundle format ${String(artifact.format)} is not known here; upgrade this agent`);
  }
  return artifact;
}
