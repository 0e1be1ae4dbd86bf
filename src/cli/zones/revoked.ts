/** After a zone's credentials were revoked: the mesh log is told, with the hub's own door, where a root leads there. */
import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { requestRevoked } from "../../roles/door/ask-mesh.ts";
import { actor } from "../actor.ts";
import { askServer } from "../at-server.ts";
import { readConfigFile } from "../settings/config-file.ts";
import { credsFor } from "../settings/given.ts";

/** One line for whoever revoked; the revocation holds in any case. */
export async function tellRevoked(hubFolder: string, zone: string): Promise<string> {
  try {
    const { config } = await readConfigFile(join(hubFolder, "mesh.config.json"));
    const creds = credsFor("zone:revoke", config);
    // It names its files as commands in its folder see them.
    const there = (file: string) => resolve(hubFolder, file);
    const tls = Object.entries(config.tls ?? {}).map(([kind, file]) => [kind, there(file)] as const);
    const place = {
      nats: config.nats,
      creds: creds === undefined ? undefined : there(creds),
      tlsFiles: tls.length === 0 ? undefined : Object.fromEntries(tls),
    };
    const id = `${zone}-revoked-${randomBytes(4).toString("hex")}`;
    await askServer(
      place,
      () => {},
      (server) => requestRevoked(server, { zone, actor: actor(), id }),
    );
    return "it stands in the mesh log, and the zone gets no new runs";
  } catch (error) {
    return `the mesh log does not say so yet: ${(error as Error).message}`;
  }
}
