/** What bare Node can send from one core: undici's dispatch, and sockets with nothing around them. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { CONNECTIONS, type Peer, type PeerFigures, runBoundMs, type Workplace } from "../../versus/peer.ts";

const main = join(import.meta.dirname, "bare-main.ts");
const { version: undiciVersion } = createRequire(import.meta.url)("undici/package.json") as {
  version: string;
};

const bare =
  (kind: "undici" | "sockets", version: string, work: string) =>
  (place: Workplace): Peer => ({
    name: kind,
    work,
    prepare: () => Promise.resolve(`${version} (Node ${process.versions.node})`),
    run: async (url, seconds) => {
      const args = [main, kind, url, String(CONNECTIONS), String(seconds)];
      const { stdout } = await place.pinned(process.execPath, args, { boundMs: runBoundMs(seconds) });
      return JSON.parse(stdout) as PeerFigures;
    },
  });

export const undici = bare("undici", undiciVersion, "nothing: bare dispatch, a client per connection");
export const sockets = bare("sockets", "node:net", "nothing: a write, and a search for the end of a head");
