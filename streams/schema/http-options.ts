/**
 * What a plan says of HTTP beyond k6's defaults. It has no secrets: certificates and keys lie in the run's environment.
 */
import * as Schema from "effect/Schema";
import { Count, Millis } from "./ids.ts";

const positive = Schema.Int.check(Schema.isGreaterThan(0));

/** k6's names of TLS versions. */
const TlsVersionName = Schema.Literals(["tls1.0", "tls1.1", "tls1.2", "tls1.3"]);

/**
 * A client certificate for some hosts (none named: all). Its three texts are "" or absent in every event: they lie in the
 * run's environment object, and only the workers' copy of a plan has them.
 */
const ClientCertificate = Schema.Struct({
  domains: Schema.Array(Schema.String),
  cert: Schema.String,
  key: Schema.String,
  password: Schema.optionalKey(Schema.String),
});

/** HTTP options that a script gave; an absent one means k6's default. */
export const HttpOptions = Schema.Struct({
  batch: Schema.optionalKey(positive),
  /** 0: no limit. */
  batchPerHost: Schema.optionalKey(Count),
  maxRedirects: Schema.optionalKey(Count),
  noCookiesReset: Schema.optionalKey(Schema.Boolean),
  noVuConnectionReuse: Schema.optionalKey(Schema.Boolean),
  throw: Schema.optionalKey(Schema.Boolean),
  /** Addresses by name, `*.` in front for all below it; both may end with a port. */
  hosts: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  blockHostnames: Schema.optionalKey(Schema.Array(Schema.String)),
  /** CIDR ranges. */
  blacklistIps: Schema.optionalKey(Schema.Array(Schema.String)),
  /** Ours: nothing else may be reached. Names, addresses, ranges, origins; absent: everything that no guard rail denies. */
  targets: Schema.optionalKey(Schema.Array(Schema.String)),
  dns: Schema.optionalKey(
    Schema.Struct({
      /** Absent: for the whole run. 0: asked for each connection. */
      ttlMs: Schema.optionalKey(Millis),
      select: Schema.Literals(["first", "random", "roundRobin"]),
      policy: Schema.Literals(["preferIPv4", "preferIPv6", "onlyIPv4", "onlyIPv6", "any"]),
    }),
  ),
  tlsVersion: Schema.optionalKey(
    Schema.Struct({ min: Schema.optionalKey(TlsVersionName), max: Schema.optionalKey(TlsVersionName) }),
  ),
  /** OpenSSL's names. */
  tlsCipherSuites: Schema.optionalKey(Schema.Array(Schema.String)),
  tlsAuth: Schema.optionalKey(Schema.Array(ClientCertificate)),
});
export type HttpOptions = typeof HttpOptions.Type;
