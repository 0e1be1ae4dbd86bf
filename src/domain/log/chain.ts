/**
 * The hash chain of a log: each event carries the hash of the one before it and its own, so a dropped, edited or
 * swapped event is found, and where. It does not stop somebody from rewriting the whole log.
 */
import { createHash } from "node:crypto";
import { type Envelope, hashedHeaders } from "../../../streams/envelope.ts";

/** SHA-256, lower-case hex, of an event's headers (those in `hashedHeaders`, in order) and its body's bytes. */
export function hashOf(envelope: Envelope, data: Uint8Array): string {
  const hash = createHash("sha256");
  for (const header of hashedHeaders) hash.update(`${envelope[header] ?? ""}\n`);
  return hash.update(data).digest("hex");
}

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
