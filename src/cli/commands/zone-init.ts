import { Args, Flags } from "@oclif/core";
import { KeysCommand } from "../keys-command.ts";
import type { Done } from "../trust/done.ts";
import { expiresFlag, parentFlags, tlsFlags } from "../trust/choices.ts";

export class ZoneInit extends KeysCommand {
  static override summary = "Make a private zone: both ends' configuration and credentials";
  static override description =
    "The hub gets an account for the zone, at once where it runs. The zone gets a folder of its own: carry it to a machine inside the private network; its server dials out, and nothing dials in.";
  static override examples = [
    "<%= config.bin %> zone init eu --hub hub --url nats://hub.example:7422",
    "<%= config.bin %> zone init eu --hub hub --agents 4 --expires 90d",
    "<%= config.bin %> zone init eu-lab --parent zone-eu",
  ];
  static override args = {
    name: Args.string({ description: "name of the zone, unique in the mesh", required: true }),
  };
  static override flags = {
    ...parentFlags,
    dir: Flags.string({ summary: "folder to make (default: zone-NAME)" }),
    url: Flags.string({
      summary: "address at which the zone dials its parent; repeatable (default: where it listens here)",
      multiple: true,
    }),
    agents: Flags.integer({ summary: "agents to make credentials for", min: 0, max: 10_000, default: 1 }),
    listen: Flags.string({
      summary: "HOST:PORT of the zone's own server (default: 127.0.0.1 and the first free port from 4223 on)",
    }),
    leaf: Flags.string({ summary: "HOST:PORT where it takes inner zones (default: it takes none)" }),
    ...tlsFlags,
    ...expiresFlag,
  };

  async run(): Promise<Done> {
    const { args, flags } = await this.parse(ZoneInit);
    const { zoneInit } = await import("../trust/make.ts");
    return this.tellDone(await zoneInit(args.name, flags));
  }
}
