import { Args, Flags } from "@oclif/core";
import { KeysCommand } from "../keys-command.ts";
import type { Done } from "../trust/done.ts";
import { expiresFlag, tlsFlags } from "../trust/choices.ts";

export class HubInit extends KeysCommand {
  static override summary = "Make the folder of a hub: its server's configuration, keys and credentials";
  static override description =
    "Private zones dial a hub. The folder holds an operator, the accounts, credentials for root, a door, whoever only watches, and the system; each can do its job and nothing else.";
  static override examples = [
    "<%= config.bin %> hub init hub",
    "<%= config.bin %> hub init hub --listen 0.0.0.0:4222 --leaf 0.0.0.0:7422 --tls server --host hub.example",
    "<%= config.bin %> hub init hub --shared --cluster 3",
  ];
  static override args = {
    dir: Args.string({ description: "folder to make", required: true }),
  };
  static override flags = {
    listen: Flags.string({ summary: "HOST:PORT for root, doors and watchers", default: "127.0.0.1:4222" }),
    leaf: Flags.string({ summary: "HOST:PORT for the zones' servers", default: "127.0.0.1:7422" }),
    cluster: Flags.integer({ summary: "servers, each on the next port", min: 1, max: 9, default: 1 }),
    shared: Flags.boolean({
      summary: "zones and agents use the same servers, with one login that may do everything in the mesh",
    }),
    route: Flags.string({ summary: "HOST:PORT where the first server of a cluster listens for the others" }),
    ...tlsFlags,
    ...expiresFlag,
  };

  async run(): Promise<Done> {
    const { args, flags } = await this.parse(HubInit);
    const { hubInit } = await import("../trust/make.ts");
    return this.tellDone(await hubInit(args.dir, flags));
  }
}
