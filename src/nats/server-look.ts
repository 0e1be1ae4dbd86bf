/**
 * A look at a server before any login: what it says first to whoever comes, client or leaf node, and whether it takes our
 * certificate. One that it does not take it refuses after the handshake, where clients do not listen.
 */
import { readFile } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import { connect } from "node:tls";
import type { TlsFiles } from "./connect-options.ts";

export interface ServerLook {
  readonly version: string;
  /** What it has against our certificate. */
  readonly objection: Objection | undefined;
}

/** `isMissing`: it asks for a certificate, and we have none. `why` continues a sentence, and may be empty. */
export interface Objection {
  readonly isMissing: boolean;
  readonly why: string;
}

/** The whole look at one server, which is local or a link away. */
const LOOK_WITHIN_MS = 2000;

/** Rejects where nobody answers, or whoever does is no NATS server. */
export async function lookAtServer(server: string, files: TlsFiles = {}): Promise<ServerLook> {
  const { hostname, port } = new URL(server.includes("://") ? server : `nats://${server}`);
  const socket = createConnection({ host: hostname.replaceAll(/[[\]]/g, ""), port: Number(port || 4222) });
  const late = setTimeout(() => socket.destroy(), LOOK_WITHIN_MS);
  try {
    const {
      tls_required: isSecret = false,
      tls_verify: asks = false,
      version = "",
    } = await greetingOf(socket);
    return { version, objection: isSecret ? await objectionOf(socket, files, asks) : undefined };
  } finally {
    clearTimeout(late);
    socket.destroy();
  }
}

interface Greeting {
  readonly version?: string;
  readonly tls_required?: boolean;
  readonly tls_verify?: boolean;
}

const greetingOf = async (socket: Socket): Promise<Greeting> =>
  JSON.parse((await firstLine(socket)).replace(/^INFO /, "")) as Greeting;

function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const onData = (bytes: Buffer): void => {
      text += bytes.toString("latin1");
      if (!text.includes("\n")) return;
      socket.off("data", onData);
      resolve(text.slice(0, text.indexOf("\n")));
    };
    socket.on("data", onData);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("it said nothing")));
  });
}

/** Where it asks for no certificate, the handshake is made all the same: one that is broken off stands in the server's log. */
async function objectionOf(socket: Socket, files: TlsFiles, asks: boolean): Promise<Objection | undefined> {
  const [ca, cert, key] = await Promise.all([files.ca, files.cert, files.key].map(contentOf));
  if (asks && cert === undefined) return { isMissing: true, why: "" };
  // Whether we trust the server is not asked here, and nothing is said to it.
  const secured = connect({ socket, ca, cert, key, rejectUnauthorized: false });
  if (!asks) secured.once("secureConnect", () => secured.end());
  const why = await alertOf(secured);
  return why === undefined ? undefined : { isMissing: false, why };
}

const contentOf = async (file: string | undefined): Promise<string | undefined> =>
  file === undefined ? undefined : readFile(file, "utf8");

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
