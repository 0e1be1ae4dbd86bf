/**
 * A link (`link.ts`) as a process of its own, so that its connections are made in the network namespace in which it was
 * started. Its listening socket is made here, or sent by its parent, who then listens in another namespace. Arguments:
 * the host and port that it leads to, and where it listens (nothing: the parent sends a socket). Ends with its parent.
 */
import type { Server } from "node:net";
import { FaultyLink, type LinkFaults, listenOn } from "./link.ts";

export type LinkOrder = { readonly set: LinkFaults } | "reset" | "listen";

const [host = "", port = "", from] = process.argv.slice(2);
const link = new FaultyLink({ host, port: Number(port) });
const answer = (text: string) => void process.send?.(text);

process.once("disconnect", () => process.exit(0));
process.on("message", (order: LinkOrder, handle: unknown) => {
  if (order === "listen") link.serve(handle as Server);
  else if (order === "reset") link.reset();
  else link.set(order.set);
  answer("done");
});

if (from !== undefined) {
  const { server, port: at } = await listenOn(from);
  link.serve(server);
  answer(`${from}:${at}`);
} else answer("ready");
