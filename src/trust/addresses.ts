/** HOST:PORT as people write it: read, counted up, and made an address that others dial. */
import { isIP } from "node:net";
import { TrustError } from "./trust-error.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** It will stand in configurations, in quotes: nothing that is escaped there may be in it. */
const NAME = /^[\p{L}\p{N}._-]+$/u;
const ADDRESS = /^(\[[^\]]+\]|[^[\]:]+):(\d{1,5})$/;

export function readAddress(text: string, flag: string): Address {
  const [, host = "", digits] = ADDRESS.exec(text) ?? [];
  const port = Number(digits);
  if (isHost(host) && port >= 1 && port <= 65_535) return { host, port };
  throw new TrustError(
    `${flag} ${JSON.stringify(text)} is no address`,
    `write HOST:PORT, such as ${flag} 0.0.0.0:4222`,
  );
}

/** An IPv6 address stands in brackets where a port may follow. */
const isHost = (text: string): boolean => (text.startsWith("[") ? isV6(bareHost(text)) : NAME.test(text));

/** Without the name of a network card of this machine. */
const isV6 = (text: string): boolean => isIP(text) === 6 && !text.includes("%");

export const bareHost = (host: string): string => host.replace(/^\[|\]$/g, "");

/** A name or an address without a port, as it stands in front of one. */
export function readHost(text: string, flag: string): string {
  const bare = bareHost(text);
  if (isV6(bare)) return `[${bare}]`;
  if (NAME.test(text)) return text;
  throw new TrustError(
    `${flag} ${JSON.stringify(text)} is no name of a host and no address`,
    `write it without a port, such as ${flag} hub.example`,
  );
}

const URL_FORM = /^([a-z-]+):\/\/(\[[^\]]+\]|[^[\]:]+)(?::(\d{1,5}))?\/?$/;
const URL_SCHEMES: ReadonlySet<string> = new Set(["nats", "nats-leaf", "tls", "ws", "wss"]);

/** An address that a server dials. It stands in its configuration: a login in it would be a secret there. */
export function checkUrl(text: string, flag: string): void {
  const [, scheme = "", host = "", port = ""] = URL_FORM.exec(text) ?? [];
  if (URL_SCHEMES.has(scheme) && isHost(host) && Number(port) <= 65_535) return;
  throw new TrustError(
    `${flag} ${JSON.stringify(text)} is no address of a server`,
    `write nats://HOST:PORT or tls://HOST:PORT, without a login: ${flag} tls://hub.example:7422`,
  );
}

export const addressText = ({ host, port }: Address): string => `${host}:${port}`;

/** The address of the n-th server on the same host. */
export function nth({ host, port }: Address, n: number, flag: string): Address {
  return readAddress(`${host}:${port + n}`, flag);
}

/** A listener on every address of a machine cannot be dialled by that name. */
export const isEverywhere = ({ host }: Address): boolean => host === "0.0.0.0" || host === "[::]";

/** What a server's TLS says about how it is dialled. */
export interface DialledTls {
  /** The name in a certificate that somebody else made: under any other it is refused. */
  readonly host?: string | undefined;
}

/** How somebody on the same machine reaches it. */
export const reached = (address: Address, tls: DialledTls | undefined): Address => ({
  ...address,
  host: tls?.host ?? (isEverywhere(address) ? "127.0.0.1" : address.host),
});

/** The same as a URL; without TLS it is in the clear. */
export const dialled = (address: Address, tls: DialledTls | undefined): string =>
  `${tls === undefined ? "nats" : "tls"}://${addressText(reached(address, tls))}`;
