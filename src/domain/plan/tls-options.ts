/**
 * Readers of `tlsVersion`, `tlsCipherSuites` and `tlsAuth`, in k6's forms. Certificates and keys are looked at only as
 * far as text goes: the door tries them, and root never sees them (they are "" there).
 */
import type { HttpOptions } from "../../../streams/schema/http-options.ts";
import { oneOf } from "./address-options.ts";
import { defaulted, isObject, optional, readObject, type Reader, required } from "./field.ts";
import { nearest } from "./nearest.ts";
import { type Place, shown } from "./place.ts";
import { listOf, text } from "./reader.ts";

const VERSIONS = ["tls1.0", "tls1.1", "tls1.2", "tls1.3"] as const;
type Versions = NonNullable<HttpOptions["tlsVersion"]>;

const version = oneOf(VERSIONS);
const versionRange = {
  fields: { min: optional(version), max: optional(version) },
  noun: "field of tlsVersion",
  notYet: {},
};

/** `"tls1.2"`, or `{ min, max }`. */
export const tlsVersion: Reader<Versions> = (value, at) => {
  if (!isObject(value)) {
    const only = version(value, at);
    return only && { min: only, max: only };
  }
  const fields = readObject(versionRange, value, at);
  if (fields === undefined) return undefined;
  const { min, max } = fields;
  if (min !== undefined && max !== undefined && VERSIONS.indexOf(min) > VERSIONS.indexOf(max))
    return at.report(`has min ${min} above max ${max}`);
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) };
};

const EXCHANGES = { RSA: "", ECDHE_RSA: "ECDHE-RSA-", ECDHE_ECDSA: "ECDHE-ECDSA-" } as const;
const CIPHERS = {
  AES_128_CBC_SHA: "AES128-SHA",
  AES_256_CBC_SHA: "AES256-SHA",
  AES_128_CBC_SHA256: "AES128-SHA256",
  AES_128_GCM_SHA256: "AES128-GCM-SHA256",
  AES_256_GCM_SHA384: "AES256-GCM-SHA384",
  CHACHA20_POLY1305: "CHACHA20-POLY1305",
  CHACHA20_POLY1305_SHA256: "CHACHA20-POLY1305",
} as const;

/** OpenSSL's names by k6's. Its suites of TLS 1.3 have one name for both. */
const SUITES = new Map<string, string>([
  ...["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"].map(
    (name) => [name, name] as const,
  ),
  ...Object.entries(EXCHANGES).flatMap(([exchange, before]) =>
    Object.entries(CIPHERS)
      .filter(([cipher]) => before !== "" || !cipher.startsWith("CHACHA20"))
      .map(([cipher, after]) => [`TLS_${exchange}_WITH_${cipher}`, `${before}${after}`] as const),
  ),
]);

/** One of `tlsCipherSuites`, as OpenSSL calls it. */
export const cipherSuite: Reader<string> = (value, at) => {
  const name = text(value, at);
  const known = name === undefined ? undefined : SUITES.get(name);
  if (name === undefined || known !== undefined) return known;
  const meant = nearest(name, [...SUITES.keys()]);
  const hint = meant === undefined ? `known: ${[...SUITES.keys()].join(", ")}` : `did you mean \`${meant}\`?`;
  return at.report(`is no cipher suite that can be used here: ${shown(name)}`, hint);
};

/** A text in PEM form; "" is what root is shown in its place. The text itself is in no message. */
function pem(what: string, label: RegExp): Reader<string> {
  return (value, at) => {
    if (typeof value !== "string") return at.report(`must be a ${what}, as a string in PEM form`);
    if (value === "" || label.test(value)) return value;
    return at.report(`is not a ${what} in PEM form`, "it begins with -----BEGIN …-----");
  };
}

const secretText: Reader<string> = (value, at: Place) =>
  typeof value === "string" ? value : at.report("must be a string");

const certificateShape = {
  fields: {
    domains: defaulted(listOf(text), []),
    cert: required(pem("certificate", /-----BEGIN CERTIFICATE-----/)),
    key: required(pem("private key", /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/)),
    password: optional(secretText),
  },
  noun: "field of a client certificate",
  notYet: {},
};

/** One of `tlsAuth`. */
export const clientCertificate: Reader<NonNullable<HttpOptions["tlsAuth"]>[number]> = (value, at) => {
  if (!isObject(value)) return at.report("must be an object with `cert` and `key`");
  const fields = readObject(certificateShape, value, at);
  if (fields === undefined) return undefined;
  const { domains, cert, key, password } = fields;
  return { domains, cert, key, ...(password === undefined ? {} : { password }) };
};
