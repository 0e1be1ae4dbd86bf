/** HOST:PORT as people write it: read, counted up, and made an address that others dial. */
import { TrustError } from "./trust-error.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

const ADDRESS = /^(\[[0-9a-fA-F:.]+\]|[^\s:[\]/@,]+):(\d{1,5})$/;

export function readAddress(text: string, flag: string): Address {
  const [, host, digits] = ADDRESS.exec(text) ?? [];
  const port = Number(digits);
  if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
  throw new TrustError(
    `${flag} ${JSON.stringify(text)} is no address`,
    `write HOST:PORT, such as ${flag} 0.0.0.0:4222`,
  );
}

export const addressText = ({ host, port }: Address): string => `${host}:${port}`;

/** The address of the n-th server on the same host. */
export function nth({ host, port }: Address, n: number, flag: string): Address {
  return readAddress(`${host}:${port + n}`, flag);
}

/** A listener on every address of a machine cannot be dialled by that name. */
export const isEverywhere = ({ host }: Address): boolean => host === "0.0.0.0" || host === "[::]";

/** How somebody on the same machine reaches it. */
export const dialled = (address: Address, isTls: boolean): string =>
  `${isTls ? "tls" : "nats"}://${addressText({ ...address, host: isEverywhere(address) ? "127.0.0.1" : address.host })}`;
