/** Reads a message that somebody else wrote. One that does not follow the contract is named and passed over. */
import type { BodyIn, Family } from "../../streams/index.ts";
import { decodeBody, Malformed, type Outgoing } from "../domain/log/codec.ts";

/** The body, or undefined when it cannot be one of this family; then `note` has said so. */
export function readBody<F extends Family>(
  family: F,
  { envelope, data }: Outgoing,
  note: (line: string) => void,
): BodyIn<F> | undefined {
  try {
    return decodeBody(family, envelope, data);
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    note(`passed over a ${family} of ${envelope.actor || "nobody"}: ${error.message}`);
    return undefined;
  }
}
