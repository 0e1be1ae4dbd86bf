/** What a NATS server refused somebody, as its log tells it: the fields that reports and events of it share. */
import * as Schema from "effect/Schema";
import { Count, Instant } from "./ids.ts";

export const accessRefusal = {
  /** Name of the server that refused. */
  server: Schema.String,
  /** Who: the name in the login, or what else the server knows of the connection; empty where it knows nothing. */
  principal: Schema.String,
  /** What was tried: `publish`, `subscribe`, `connect`, `leaf`, or another word of the server's. */
  operation: Schema.String,
  /** On which subject; empty where there is none. */
  subject: Schema.String,
  /** When it was first seen, by the clock of whoever watched. */
  at: Instant,
  /** How often since then. */
  count: Count,
  /** What else the server said, in one line. */
  detail: Schema.optionalKey(Schema.String),
} as const;

const AccessRefusal = Schema.Struct(accessRefusal);
export type AccessRefusal = typeof AccessRefusal.Type;
