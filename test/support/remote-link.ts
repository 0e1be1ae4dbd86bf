/** Starts `link-main.ts` at a site and speaks to it. It ends with this process even if that is killed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Server } from "node:net";
import { join } from "node:path";
import type { Link } from "./link.ts";
import type { LinkOrder } from "./link-main.ts";

const MAIN = join(import.meta.dirname, "link-main.ts");
const BOUND_MS = 30_000;

/** Where a program runs. */
interface Place {
  readonly command: (program: string, args: readonly string[]) => readonly [string, readonly string[]];
}

/**
 * A link whose connections are made at the site. It listens at an address of the site, or on a server of this process:
 * a socket stays in the network in which it was made, whoever takes its connections.
 */
export async function startLinkAt(
  site: Place,
  to: { readonly host: string; readonly port: number },
  from: string | { readonly server: Server; readonly port: number },
): Promise<Link> {
  const args = [MAIN, to.host, String(to.port), ...(typeof from === "string" ? [from] : [])];
  const [program, given] = site.command(process.execPath, args);
  const child = spawn(program, given, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const gone = once(child, "exit"); // "close" does not come after a disconnect
  const answer = async (): Promise<string> => {
    const [text] = await once(child, "message", { signal: AbortSignal.timeout(BOUND_MS) });
    return String(text);
  };
  const tell = async (order: LinkOrder, handle?: Server) => {
    const heard = answer();
    child.send(order, handle);
    await heard;
  };
  let at = await answer();
  if (typeof from !== "string") {
    await tell("listen", from.server);
    from.server.close();
    at = `127.0.0.1:${from.port}`;
  }
  return {
    at,
    set: (faults) => tell({ set: faults }),
    reset: () => tell("reset"),
    [Symbol.asyncDispose]: async () => {
      if (child.connected) child.disconnect();
      await gone;
    },
  };
}
