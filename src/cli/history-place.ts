/**
 * Where the ClickHouse of a mesh is: MESH_CLICKHOUSE_URL, else the embedded one, where the mesh's NATS server is embedded,
 * too. The embedded one is started when this is asked, and not before.
 */
import { readFileSync } from "node:fs";
import type { KeeperError } from "../keeper/keeper.ts";
import { DATABASE, type Locate, type Located, placeOfUrl } from "../wiring.ts";

const NONE = {
  reason: "absent",
  detail: "no ClickHouse is known for this mesh",
  hint: "name one in MESH_CLICKHOUSE_URL (http://user:password@host:8123)",
} as const;

/** For the mesh whose NATS server is at this address. */
export const historyLocator =
  (natsUrl: string): Locate =>
  async () => {
    const named = process.env["MESH_CLICKHOUSE_URL"];
    if (named !== undefined && named !== "") return placeOfUrl(named);
    const { inspectKeeper } = await import("../keeper/keeper.ts");
    const status = await inspectKeeper().catch(() => undefined);
    const isEmbedded = status?.servers.some(({ url }) => url === natsUrl) === true;
    return isEmbedded ? embedded() : NONE;
  };

async function embedded(): Promise<Located> {
  const { needServer } = await import("../keeper/need-server.ts");
  try {
    const { access, url } = await needServer("clickhouse");
    const loginOf = (name: string) => {
      const { passwordFile = "", user = "" } = access[name] ?? {};
      return { user, password: readFileSync(passwordFile, "utf8") };
    };
    const logins = { writer: loginOf("mesh"), reader: loginOf("reader") };
    return { place: { url, database: DATABASE, ...logins, isReaderLimited: true } };
  } catch (error) {
    const { hint = "", message, reason } = error as Partial<KeeperError> & Error;
    return { reason: reason === "absent" ? "absent" : "unavailable", detail: message, hint };
  }
}
