/** The options of k6 that belong to HTTP (and `targets`, which is ours), as fields of the table of options, and what a plan says of them. */
import type { HttpOptions } from "../../../streams/schema/http-options.ts";
import { addressRange, dns, hostAddress, hostPattern, targetEntry } from "./address-options.ts";
import { type FieldsOf, optional } from "./field.ts";
import { flag, listOf, recordOf, wholeNumber } from "./reader.ts";
import { cipherSuite, clientCertificate, tlsVersion } from "./tls-options.ts";

const PARALLEL_MAX = 10_000;

export const httpFields = {
  batch: optional(wholeNumber(1, PARALLEL_MAX)),
  batchPerHost: optional(wholeNumber(0, PARALLEL_MAX, "0 means no limit")),
  maxRedirects: optional(wholeNumber(0, 1000)),
  noCookiesReset: optional(flag),
  noVUConnectionReuse: optional(flag),
  throw: optional(flag),
  hosts: optional(recordOf(hostAddress)),
  blockHostnames: optional(listOf(hostPattern)),
  blacklistIPs: optional(listOf(addressRange)),
  dns: optional(dns),
  targets: optional(listOf(targetEntry)),
  tlsVersion: optional(tlsVersion),
  tlsCipherSuites: optional(listOf(cipherSuite)),
  tlsAuth: optional(listOf(clientCertificate)),
};

/** Names that a plan writes in another way. */
const RENAMED: Readonly<Record<string, string>> = {
  noVUConnectionReuse: "noVuConnectionReuse",
  blacklistIPs: "blacklistIps",
};

const NAMES = Object.keys(httpFields) as (keyof typeof httpFields)[];

/** The plan's part; nothing at all where a script gave none of them. */
export function httpPlan(options: FieldsOf<typeof httpFields>): { readonly http?: HttpOptions } {
  const given = NAMES.filter((name) => options[name] !== undefined);
  if (given.length === 0) return {};
  return { http: Object.fromEntries(given.map((name) => [RENAMED[name] ?? name, options[name]])) };
}
