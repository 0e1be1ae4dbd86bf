/** Why there is no TLS with the server above, and what to do, from what a nats-server's log or a look at it says. Pure. */
import type { Objection } from "../../wiring.ts";

const OWN = "tls/leaf.pem, tls/leaf.key and the remotes in nats.conf";

/** `why`: Go's words for a handshake that failed. */
export function tlsWords(address: string, why: string): string {
  const certificate = `the certificate of the parent at ${address}`;
  const [, names, name] = OTHER_NAME.exec(why) ?? [];
  if (names !== undefined) {
    return `${certificate} is for ${names}, not for ${name}: dial it by a name that stands there (urls of the remotes in nats.conf), or let the hub have one with this name (mesh hub init --host)`;
  }
  const [, nameless] = NO_ADDRESS.exec(why) ?? [];
  if (nameless !== undefined) {
    return `${certificate} is for no address, so not for ${nameless}: dial it by a name that stands there (urls of the remotes in nats.conf)`;
  }
  if (/unknown authority/.test(why) && !why.startsWith("remote error")) {
    return `${certificate} is of no authority that this zone trusts: put tls/ca.pem of the hub's folder here as tls/parent-ca.pem`;
  }
  const [, ended] = /certificate has expired or is not yet valid: ([^(]*\S)/.exec(why) ?? [];
  if (ended !== undefined) {
    return `${certificate} is not valid now (${ended}): check the clock of this machine; if it is right, the hub needs another certificate`;
  }
  const [, refused] = /^remote error: tls: ([^(]*\S)/.exec(why) ?? [];
  return refused === undefined
    ? `there is no TLS with the parent at ${address}: ${why}`
    : `the parent at ${address} refuses the certificate of this zone's server (${refused}): it must be of the hub's authority; see ${OWN}`;
}

/** Behind it stands which certificate that was. */
const OTHER_NAME = /x509: certificate is valid for (.+), not (\S+)/;
const NO_ADDRESS = /x509: cannot validate certificate for (\S+) because/;

/** What the parent has against the certificate of this zone's server. */
export function objectionWords(address: string, { isMissing, why }: Objection): string {
  if (isMissing) {
    return `the parent at ${address} wants a certificate from this zone's server, which shows none: the hub's authority must sign one; it belongs into ${OWN}`;
  }
  return `the parent at ${address} refuses the certificate tls/leaf.pem of this zone's server${why}: the hub's authority must sign it; it belongs into ${OWN}`;
}
