/**
 * How connections are secured: the options `tlsVersion`, `tlsCipherSuites`, `tlsAuth` and `insecureSkipTLSVerify` of a
 * run. Contexts are made once per worker; sessions are not resumed: each VU shakes hands like a new user.
 */
import { createRequire } from "node:module";
import type { ConnectionOptions, SecureContext, SecureVersion } from "node:tls";
import type * as Tls from "node:tls";
import type { HttpOptions } from "../../../streams/schema/http-options.ts";
import { hostMatches } from "../host-pattern.ts";

const require = createRequire(import.meta.url);

type Version = NonNullable<NonNullable<HttpOptions["tlsVersion"]>["min"]>;

const VERSIONS: Readonly<Record<Version, SecureVersion>> = {
  "tls1.0": "TLSv1",
  "tls1.1": "TLSv1.1",
  "tls1.2": "TLSv1.2",
  "tls1.3": "TLSv1.3",
};

/** OpenSSL offers versions before 1.2 only if told that little safety is enough. */
const UNSAFE = "@SECLEVEL=0";

export class TlsRules {
  readonly #http: HttpOptions;
  readonly #verify: boolean;
  /** By index in `tlsAuth`; -1 without a certificate. */
  readonly #contexts = new Map<number, SecureContext>();

  constructor(http: HttpOptions, verify: boolean) {
    this.#http = http;
    this.#verify = verify;
  }

  /** What `tls.connect` is told for a host. */
  optionsFor(hostname: string): Pick<ConnectionOptions, "secureContext" | "rejectUnauthorized"> {
    const index = (this.#http.tlsAuth ?? []).findIndex(
      ({ domains }) => domains.length === 0 || domains.some((domain) => hostMatches(domain, hostname)),
    );
    return { secureContext: this.#context(index), rejectUnauthorized: this.#verify };
  }

  #context(index: number): SecureContext {
    const known = this.#contexts.get(index);
    if (known !== undefined) return known;
    const { createSecureContext } = require("node:tls") as typeof Tls;
    const made = createSecureContext({ ...this.#versions(), ...this.#certificate(index) });
    this.#contexts.set(index, made);
    return made;
  }

  #versions() {
    const { tlsVersion: { min, max } = {}, tlsCipherSuites: suites } = this.#http;
    const isOld = [min, max].some((version) => version === "tls1.0" || version === "tls1.1");
    const ciphers = [...(suites ?? (isOld ? ["DEFAULT"] : [])), ...(isOld ? [UNSAFE] : [])].join(":");
    return {
      ...(min === undefined ? {} : { minVersion: VERSIONS[min] }),
      ...(max === undefined ? {} : { maxVersion: VERSIONS[max] }),
      ...(ciphers === "" ? {} : { ciphers }),
    };
  }

  #certificate(index: number) {
    const found = this.#http.tlsAuth?.[index];
    if (found === undefined) return {};
    const { cert, key, password } = found;
    return { cert, key, ...(password === undefined ? {} : { passphrase: password }) };
  }
}
