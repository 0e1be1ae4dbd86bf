/** Whether a message at the head of a log is the one that is being appended, told by more than its id. */
import type { Outgoing } from "../domain/log/codec.ts";

/** Two writers may number their messages alike; only the same bytes under the same id are the same message. */
export const isSame = (one: Outgoing, other: Outgoing): boolean =>
  one.envelope.id === other.envelope.id &&
  one.envelope.hash === other.envelope.hash &&
  one.data.length === other.data.length &&
  one.data.every((byte, i) => byte === other.data[i]);
