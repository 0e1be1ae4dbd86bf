/** Versions of what is written. A joining node states `PROTOCOL`; a mismatch is refused with both numbers named. */
export const PROTOCOL = 1;

/** Oldest nats-server that keeps what we rely on: TTLs, wildcard expectations, leaf permissions (`nats.md` 0 and 1). */
export const NATS_SERVER_MINIMUM = "2.15.0";
