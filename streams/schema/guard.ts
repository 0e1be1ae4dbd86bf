/**
 * What the owner of a zone allows runs to do from there, as it travels with a share and stays in the zone log. It is made of
 * the owner's `guard.json`; whose scripts may run is decided by the zone and not told to anybody.
 */
import * as Schema from "effect/Schema";
import { Count, ZoneName } from "./ids.ts";

const positive = Schema.Int.check(Schema.isGreaterThan(0));
const rules = Schema.optionalKey(Schema.Array(Schema.String));

export const Guard = Schema.Struct({
  /** Whose it is. */
  zone: ZoneName,
  /** Nothing else may be reached: names, addresses, ranges, origins. Absent: everything that is not denied. */
  targets: rules,
  /** May not be reached, whatever `targets` say. */
  deny: rules,
  /** What is denied to everybody and is not denied here. */
  allowDenied: rules,
  /** Requests per second and requests per run, of the whole zone. */
  maxRate: Schema.optionalKey(positive),
  maxRequests: Schema.optionalKey(Count),
  maxVus: Schema.optionalKey(positive),
  maxDurationMs: Schema.optionalKey(positive),
  /** This node's part of the two ceilings that are divided: requests per 1,000 s, and requests. Absent: all of them. */
  part: Schema.optionalKey(
    Schema.Struct({
      rate: Schema.optionalKey(Count),
      /** What nodes before this one have of the rate: nodes that send rarely take turns by it. */
      rateBefore: Schema.optionalKey(Count),
      requests: Schema.optionalKey(Count),
    }),
  ),
});
export type Guard = typeof Guard.Type;

/** What a guard rail did on one agent: requests that it refused, or that had to wait for their turn. */
export const Guarded = Schema.Struct({
  /** Which rail, and whose: `targets of zone eu`, `metadata, built in`. */
  rail: Schema.String,
  did: Schema.Literals(["refused", "held"]),
  requests: Count,
});
export type Guarded = typeof Guarded.Type;
