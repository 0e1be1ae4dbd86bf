/**
 * The hash chain of a log: each event carries the hash of the one before it and its own, so a dropped, edited or
 * swapped event is found, and where. It does not stop somebody from rewriting the whole log.
 */
import { createHash, hash } from "node:crypto";
import { type Envelope, hashedHeaders } from "../../../streams/envelope.ts";

/** SHA-256, lower-case hex, of an event's headers (those in `hashedHeaders`, in order) and its body's bytes. */
export function hashOf(envelope: Envelope, data: Uint8Array): string {
  let lines = "";
  for (const header of hashedHeaders) lines += `${envelope[header] ?? ""}\n`;
  const sizeMax = lines.length * 3 + data.length;
  if (sizeMax > scratch.length) return createHash("sha256").update(lines).update(data).digest("hex");
  const size = scratch.write(lines);
  scratch.set(data, size);
  return hash("sha256", scratch.subarray(0, size + data.length));
}

/** Hashing in one call is twice as fast as in three, and a replay does little else. */
const scratch = Buffer.allocUnsafe(65_536);

/** Links an event to its log: fills in `previous` and `hash`. */
export function link(envelope: Envelope, data: Uint8Array, previous: string): Envelope {
  const linked = { ...envelope, previous };
  return { ...linked, hash: hashOf(linked, data) };
}

/** What is wrong with an event at its place in the chain, in words; undefined when nothing is. */
export function chainFault(envelope: Envelope, data: Uint8Array, previous: string): string | undefined {
  if (hashOf(envelope, data) !== envelope.hash)
    return `${envelope.type} was edited: its hash does not match its contents`;
  if (envelope.previous === previous) return undefined;
  return `an event before ${envelope.type} is missing or was moved: the chain does not continue here`;
}
