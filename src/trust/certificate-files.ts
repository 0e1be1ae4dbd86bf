/**
 * The certificates of a folder: an authority of its own in `tls/`, or files that were brought along. Each server, each
 * zone below and, with mutual TLS, each client has one of the same authority.
 */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { join } from "node:path";
import { bareHost } from "./addresses.ts";
import type { Authority, Pair } from "./certificates.ts";
import { makePrivate, writePrivate } from "./private-files.ts";
import { TrustError } from "./trust-error.ts";

/** Certificates of an authority of our own; it lives as long as they do. */
const DAYS = 3650;

export interface OwnFiles {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** Only who makes certificates waits for the library to load. */
const making = () => import("./certificates.ts");

/** A new authority in `tls/`. */
export async function foundAuthority(path: string, name: string): Promise<void> {
  const { makeAuthority } = await making();
  const { cert, key } = await makeAuthority(`Mesh ${name}`, DAYS);
  writePrivate(join(path, "tls/ca.pem"), cert);
  writePrivate(join(path, "tls/ca.key"), key);
}

/** A server's certificate for the names under which it is dialled. */
export async function certifyServer(path: string, server: string, hosts: readonly string[]): Promise<void> {
  const all = ["localhost", hostname(), "127.0.0.1", "::1", ...hosts.map((host) => bareHost(host))];
  const dialled = [...new Set(all)].filter((host) => !EVERYWHERE.has(host));
  const leaf = await (await authorityIn(path)).leaf({ hosts: dialled, days: DAYS });
  const at = join(path, server, "tls");
  savePair(at, "server", leaf);
  if (server !== ".") writePrivate(join(at, "ca.pem"), readFileSync(join(path, "tls/ca.pem")));
}

/** A certificate that only says who dials. */
export const certifyClient = async (path: string, name: string): Promise<Pair> =>
  (await authorityIn(path)).leaf({ hosts: [name], days: DAYS });

export function savePair(folder: string, name: string, { cert, key }: Pair): void {
  makePrivate(folder);
  writePrivate(join(folder, `${name}.pem`), cert);
  writePrivate(join(folder, `${name}.key`), key);
}

/** Whoever dials a server by a name that its certificate is not for is refused, and at the server nothing shows it. */
export function refuseStrange({ cert }: OwnFiles, dialled: string): void {
  const host = bareHost(dialled);
  const own = certificateIn(cert);
  if ((isIP(host) === 0 ? own.checkHost(host) : own.checkIP(host)) !== undefined) return;
  throw new TrustError(
    `the certificate ${cert} is for ${own.subjectAltName ?? own.subject}, not for ${host}, which commands here would dial`,
    "name the host or the address that it is for, and that leads to this machine: --host NAME",
  );
}

function certificateIn(file: string): X509Certificate {
  const text = contentOf(file);
  try {
    return new X509Certificate(text);
  } catch {
    throw new TrustError(`${file} holds no certificate`, "--tls-cert names a PEM file: -----BEGIN …");
  }
}

/** Files that somebody else's authority made. */
export function adoptFiles(path: string, server: string, files: OwnFiles): void {
  const at = join(path, server, "tls");
  savePair(at, "server", readPair(files));
  writePrivate(join(at, "ca.pem"), contentOf(files.ca));
  if (server !== ".") writePrivate(join(path, "tls/ca.pem"), contentOf(files.ca));
}

/** Commands of the folder show the same certificate as its server. */
export const adoptClient = (path: string, files: OwnFiles): void =>
  savePair(join(path, "tls"), "client", readPair(files));

export const readPair = ({ cert, key }: OwnFiles): Pair => ({ cert: contentOf(cert), key: contentOf(key) });

/** Where a server listens, and nobody dials. */
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

async function authorityIn(path: string): Promise<Authority> {
  const [cert, key] = [join(path, "tls/ca.pem"), join(path, "tls/ca.key")];
  const { authorityOf } = await making();
  try {
    return await authorityOf({ cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") });
  } catch {
    throw new TrustError(
      `${key} is missing: certificates of this folder are not made here`,
      "name the files of your own authority: --tls-cert, --tls-key and --tls-ca",
    );
  }
}

function contentOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new TrustError(`cannot read ${file} (${code ?? message})`, "name a PEM file that you may read");
  }
}
