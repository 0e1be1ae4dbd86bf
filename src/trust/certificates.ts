/**
 * X.509 certificates made on the spot: an authority, and leaves for names and times of the caller's choice, with elliptic
 * keys, because making those takes no time. Relies on @peculiar/x509.
 */
// oxlint-disable-next-line no-unassigned-import -- a polyfill that the library asks for when it is loaded
import "reflect-metadata";
import type { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
  BasicConstraintsExtension,
  type Extension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

/** Both as PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export interface Leaf {
  /** Host names and IP addresses, of either family, under which its holder is dialled. */
  readonly hosts?: readonly string[];
  /** Days from now; negative: it has ended. */
  readonly days?: number;
}

export interface Authority extends Pair {
  readonly leaf: (leaf?: Leaf) => Promise<Pair>;
}

const DAY_MS = 86_400_000;
/** Machines whose clocks are behind must not find it too young. */
const BEFORE_MS = 30 * DAY_MS;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;
const KEY_PEM = "PRIVATE KEY";

interface Issuer {
  readonly name: string;
  readonly key: webcrypto.CryptoKey;
}

interface Wish {
  readonly name: string;
  readonly days: number;
  readonly extension: Extension;
  /** Missing where it signs itself. */
  readonly issuer?: Issuer;
}

/** A new authority; its `cert` is what a client must trust. */
export async function makeAuthority(name = "Test Authority", days = 365): Promise<Authority> {
  return authorityOf(
    await issue({ name, days, extension: new BasicConstraintsExtension(true, undefined, true) }),
  );
}

/** An authority that was made before. */
export async function authorityOf({ cert, key }: Pair): Promise<Authority> {
  const [name = ""] = new X509Certificate(cert).subjectName.getField("CN");
  const issuer = { name, key: await importKey(key) };
  const leaf = ({ hosts = ["127.0.0.1"], days = 30 }: Leaf = {}): Promise<Pair> =>
    issue({ name: hosts[0] ?? "leaf", days, extension: namesOf(hosts), issuer });
  return { cert, key, leaf };
}

const namesOf = (hosts: readonly string[]): Extension =>
  new SubjectAlternativeNameExtension(
    hosts.map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value }) as const),
    true,
  );

async function issue({ days, extension, issuer, name }: Wish): Promise<Pair> {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const until = Date.now() + days * DAY_MS;
  const cert = await X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: [{ CN: [issuer?.name ?? name] }],
    notBefore: new Date(Math.min(until, Date.now()) - BEFORE_MS),
    notAfter: new Date(until),
    publicKey,
    signingKey: issuer?.key ?? privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [extension],
  });
  const key = PemConverter.encode(await crypto.subtle.exportKey("pkcs8", privateKey), KEY_PEM);
  return { cert: `${cert.toString("pem")}\n`, key: `${key}\n` };
}

const importKey = (pem: string): Promise<webcrypto.CryptoKey> =>
  crypto.subtle.importKey("pkcs8", PemConverter.decodeFirst(pem), ALGORITHM, false, ["sign"]);
