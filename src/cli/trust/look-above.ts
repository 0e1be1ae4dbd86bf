/**
 * A look at the server above, from the folder of a zone's server: whether it is one that Mesh can use, and what it has
 * against this server's certificate, which it tells nobody but its own log.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NATS_SERVER_MINIMUM } from "../../../streams/version.ts";
import { isNewEnough, parseVersion } from "../../domain/program-version.ts";
import type { ServerLook } from "../../wiring.ts";
import { objectionWords } from "./link-tls-words.ts";
import type { AboveIs } from "./link-words.ts";

/** For whoever hears of a link in the log of the folder's server: what is wrong, in a sentence. */
export const lookerFrom =
  (folder: string) =>
  async (address: string, is: AboveIs): Promise<string | undefined> => {
    const found = await lookAt(folder, address).catch(() => undefined);
    const wrong = found && wrongIn(address, found);
    return wrong ?? (is === "linked" ? undefined : silent(address));
  };

/** The same for each address that the folder's server dials. One that cannot be reached is no fault while another one is linked. */
export async function wrongAbove(folder: string, isUp: boolean): Promise<string | undefined> {
  for (const address of parentsIn(folder)) {
    const found = await lookAt(folder, address).catch((error: NodeJS.ErrnoException) => error);
    const wrong = found instanceof Error ? away(address, found) : wrongIn(address, found);
    if (wrong !== undefined && !(isUp && found instanceof Error)) return wrong;
  }
  return undefined;
}

async function lookAt(folder: string, address: string): Promise<ServerLook> {
  const { lookAtServer } = await import("../../wiring.ts");
  // With mutual TLS `mesh zone init` puts them there.
  const [cert, key] = [join(folder, "tls/leaf.pem"), join(folder, "tls/leaf.key")];
  return lookAtServer(address, existsSync(cert) ? { cert, key } : {});
}

function wrongIn(address: string, { objection, version }: ServerLook): string | undefined {
  const parsed = parseVersion(version);
  if (parsed !== undefined && !isNewEnough(parsed)) {
    return `the parent at ${address} is nats-server ${version}; Mesh needs ${NATS_SERVER_MINIMUM} or newer: whoever keeps it must upgrade it`;
  }
  return objection && objectionWords(address, objection);
}

/** `host:port` of each URL of the remotes; none where this is no folder of a zone's server. */
function parentsIn(folder: string): readonly string[] {
  const file = join(folder, "nats.conf");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "";
  const [, urls = ""] = /\bremotes\b[\s\S]*?\burls?\b[\s:=]*(\[[^\]]*\]|\S+)/.exec(text) ?? [];
  return [...urls.matchAll(/\w+:\/\/([^\s"',\]]+)/g)].map(([, address = ""]) => address);
}

const away = (address: string, { code, message }: NodeJS.ErrnoException): string =>
  `the parent at ${address} cannot be reached: ${code === "ECONNREFUSED" ? "nobody listens there" : message}`;

const silent = (address: string): string =>
  `the parent at ${address} ends the link each time and does not say why: the log of that server does (mesh server DIR there)`;
