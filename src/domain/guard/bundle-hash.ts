/** The name of a bundle or data file: the SHA-256 of its bytes. An owner approves that name, so it is looked at, not believed. */
import { createHash } from "node:crypto";

export const hasHash = (bytes: Uint8Array, sha256: string): boolean =>
  createHash("sha256").update(bytes).digest("hex") === sha256;
