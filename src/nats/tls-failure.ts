/**
 * What went wrong with TLS, in words, and the next step. A server that does not accept our certificate says so after the
 * handshake, where the client does not listen: then it is asked once more, by hand.
 */
import { readFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { connect, type PeerCertificate } from "node:tls";
import { serversIn, shownUrl } from "../domain/server-url.ts";
import type { TlsFiles } from "./connect-options.ts";

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

/** The whole look at one server, which is local or a link away. */
const LOOK_WITHIN_MS = 2000;

async function refusalOf(server: string, files: TlsFiles): Promise<Told | undefined> {
  const { hostname, port } = new URL(server.includes("://") ? server : `nats://${server}`);
  const [ca, cert, key] = await Promise.all([files.ca, files.cert, files.key].map(contentOf));
  const socket = createConnection({ host: hostname.replaceAll(/[[\]]/g, ""), port: Number(port || 4222) });
  const late = setTimeout(() => socket.destroy(), LOOK_WITHIN_MS);
  try {
    const info = await firstLine(socket);
    if (!info.includes('"tls_verify":true')) return undefined;
    if (cert === undefined) {
      return [
        `the NATS server at ${shownUrl(server)} wants a certificate from whoever connects`,
        "name one with --tls-cert and its key with --tls-key (or MESH_TLS_CERT and MESH_TLS_KEY)",
      ];
    }
    // Whether we trust the server is not asked here, and nothing is said to it.
    const why = await alertOf(connect({ socket, ca, cert, key, rejectUnauthorized: false }));
    if (why === undefined) return undefined;
    const message = `the NATS server at ${shownUrl(server)} refuses the certificate in ${files.cert}${why}`;
    return [message, "name one with --tls-cert that an authority made which the server trusts"];
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}

const contentOf = async (file: string | undefined): Promise<string | undefined> =>
  file === undefined ? undefined : readFile(file, "utf8");

function firstLine(socket: ReturnType<typeof createConnection>): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const onData = (bytes: Buffer): void => {
      text += bytes.toString("latin1");
      if (!text.includes("\n")) return;
      socket.off("data", onData);
      resolve(text);
    };
    socket.on("data", onData);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("it said nothing")));
  });
}

/** The alert with which the server ends the handshake, in words; undefined when it goes on. */
function alertOf(secured: ReturnType<typeof connect>): Promise<string | undefined> {
  return new Promise((resolve) => {
    secured.on("error", ({ code = "" }: NodeJS.ErrnoException) => resolve(wordsOf(code)));
    secured.on("close", () => resolve(undefined));
  });
}

function wordsOf(code: string): string | undefined {
  if (!/ALERT/.test(code)) return undefined;
  if (/UNKNOWN_CA/.test(code)) return ": it trusts no authority of it";
  return /EXPIRED/.test(code) ? ": it has ended" : "";
}
