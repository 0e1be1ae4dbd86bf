/**
 * TLS as the client wants it, from files that a person names. The files are tried before anything is dialled, and read
 * again at each connect, so that a certificate that was replaced counts without a new start.
 */
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { checkServerIdentity, createSecureContext, type PeerCertificate } from "node:tls";
import { serversIn } from "../domain/server-url.ts";
import { ConnectFailure } from "./connect-failure.ts";
import type { TlsFiles } from "./connect-options.ts";

/** What the client is given; undefined leaves it to the server, and to the authorities that this machine trusts. */
export async function tlsOf({ ca, cert, key }: TlsFiles = {}, url: string) {
  const isAsked = [ca, cert, key].some((file) => file !== undefined);
  if (!isAsked && !/^tls:/i.test(url)) return undefined;
  if ((cert === undefined) !== (key === undefined)) {
    const [have, lack] = cert === undefined ? ["--tls-key", "--tls-cert"] : ["--tls-cert", "--tls-key"];
    throw unusable(`${have} names a file, and ${lack} none`, "a certificate and its key go together");
  }
  await tryFiles({ ca, cert, key });
  return {
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(cert === undefined ? {} : { certFile: cert }),
    ...(key === undefined ? {} : { keyFile: key }),
    checkServerIdentity: identityCheck(url),
  };
}

async function tryFiles({ ca, cert, key }: TlsFiles): Promise<void> {
  const pems = await Promise.all([pemIn(ca, "--tls-ca"), pemIn(cert, "--tls-cert"), pemIn(key, "--tls-key")]);
  const [caPem, certPem, keyPem] = pems;
  tryContext({ ca: caPem }, `${ca} holds no certificate of an authority`, "--tls-ca names a PEM file");
  const pair = `the certificate in ${cert} and the key in ${key} cannot be used together`;
  tryContext(
    { cert: certPem, key: keyPem },
    pair,
    "--tls-cert and --tls-key name PEM files that belong together",
  );
}

async function pemIn(file: string | undefined, flag: string): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw unusable(`cannot read the file ${file}`, `${flag} names a PEM file`, error);
  });
  if (text.includes("-----BEGIN")) return text;
  throw unusable(`${file} is no PEM file`, `${flag} names one: -----BEGIN …`);
}

function tryContext(
  options: Readonly<Record<string, string | undefined>>,
  message: string,
  hint: string,
): void {
  try {
    createSecureContext(options);
  } catch (error) {
    throw unusable(message, hint, error);
  }
}

const unusable = (message: string, hint: string, cause?: unknown): ConnectFailure =>
  new ConnectFailure(message, hint, cause, true);

/** What Node checks a certificate against where it was given no name to dial. */
const NAMELESS = "localhost";

/**
 * The client dials an address without telling Node, which then looks for another name in the certificate: it must be for
 * one of the addresses that were to be dialled.
 */
function identityCheck(url: string): (host: string, certificate: PeerCertificate) => Error | undefined {
  const hosts = serversIn(url).map(hostOf);
  const addresses = hosts.filter((host) => isIP(host) !== 0);
  return (host, certificate) => {
    if (host !== NAMELESS || addresses.length === 0) return checkServerIdentity(host, certificate);
    const candidates = hosts.includes(NAMELESS) ? [NAMELESS, ...addresses] : addresses;
    const failures = candidates.map((each) => checkServerIdentity(each, certificate));
    return failures.includes(undefined) ? undefined : failures[0];
  };
}

/** Without scheme, port, and the brackets of an IPv6 address. */
const hostOf = (server: string): string =>
  server
    .replace(/^[a-z+]+:\/\//i, "")
    .replace(/:\d+$/, "")
    .replaceAll(/[[\]]/g, "");
