import { Args, Flags } from "@oclif/core";
import { KeysCommand } from "../keys-command.ts";
import type { Done } from "../trust/done.ts";
import { expiresFlag, parentFlags } from "../trust/choices.ts";

export class ZoneRotate extends KeysCommand {
  static override summary = "Make new credentials for a private zone, while runs go on";
  static override description =
    "With the hub's folder for the link, with the zone's own for its coordinator and its agents. Running processes read the new files when they connect next; with --revoke that is at once. The new credentials of a link whose zone was carried away lie in zones/NAME.leaf.creds of the hub's folder: carry them, too.";
  static override examples = [
    "<%= config.bin %> zone rotate eu --hub hub --dir zone-eu --expires 90d",
    "<%= config.bin %> zone rotate eu --hub hub --revoke",
  ];
  static override args = {
    name: Args.string({ description: "name of the zone", required: true }),
  };
  static override flags = {
    ...parentFlags,
    dir: Flags.string({
      summary: "the zone's folder (default: where it was made, if its server runs there)",
    }),
    revoke: Flags.boolean({ summary: "the old credentials end at once" }),
    ...expiresFlag,
  };

  async run(): Promise<Done> {
    const { args, flags } = await this.parse(ZoneRotate);
    const { zoneRotate } = await import("../trust/renew-zone.ts");
    return this.tellDone(await zoneRotate(args.name, flags));
  }
}
