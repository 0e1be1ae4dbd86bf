/**
 * The certificates of a folder: an authority of its own in `tls/`, or files that were brought along. Each server, each
 * zone below and, with mutual TLS, each client has one of the same authority.
 */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
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
  const all = ["localhost", hostname(), "127.0.0.1", "::1", ...hosts.map((host) => bare(host))];
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

/** Files that somebody else's authority made. */
export function adoptFiles(path: string, server: string, files: OwnFiles): void {
  const at = join(path, server, "tls");
  savePair(at, "server", { cert: contentOf(files.cert), key: contentOf(files.key) });
  writePrivate(join(at, "ca.pem"), contentOf(files.ca));
  if (server !== ".") writePrivate(join(path, "tls/ca.pem"), contentOf(files.ca));
}

/** Commands of the folder show the same certificate as its server. */
export const adoptClient = (path: string, { cert, key }: OwnFiles): void =>
  savePair(join(path, "tls"), "client", { cert: contentOf(cert), key: contentOf(key) });

/** Where a server listens, and nobody dials. */
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

const bare = (host: string): string => host.replace(/^\[|\]$/g, "");

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
