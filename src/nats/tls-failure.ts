/**
 * What went wrong with TLS, in words, and the next step. A server that does not accept our certificate says so after the
 * handshake, where the client does not listen: then it is asked once more, by hand.
 */
import type { PeerCertificate } from "node:tls";
import { serversIn, shownUrl } from "../domain/server-url.ts";
import type { TlsFiles } from "./connect-options.ts";
import { lookAtServer } from "./server-look.ts";

/** A sentence, and the next step. */
type Told = readonly [message: string, hint: string];

interface TlsError extends Error {
  readonly code?: string;
  readonly host?: string;
  readonly cert?: PeerCertificate;
}

const UNKNOWN = new Set([
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "CERT_SIGNATURE_FAILURE",
  "CERT_UNTRUSTED",
]);
const CLOCK = "check the clock of this machine; if it is right, the server needs another certificate";

/** Undefined where it was not TLS. */
export function tlsFailure(error: unknown, url: string, { ca }: TlsFiles = {}): Told | undefined {
  const { cert, code = "", host = "", message } = error as TlsError;
  const server = `the NATS server at ${url}`;
  if (message === "server does not support 'tls'") {
    const hint = "leave out --tls-ca, --tls-cert and --tls-key, or switch TLS on at the server";
    return [`${server} does not speak TLS`, hint];
  }
  if (UNKNOWN.has(code)) {
    const hint =
      ca === undefined
        ? "name the certificate of its authority with --tls-ca (or MESH_TLS_CA)"
        : `${ca} holds other authorities: name the one that signed it with --tls-ca`;
    return [`the certificate of ${server} is of no authority that is trusted here`, hint];
  }
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const hint = "dial it by a name that stands in its certificate, or give it one that has this name";
    return [`the certificate of ${server} is for ${namesIn(cert)}, not for ${host}`, hint];
  }
  if (code === "CERT_HAS_EXPIRED") return [`the certificate of ${server} has ended`, CLOCK];
  return code === "CERT_NOT_YET_VALID" ? [`the certificate of ${server} is not valid yet`, CLOCK] : undefined;
}

const namesIn = (cert: PeerCertificate | undefined): string =>
  cert?.subjectaltname?.replaceAll(/DNS:|IP Address:/g, "") ??
  [cert?.subject.CN ?? "nobody"].flat().join(", ");

/** A server that asks for a certificate waits for nobody who has none, or one that it does not trust. */
export async function refusedCertificate(url: string, files: TlsFiles = {}): Promise<Told | undefined> {
  for (const server of serversIn(url)) {
    const refusal = await refusalOf(server, files).catch(() => undefined);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

async function refusalOf(server: string, files: TlsFiles): Promise<Told | undefined> {
  const { objection } = await lookAtServer(server, files);
  if (objection === undefined) return undefined;
  if (objection.isMissing) {
    return [
      `the NATS server at ${shownUrl(server)} wants a certificate from whoever connects`,
      "name one with --tls-cert and its key with --tls-key (or MESH_TLS_CERT and MESH_TLS_KEY)",
    ];
  }
  return [
    `the NATS server at ${shownUrl(server)} refuses the certificate in ${files.cert}${objection.why}`,
    "name one with --tls-cert that an authority made which the server trusts",
  ];
}
